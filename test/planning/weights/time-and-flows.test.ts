import { describe, expect, test } from "vitest";
import { timings } from "../../../catalog/timings";
import { planFetch } from "../../../planning/time";
import { smallest } from "../../harness/environments";
import type { Written } from "../parsed";
import { bucket, chatWith, image, kept, prefetched, token, volume } from "./written";

const hub = { from: "hub" };
const loading = (weights: Written, more: Written = {}) =>
  chatWith(weights, more).seconds.parts.find(({ id }) => id === "weights")?.seconds ?? 0;

describe("how long loading takes", () => {
  /** Qwen3-8B in bf16, 10⁹ bytes. */
  const gigabytes = 16.38;

  test.each<[what: string, weights: Written, rate: number]>([
    ["the hub", hub, timings.hubThroughput.value],
    ["the hub, of the first pod that fills a volume", { ...hub, ...kept }, timings.hubThroughput.value],
    ["a volume that a Job filled", { ...hub, ...prefetched }, timings.volumeThroughput.value],
    ["the same, streamed", { ...hub, ...prefetched, load: "streaming" }, timings.volumeStreamThroughput.value],
    ["a bucket, copied", bucket, timings.s3Throughput.value],
    ["a bucket, streamed", { ...bucket, load: "streaming" }, timings.s3StreamThroughput.value],
    ["a volume", volume, timings.volumeThroughput.value],
    ["a volume, streamed", { ...volume, load: "streaming" }, timings.volumeStreamThroughput.value],
    ["an image", image, timings.ociThroughput.value],
  ])("from %s", (_, weights, rate) => {
    expect(loading(weights)).toBeGreaterThanOrEqual(Math.floor(gigabytes / rate));
    expect(loading(weights)).toBeLessThanOrEqual(Math.ceil(gigabytes / rate) + 1);
  });

  test("an image of weights is pulled before the container starts", () => {
    const pull = (weights: Written) => chatWith(weights).seconds.parts.find(({ id }) => id === "image")?.seconds ?? 0;
    expect(pull(image) - pull(volume)).toBeGreaterThan(200);
  });
});

describe("whom pods reach for their weights", () => {
  const reached = (weights: Written) =>
    chatWith(weights).flows.flatMap((flow) => ("reason" in flow ? [{ ...flow, direction: undefined }] : []));

  test.each<[what: string, weights: Written]>([
    ["from a volume", volume],
    ["from an image", image],
    ["that a Job brought from the hub", { ...hub, ...prefetched }],
    ["that a Job brought from a bucket", { ...bucket, ...prefetched }],
  ])("nobody, with weights %s", (_, weights) => {
    expect(reached(weights)).toEqual([]);
  });

  test.each<[what: string, weights: Written]>([
    ["engine", hub],
    ["container before it", { ...hub, ...kept }],
  ])("the hub, where the %s downloads", (_, weights) => {
    expect(reached(weights)).toEqual([
      { to: "internet", port: 443, reason: "weights are downloaded from the Hugging Face hub" },
    ]);
  });

  test.each<[what: string, changes: Written, flow: Written]>([
    ["on the internet", {}, { to: "internet", port: 443 }],
    [
      "at a private address, on its own port",
      { endpoint: "https://s3.example.com:9000", networks: ["10.1.0.0/16"] },
      { to: "networks", networks: ["10.1.0.0/16"], port: 9000 },
    ],
  ])("the bucket %s", (_, changes, flow) => {
    expect(reached({ ...bucket, ...changes })).toEqual([{ ...flow, reason: "weights are read from the bucket" }]);
  });

  test("the agent that gives the pod's identity, where that has the rights", () => {
    expect(reached({ ...bucket, credentials: "identity" })).toContainEqual({
      to: "networks",
      networks: ["169.254.170.23/32"],
      port: 80,
      reason: "the pod's identity gives the keys for the bucket",
    });
  });
});

describe("the Job that brings weights", () => {
  const planned = (weights: Written, more: Written = {}, environment: Written = {}) => {
    const { prefetch } = chatWith(weights, more, environment);
    if (prefetch === undefined) throw new Error("no Job is planned");
    return prefetch;
  };
  const job = planned({ ...hub, token, ...prefetched });

  test("is there only where it is asked for", () => {
    for (const weights of [hub, { ...hub, ...kept }, bucket, volume])
      expect(chatWith(weights)).not.toHaveProperty("prefetch");
  });

  test("alone has the token and the way out", () => {
    const chat = chatWith({ ...hub, token, ...prefetched });
    expect(job.pod.container.secretVariables).toEqual({ HF_TOKEN: token });
    expect(chat.pod.container.secretVariables).toEqual({});
    expect(job.flows).toEqual([
      { direction: "egress", to: "dns" },
      {
        direction: "egress",
        to: "internet",
        port: 443,
        reason: "weights are downloaded from the Hugging Face hub",
      },
    ]);
  });

  test("has no GPU, and sees none", () => {
    expect(job.resources.gpus).toBe(0);
    expect(job.pod.container.variables["NVIDIA_VISIBLE_DEVICES"]).toBe("void");
  });

  test("fills the folder that the engine reads", () => {
    for (const source of [hub, bucket]) {
      const { weights, prefetch, pod } = chatWith({ ...source, ...prefetched });
      const written = prefetch?.pod.container.args.join(" ") ?? "";
      expect(written).toContain(weights.model.replace(source === hub ? "/kept/" : "", ""));
      expect(prefetch?.pod.volumes["kept"]).toEqual(pod.volumes["kept"]);
    }
  });

  test.each<[what: string, weights: Written, more: Written]>([
    ["another commit", { ...hub, token, ...prefetched }, { revision: "0".repeat(40) }],
    ["another volume", { ...hub, token, cache: { claim: "other" }, prefetch: true }, {}],
    ["another source", { ...bucket, ...prefetched }, {}],
  ])("is another one for %s", (_, weights, more) => {
    expect(planned(weights, more).name).not.toBe(job.name);
    expect(job.name).toMatch(/^chat-prefetch-[0-9a-f]{12}$/);
  });

  test("is the same for another number of replicas or another GPU", () => {
    const pools = { gpus: { ...smallest.pools.gpus, accelerator: "A100-80GB" } };
    expect(planned({ ...hub, token, ...prefetched }, { replicas: 2 }, { pools }).name).toBe(job.name);
  });

  test("has time for a download at a third of the slowest rate", () => {
    const slowest = (gigabytes: number) => (3 * gigabytes) / timings.hubThroughput.value;
    const weights = { gigabytes: 141, from: "hub", networkMbps: null } as const;
    const { expected, deadline, wait } = planFetch({
      weights,
      node: { kind: "existing" },
      image: { gigabytes: null, pull: "layers" },
    });
    expect(deadline).toBeGreaterThan(slowest(141));
    expect(expected).toBeLessThan(deadline);
    expect(wait).toBeGreaterThan(deadline);
  });

  test("waits for a machine where machines are made on demand", () => {
    const image = { gigabytes: null, pull: "layers" } as const;
    const weights = { gigabytes: 10, from: "s3", networkMbps: null } as const;
    const there = planFetch({ weights, image, node: { kind: "existing" } });
    const made = planFetch({ weights, image, node: { kind: "cloud" } });
    expect(made.expected - there.expected).toBe(timings.nodeProvisioning.value + timings.nodeInitialisation.value);
  });
});
