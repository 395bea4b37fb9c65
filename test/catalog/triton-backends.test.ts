import { describe, expect, it } from "vitest";
import {
  interfaceSources,
  knownInterfaces,
  modelConfigSource,
  restrictedApis,
  tritonBackendIds,
  tritonBackends,
} from "../../catalog/triton-backends";
import { openaiFrontEnd, tritonImageDigest, tritonImageDigests, vllmInTriton } from "../../catalog/triton-images";
import { vllmBehaviour } from "../../catalog/engines";
import { tritonVersions } from "../../catalog/triton";
import { sourceSchema } from "./schemas";

describe("Triton's backends", () => {
  it("have each their source, and a name in a config", () => {
    for (const id of tritonBackendIds) {
      const { config, source } = tritonBackends[id];
      expect(Object.values(config)).toEqual([expect.stringMatching(/^[a-z_]+$/)]);
      expect(sourceSchema.parse(source).source).toMatch(/triton|TensorRT/);
    }
  });

  it.each([
    ["vllm", ["vllm"]],
    ["tensorrtllm", ["tensorrtllm"]],
    ["llmapi", ["tensorrtllm"]],
    ["onnxruntime", ["all"]],
    ["python", ["all", "vllm", "tensorrtllm"]],
    ["tensorflow", []],
  ] as const)("%s is in the images %j", (id, images) => {
    expect(tritonBackends[id].images).toEqual(images);
  });

  it.each([
    ["vllm", "text_input", { type: "TYPE_STRING", optional: false }],
    ["vllm", "sampling_parameters", { type: "TYPE_STRING", optional: true }],
    ["llmapi", "streaming", { type: "TYPE_BOOL", optional: true }],
    ["tensorrtllm", "request_output_len", { type: "TYPE_INT32", scalar: true, optional: false }],
    ["tensorrtllm", "input_ids", { type: "TYPE_INT32", ragged: true, optional: true }],
  ] as const)("the models of %s have the input %s", (backend, name, tensor) => {
    expect(knownInterfaces[backend].inputs.find((input) => input.name === name)).toMatchObject(tensor);
  });

  it("name each tensor once on its side", () => {
    for (const [backend, { inputs, outputs }] of Object.entries(knownInterfaces)) {
      for (const side of [inputs, outputs])
        expect(new Set(side.map(({ name }) => name)).size, backend).toBe(side.length);
    }
  });

  it("say where their tensors come from", () => {
    for (const source of [
      ...Object.values(interfaceSources),
      modelConfigSource,
      openaiFrontEnd.source,
      restrictedApis.source,
    ])
      expect(sourceSchema.parse(source).date).toMatch(/^2026-/);
  });
});

describe("Triton's images", () => {
  it("have a vLLM inside whose behaviour is known, in every version", () => {
    for (const version of tritonVersions) expect(vllmBehaviour(vllmInTriton(version) ?? "")).toBeDefined();
    expect(vllmInTriton("25.01")).toBeUndefined();
  });

  it("are pinned where others pin them, and nobody calls that checked", () => {
    for (const { version, kind, digest, ...source } of tritonImageDigests) {
      expect(digest, `${version} ${kind}`).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(sourceSchema.parse(source).standing).toBe("recalled");
    }
    expect(tritonImageDigest("26.07", "vllm")).toBeDefined();
    expect(tritonImageDigest("26.07", "all")).toBeUndefined();
  });
});
