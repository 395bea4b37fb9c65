import { describe, expect, test } from "vitest";
import type { WeightsPlan } from "../../../planning";
import { smallest } from "../../harness/environments";
import type { Written } from "../parsed";
import { bucket, chatWith, flagOf, image, kept, prefetched, revision, token, volume } from "./written";

const hub = { from: "hub" };

describe("who brings the weights, and what the engine is told to load", () => {
  test.each<[what: string, weights: Written, plan: Partial<WeightsPlan>, model: RegExp]>([
    [
      "from the hub, with the pod",
      hub,
      { broughtBy: "engine", loader: "safetensors", offline: false, cache: null },
      /^Qwen\/Qwen3-8B$/,
    ],
    [
      "from the hub into a volume",
      { ...hub, ...kept },
      { broughtBy: "pod", offline: true },
      /^\/kept\/weights\/qwen-qwen3-8b-[0-9a-f]{12}$/,
    ],
    [
      "from the hub by a Job",
      { ...hub, ...prefetched, load: "streaming" },
      { broughtBy: "job", loader: "runai_streamer", offline: true },
      /^\/kept\/weights\/qwen-qwen3-8b-[0-9a-f]{12}$/,
    ],
    [
      "from a bucket, copied to the pod's disk",
      bucket,
      { broughtBy: "pod", loader: "safetensors", offline: true, cache: null },
      /^\/cache\/weights\/qwen-qwen3-8b-[0-9a-f]{12}$/,
    ],
    [
      "from a bucket, streamed",
      { ...bucket, load: "streaming" },
      { broughtBy: "engine", loader: "runai_streamer", offline: true },
      /^s3:\/\/models\/qwen\/qwen3-8b$/,
    ],
    [
      "from a bucket by a Job",
      { ...bucket, ...prefetched },
      { broughtBy: "job", offline: true },
      /^\/kept\/weights\/qwen-qwen3-8b-[0-9a-f]{12}$/,
    ],
    ["from a volume", volume, { broughtBy: "nobody", offline: true, cache: null }, /^\/models\/qwen3-8b$/],
    [
      "from an image",
      { ...image, load: "streaming" },
      { broughtBy: "nobody", loader: "runai_streamer", offline: true },
      /^\/models\/models\/qwen3-8b$/,
    ],
  ])("%s", (_, weights, plan, model) => {
    const chat = chatWith(weights);
    expect(chat.weights).toMatchObject(plan);
    expect(chat.pod.container.args[0]).toMatch(model);
    expect(flagOf(chat, "load-format")).toBe(chat.weights.loader);
    expect(chat.pod.container.variables["HF_HUB_OFFLINE"]).toBe(chat.weights.offline ? "1" : undefined);
    // A revision is the hub's; a directory has none.
    expect(flagOf(chat, "revision")).toBe(chat.weights.offline ? undefined : revision);
  });

  test("another commit, or another manifest, is another folder", () => {
    const folders = [
      chatWith({ ...hub, ...kept }),
      chatWith({ ...hub, ...kept }, { revision: "0".repeat(40) }),
      chatWith({ ...bucket, ...kept }),
      chatWith({ ...bucket, ...kept, manifest: "c".repeat(64) }),
    ].map(({ weights }) => weights.model);
    expect(new Set(folders).size).toBe(folders.length);
  });
});

describe("compiled code that a volume keeps", () => {
  const weights = { ...volume, ...kept };
  const usual = chatWith(weights);
  const folder = usual.weights.cache?.compiled ?? "";

  test("lies in a folder whose name says for what it is", () => {
    expect(folder).toMatch(/^\/kept\/compiled\/vllm-0\.31\.0-qwen-qwen3-8b-l40s-[0-9a-f]{12}$/);
    const { variables, mounts } = usual.pod.container;
    expect(variables).toMatchObject({
      VLLM_CACHE_ROOT: `${folder}/vllm`,
      TRITON_CACHE_DIR: `${folder}/triton`,
      TORCHINDUCTOR_CACHE_DIR: `${folder}/inductor`,
      VLLM_ASSETS_CACHE: "/cache/assets",
    });
    expect(mounts).toContainEqual({ volume: "kept", path: "/kept", readOnly: false });
    expect(usual.pod.volumes["kept"]).toEqual({ kind: "claim", claim: "model-cache", readOnly: false });
  });

  test.each<[what: string, more: Written, environment: Written]>([
    ["version", {}, { engines: { vllm: "0.30.0" } }],
    ["image", {}, { images: { vllm: `mirror.example.com/vllm:v1@sha256:${"0".repeat(64)}` } }],
    ["commit", { revision: "0".repeat(40) }, {}],
    ["layout", { tensorParallel: 2 }, {}],
    ["quantisation", { quantization: "fp8" }, {}],
    ["GPU", {}, { pools: { gpus: { ...smallest.pools.gpus, accelerator: "A100-80GB" } } }],
  ])("is never read by another %s", (_, more, environment) => {
    expect(chatWith(weights, more, environment).weights.cache?.compiled).not.toBe(folder);
  });

  test("is shared by releases that are alike", () => {
    expect(chatWith(weights, { maxSequences: 8 }).weights.cache?.compiled).toBe(folder);
  });

  test("shortens starts but not the patience with the very first one", () => {
    const large = { model: "Qwen/Qwen3-32B", tensorParallel: 2 };
    const [once, keeping] = [chatWith(volume, large), chatWith(weights, large)];
    expect(keeping.seconds.podStart).toBeLessThan(once.seconds.podStart);
    expect(keeping.seconds.startup).toBe(once.seconds.startup);
  });

  test("and weights take no disk of the pod", () => {
    const disk = (written: Written) => chatWith(written).resources.diskGiB;
    expect(disk({ ...hub, ...kept })).toBe(disk({ ...bucket, ...kept }));
    expect(disk({ ...hub, ...kept })).toBeLessThan(disk(volume));
    expect(disk(volume)).toBeLessThan(disk(hub));
    expect(disk(bucket)).toBe(disk(hub));
    expect(disk({ ...bucket, load: "streaming" })).toBe(disk(volume));
  });
});

describe("the streaming loader", () => {
  const extra = (more: Written) => {
    const flag = flagOf(chatWith({ ...volume, load: "streaming" }, more), "model-loader-extra-config");
    return JSON.parse(flag ?? "{}") as { distributed?: boolean; memory_limit: number };
  };

  test("takes no more memory than the pod has for a copy of the weights", () => {
    const one = chatWith({ ...volume, load: "streaming" });
    expect(extra({}).memory_limit).toBeGreaterThan(16e9);
    expect(extra({}).memory_limit).toBeLessThan(one.resources.memoryGiB * 2 ** 30);
    expect(extra({})).not.toHaveProperty("distributed");
  });

  test("reads once for all workers of an engine, who share the memory", () => {
    expect(extra({ tensorParallel: 2 })).toEqual({
      distributed: true,
      memory_limit: Math.floor(extra({}).memory_limit / 2),
    });
  });

  test("has the keys of the bucket and its region in the engine; a copy has them beside it", () => {
    const streamed = chatWith({ ...bucket, load: "streaming" }).pod;
    const keys = {
      AWS_ACCESS_KEY_ID: { secret: "bucket-keys", key: "AWS_ACCESS_KEY_ID" },
      AWS_SECRET_ACCESS_KEY: { secret: "bucket-keys", key: "AWS_SECRET_ACCESS_KEY" },
    };
    expect(streamed.container.secretVariables).toEqual(keys);
    expect(streamed.container.variables).toMatchObject({ AWS_REGION: "us-east-1" });
    expect(streamed.container.variables).not.toHaveProperty("AWS_ENDPOINT_URL");
    const copied = chatWith(bucket).pod;
    expect(copied.container.secretVariables).toEqual({});
    expect(copied.setUp[0]?.secretVariables).toEqual(keys);
  });

  test.each<[what: string, changes: Written, variables: Written]>([
    [
      "another store than AWS",
      { endpoint: "https://s3.example.com:9000" },
      { AWS_ENDPOINT_URL: "https://s3.example.com:9000", RUNAI_STREAMER_S3_USE_VIRTUAL_ADDRESSING: "0" },
    ],
    ["a bucket with dots", { bucket: "models.example.com" }, { RUNAI_STREAMER_S3_USE_VIRTUAL_ADDRESSING: "0" }],
  ])("asks %s by the path", (_, changes, variables) => {
    expect(chatWith({ ...bucket, load: "streaming", ...changes }).pod.container.variables).toMatchObject(variables);
  });
});

describe("what runs before the engine", () => {
  const commandOf = (weights: Written) => chatWith(weights).pod.setUp.map(({ args }) => args.slice(0, 2));

  test.each<[what: string, weights: Written, commands: readonly (readonly string[])[]]>([
    ["nothing where the engine downloads", hub, []],
    ["nothing where a volume has the weights", volume, []],
    ["nothing where a Job brought them", { ...bucket, ...prefetched }, []],
    ["a copy from the hub into the volume", { ...hub, ...kept }, [["copy-hub", "--into=/kept"]]],
    ["a comparison where the engine streams", { ...bucket, load: "streaming" }, [["check-s3", "--bucket=models"]]],
  ])("%s", (_, weights, commands) => {
    expect(commandOf(weights)).toEqual(commands);
  });

  test("a copy from the bucket, by our own script and with everything that says what it is", () => {
    const { weights, pod } = chatWith({ ...bucket, endpoint: "https://s3.example.com" });
    expect(pod.setUp).toMatchObject([
      {
        image: pod.container.image,
        command: ["python3", "/scripts/weights.py"],
        args: [
          "copy-s3",
          `--into=${weights.model}`,
          "--bucket=models",
          "--path=qwen/qwen3-8b",
          "--region=us-east-1",
          `--manifest=${bucket.manifest}`,
          "--endpoint=https://s3.example.com",
        ],
        mounts: [
          { volume: "scripts", path: "/scripts", readOnly: true },
          { volume: "cache", path: "/cache", readOnly: false },
        ],
      },
    ]);
    expect(pod.volumes["scripts"]).toEqual({ kind: "scripts" });
  });

  test("a draft comes with its model", () => {
    const draft = { method: "eagle3", model: "team/draft", revision: "d".repeat(40), tokens: 3 };
    const { pod } = chatWith({ ...hub, token, ...kept }, { draft });
    expect(pod.setUp[0]?.args.filter((arg) => arg === "--model")).toHaveLength(2);
    expect(pod.setUp[0]?.secretVariables).toEqual({ HF_TOKEN: token });
    const speculative = pod.container.args.find((arg) => arg.startsWith("--speculative-config="));
    const folder = pod.setUp[0]?.args.at(-1) ?? "none";
    expect(speculative).toContain(`"model":"/kept/${folder}"`);
    expect(speculative).not.toContain("revision");
  });
});
