import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { vllmFlag } from "../../../catalog/engine-flags";
import { rayVllmVersions } from "../../../catalog/ray";
import { serveConfig } from "../../../components/releases/ray-serve/render";
import type { RayServePlan } from "../../../planning";
import { smallest } from "../../harness/environments";
import { withRay as withRayRelease } from "../../harness/ray";
import { findingOf, findingsOf, planOf, roomy, usualLoad, type Written } from "../parsed";

const withRay = (changes: Written = {}, more: Written = {}): Written =>
  withRayRelease(changes, { pools: { gpus: roomy }, ...more });

function ray(changes: Written = {}, more: Written = {}): RayServePlan {
  const found = planOf(withRay(changes, more)).releases["chat"];
  if (found?.kind !== "ray-serve") throw new Error("not planned as Ray Serve");
  return found;
}

describe("a release in Ray Serve", () => {
  test("is a language model like any other, on Ray's ports and without a key of its own", () => {
    expect(ray()).toMatchObject({
      version: "2.60.0",
      vllm: "0.29.0",
      tensorParallel: 1,
      apiKey: null,
      endpoint: { service: "chat", protocol: "openai", port: 8000, metrics: { port: 8080 } },
      runs: { kind: "ray-service", autoscaled: false, upgrade: "NewCluster" },
    });
  });

  test("waits in its pause for the longest request: Ray's process ends at once", () => {
    expect(ray({ longestRequest: "2m" }).seconds).toMatchObject({ preStop: 135, drain: 0, grace: 150 });
    expect(findingsOf(withRay()).map(({ id }) => id)).not.toContain("engine-aborts-requests");
  });

  test("asks for Ray's memory beside the engine's, in the shared memory, too", () => {
    const vllm = planOf({ ...withRay(), releases: smallest.releases }).releases["chat"];
    const worker = ray();
    expect(worker.resources.memoryGiB).toBe((vllm?.resources.memoryGiB ?? NaN) + 4);
    expect(worker.pod.volumes["shm"]).toEqual({ kind: "memory", sizeGiB: 3 });
  });

  test("has a head beside its workers, for which there has to be a place", () => {
    const machine = { cpu: 9, memory: "64GiB", disk: "300GiB" };
    const pool = { ...smallest.pools.gpus, gpusPerNode: 1, nodes: { max: 1 }, machine };
    const found = findingOf(withRay({}, { pools: { gpus: pool } }), "pool-too-small");
    expect(found).toMatchObject({ level: "error", at: ["releases", "chat", "replicas"] });
    expect(found?.message).toContain("1 of 1 pods find no place in the pool gpus (1 machines)");
  });

  test("is reached by the gateway, the metrics collector and KubeRay, whose token the dashboard asks for", () => {
    const ingress = (changes: Written) =>
      ray(changes).flows.flatMap((flow) =>
        flow.direction === "ingress"
          ? [`${"part" in flow.from ? flow.from.part : flow.from.namespace} ${flow.port}`]
          : [],
      );
    const closed = ["gateway 8000", "observability 8080", "kuberay-system 8265", "kuberay-system 8000"];
    expect(ingress({})).toEqual(closed);
    expect(ingress({ dashboard: true, operatorNamespace: "ray" })).toEqual([
      ...closed.map((each) => each.replace("kuberay-system", "ray")),
      "gateway 8265",
    ]);
  });

  test("is scaled by Ray between its bounds, which its autoscaler tells the API server", () => {
    const { runs, flows, scaling } = ray({ replicas: { min: 1, max: 4 }, maxSequences: 32 });
    expect(runs).toMatchObject({ autoscaled: true, serve: { replicas: { min: 1, max: 4 }, targetRequests: 22 } });
    expect(scaling).toBeUndefined();
    expect(flows).toContainEqual({
      direction: "egress",
      to: "networks",
      networks: ["10.0.0.0/28"],
      port: 6443,
      reason: "Ray's autoscaler changes the number of workers",
    });
  });
});

describe("what Ray Serve is told to run", () => {
  const many = { quantization: "fp8", kvCache: "fp8", enforceEager: true, prefixCaching: false, tensorParallel: 2 };

  test("is one application with the engine's arguments by their types", () => {
    const { runs } = ray({ replicas: 3 });
    expect(parse(serveConfig("chat", runs.serve))).toEqual({
      applications: [
        {
          name: "chat",
          route_prefix: "/",
          import_path: "ray.serve.llm:build_openai_app",
          args: {
            llm_configs: [
              {
                model_loading_config: { model_id: "chat", model_source: "Qwen/Qwen3-8B" },
                engine_kwargs: expect.objectContaining({
                  revision: smallest.releases.chat.revision,
                  max_model_len: 8192,
                  gpu_memory_utilization: 0.9,
                  dtype: "bfloat16",
                }),
                deployment_config: {
                  num_replicas: 3,
                  max_ongoing_requests: 64,
                  graceful_shutdown_timeout_s: 300,
                },
              },
            ],
          },
        },
      ],
    });
  });

  test("names only arguments that this vLLM's engine has, none of its server", () => {
    const { engine } = ray(many).runs.serve;
    const { vllm } = rayVllmVersions["2.60.0"];
    const unknown = Object.keys(engine).filter(
      (name) => vllmFlag(vllm, `--${name.replaceAll("_", "-")}`) === undefined,
    );
    expect(unknown).toEqual([]);
    expect(engine).toMatchObject({ quantization: "fp8", enforce_eager: true, enable_prefix_caching: false });
    expect(Object.keys(engine)).not.toEqual(expect.arrayContaining(["port"]));
    expect(engine).not.toHaveProperty("shutdown_timeout");
    expect(engine).not.toHaveProperty("served_model_name");
  });
});

describe("Ray Serve is refused", () => {
  test("without KubeRay, an image, or the way to the API server", () => {
    expect(findingOf(withRay({}, { clusters: smallest.clusters }), "operator-missing")).toMatchObject({
      at: ["releases", "chat", "engine"],
      message: expect.stringMatching(/^chat runs in Ray Serve, which KubeRay does, and the cluster here is not said/),
    });
    expect(findingOf(withRay({}, { images: {} }), "image-unknown")).toMatchObject({ at: ["images", "ray-serve"] });
    const blind = { ...smallest.clusters.here, operators: ["kuberay"] };
    expect(
      findingOf(withRay({ replicas: { min: 1, max: 2 } }, { clusters: { here: blind } }), "api-server-unknown"),
    ).toMatchObject({ level: "error", at: ["releases", "chat", "replicas"] });
  });

  test("for a 70B in 16 bits on one GPU, with the arithmetic", () => {
    const found = findingOf(
      withRay({ model: "meta-llama/Llama-3.1-70B-Instruct", tensorParallel: 1, replicas: 4 }),
      "memory-too-small",
    );
    expect(found?.message).toMatch(/does not fit on one L40S: .* 131\.\d\d GiB weights/);
  });

  test.each<[string, Written, string]>([
    ["several machines", { nodes: 2 }, "replica of Ray Serve stays on one machine"],
    ["adapters", { lora: { maxAdapters: 1 } }, "loads adapters from a bucket at run time"],
    ["raw arguments", { extraArgs: ["--seed=1"] }, "which Ray Serve does not run"],
    ["limits of vLLM's queue", { queueLimits: { requests: 500 } }, "has no such limits"],
  ])("with %s", (_, changes, said) => {
    expect(() => planOf(withRay(changes))).toThrow(said);
  });

  test("in silence never: a change that waits for room is a warning", () => {
    const load = { routes: { large: { targets: [{ release: "chat" }], load: { ...usualLoad, requests: "1/s" } } } };
    expect(findingOf(withRay({ replicas: 2 }, load), "ray-upgrade-waits")).toMatchObject({ level: "warning" });
    expect(ray({ replicas: 2 }).runs.upgrade).toBe("None");
  });
});
