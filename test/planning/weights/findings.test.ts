import { describe, expect, test } from "vitest";
import { weightsFindings, type WeightsChecked } from "../../../planning/weights";
import { withReleases } from "../../harness/environments";
import { findingOf, parsed, release, planOf, type Written } from "../parsed";
import { bucket, image, kept, volume } from "./written";

const chat = (weights: Written, more: Written = {}) => withReleases({ chat: { weights, ...more } });
const onKubernetes = (kubernetes: string) => ({
  ...chat(image),
  clusters: { here: { kind: "existing", context: "here", kubernetes } },
});
const shown = (written: Written, id: Parameters<typeof findingOf>[1]) => {
  const found = findingOf(written, id);
  return found === undefined ? undefined : [found.level, found.at.slice(2).join("."), found.message, found.fix];
};

describe("a gated model", () => {
  const gated = { model: "meta-llama/Llama-3.1-8B-Instruct" };

  test("of the hub needs a token", () => {
    expect(shown(chat({ from: "hub" }, gated), "token-missing")).toEqual([
      "error",
      "weights",
      "meta-llama/Llama-3.1-8B-Instruct is gated: the hub answers only to a token whose owner accepted its terms",
      "Name the Secret that holds the token: `token: { secret: hf-token, key: token }` under `weights`.",
    ]);
  });

  test("of a bucket or volume needs none", () => {
    for (const weights of [bucket, volume, image]) expect(shown(chat(weights, gated), "token-missing")).toBeUndefined();
  });
});

describe("weights from an image", () => {
  test.each([
    ["1.32", "error", "Kubernetes 1.32 mounts no images as volumes: that begins with 1.33"],
    [
      "1.33",
      "warning",
      "Kubernetes 1.33 mounts images as volumes only where the feature gate ImageVolume is open on the API server and on every kubelet",
    ],
    [
      "1.34",
      "warning",
      "Kubernetes 1.34 mounts images as volumes only where the feature gate ImageVolume is open on the API server and on every kubelet",
    ],
  ])("on Kubernetes %s are an %s", (kubernetes, level, message) => {
    expect(shown(onKubernetes(kubernetes), "image-volumes-missing")).toEqual([
      level,
      "weights.from",
      message,
      "Use Kubernetes 1.35, or weights from a volume (`from: pvc`).",
    ]);
  });

  test("are right from Kubernetes 1.35 on", () => {
    expect(shown(onKubernetes("1.35"), "image-volumes-missing")).toBeUndefined();
    expect(shown(onKubernetes("1.36"), "image-volumes-missing")).toBeUndefined();
  });
});

describe("a draft with weights of its own", () => {
  const draft = { method: "eagle3", model: "draft", revision: "d".repeat(40), tokens: 3 };

  test("cannot be streamed from the model's directory", () => {
    expect(shown(chat({ ...bucket, load: "streaming" }, { draft }), "draft-not-streamed")).toEqual([
      "error",
      "weights.load",
      "the draft lies in the model's directory of the bucket, and the loader that streams takes all safetensors below it for the model's",
      "Write `load: direct`, or name a `cache`.",
    ]);
  });

  test("is found where the directory was copied to", () => {
    for (const weights of [bucket, { ...bucket, ...kept }]) {
      const written = chat(weights, { draft });
      expect(shown(written, "draft-not-streamed")).toBeUndefined();
      const { args } = release(planOf(written)).pod.container;
      expect(args.find((arg) => arg.startsWith("--speculative-config="))).toContain(`"model":"${args[0] ?? ""}/draft"`);
    }
  });
});

describe("the loader that streams", () => {
  const settings = parsed(chat({ ...volume, load: "streaming" })).releases["chat"];
  if (settings?.engine !== "vllm") throw new Error("no vLLM release");
  const checked: WeightsChecked = {
    weights: settings.weights,
    at: ["releases", "chat"],
    version: "0.31.0",
    kubernetes: "1.35",
    model: { id: "Qwen/Qwen3-8B", gated: "no" },
    ownDraft: false,
  };

  test("is refused in a version that is not known to have it", () => {
    expect(weightsFindings({ ...checked, version: "0.5.0" })).toEqual([
      {
        id: "loader-missing",
        level: "error",
        at: ["releases", "chat", "weights", "load"],
        message: "vLLM 0.5.0 has no loader that streams: its `--load-format` does not know runai_streamer",
        fix: "Write `load: direct`, or use a newer vLLM.",
      },
    ]);
  });

  test("is in the versions that an environment may name", () => {
    for (const version of ["0.30.0", "0.31.0"]) expect(weightsFindings({ ...checked, version })).toEqual([]);
  });
});
