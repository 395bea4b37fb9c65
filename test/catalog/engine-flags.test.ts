import { describe, expect, it } from "vitest";
import { z } from "zod";
import { compareVersions } from "../../catalog/compare-versions";
import {
  readVllmVersions,
  vllmEnvironment,
  vllmFlag,
  vllmFlags,
  vllmMetrics,
  vllmQuantizationMethods,
  vllmTablesSource,
  vllmWords,
} from "../../catalog/engine-flags";
import { vllmBehaviour, vllmVersions } from "../../catalog/engines";
import {
  metricRenames,
  removedVllmFlags,
  removedVllmQuantization,
  removedVllmVariables,
} from "../../catalog/vllm-removals";
import current from "../../catalog/data/vllm-0.31.0.json";
import history from "../../catalog/data/vllm-changes.json";
import { sourceSchema } from "./schemas";

const flag = z.strictObject({
  type: z.enum(["switch", "integer", "size", "number", "text", "choice", "list", "json"]),
  default: z.unknown().optional(),
  computedDefault: z.string().min(3).optional(),
  choices: z
    .array(z.union([z.string(), z.number()]))
    .min(1)
    .optional(),
  aliases: z.array(z.string().startsWith("-")).min(1).optional(),
});
const metric = z.strictObject({
  type: z.enum(["counter", "gauge", "histogram"]),
  labels: z.array(z.string()).min(1).optional(),
  buckets: z.array(z.number()).min(2).optional(),
});
const flagName = z.string().regex(/^--[a-z0-9-]+$/);
const metricName = z.string().regex(/^vllm:[a-z0-9_]+$/);

describe("what was read of vLLM's wheels", () => {
  it("has the form that the script writes", () => {
    z.record(flagName, flag).parse(current.flags);
    z.record(metricName, metric).parse(current.metrics);
    for (const step of history.steps) {
      z.record(flagName, flag).parse({ ...step.flags.removed, ...step.flags.before });
      z.record(metricName, metric).parse({ ...step.metrics.removed, ...step.metrics.before });
    }
  });

  it("covers both versions on offer, and older ones to compare with, newest first", () => {
    expect(readVllmVersions).toEqual(["0.31.0", "0.30.0", "0.29.0", "0.28.0", "0.24.0", "0.18.0"]);
    expect(readVllmVersions).toEqual(expect.arrayContaining([...vllmVersions]));
    expect(readVllmVersions.toSorted((a, b) => compareVersions(b, a))).toEqual([...readVllmVersions]);
    expect(history.steps.slice(1).map(({ from }) => from)).toEqual(history.steps.slice(0, -1).map(({ to }) => to));
    expect(history.steps.at(-1)?.to).toBe(current.version);
  });

  it.each([
    ["0.31.0", 312, 75, 308, 51],
    ["0.30.0", 300, 70, 302, 51],
    ["0.28.0", 284, 68, 295, 48],
    ["0.24.0", 266, 68, 268, 43],
    ["0.18.0", 225, 55, 233, 33],
  ])(
    "walks back to the %d flags of %s, and its metrics, variables and tool parsers",
    (version, flags, metrics, variables, parsers) => {
      expect(vllmFlags(version)?.size).toBe(flags);
      expect(vllmMetrics(version)?.size).toBe(metrics);
      expect(vllmEnvironment(version)?.size).toBe(variables);
      expect(vllmWords(version, "toolParsers")).toHaveLength(parsers);
      expect(sourceSchema.parse(vllmTablesSource(version)).standing).toBe("exact");
    },
  );

  it.each(["0.29.1", "0.17.1", "0.32.0", "newest"])("knows nothing of %s, which was not read", (version) => {
    expect(vllmFlags(version)).toBeUndefined();
    expect(vllmMetrics(version)).toBeUndefined();
    expect(vllmFlag(version, "--model")).toBeUndefined();
    expect(vllmTablesSource(version)).toBeUndefined();
  });

  it.each(readVllmVersions)("agrees with what is known of the behaviour of %s", (version) => {
    const behaviour = vllmBehaviour(version);
    expect(vllmFlag(version, "--gpu-memory-utilization")?.default).toBe(behaviour?.defaultGpuMemoryUtilization);
    expect(vllmFlag(version, "--shutdown-timeout") !== undefined).toBe(behaviour?.shutdownTimeoutFlag);
    expect(vllmFlag(version, "--max-num-queued-reqs") !== undefined).toBe(behaviour?.queueLimitFlags);
  });
});

describe("flags of vLLM", () => {
  it.each([
    ["--max-model-len", "size", null],
    ["--tensor-parallel-size", "integer", 1],
    ["--dtype", "choice", "auto"],
    ["--enforce-eager", "switch", false],
    ["--enable-prefix-caching", "switch", null],
    ["--port", "integer", 8000],
    ["--shutdown-timeout", "integer", 0],
    ["--hf-overrides", "text", {}],
    ["--load-format", "text", "auto"],
    ["--h11-max-header-count", "integer", 256],
  ])("has %s as %s with the default %j", (name, type, fallback) => {
    expect(vllmFlag("0.31.0", name)).toMatchObject({ name, type, default: fallback });
  });

  it.each([
    ["-tp", "--tensor-parallel-size"],
    ["--no-enable-prefix-caching", "--enable-prefix-caching"],
    ["--max_model_len", "--max-model-len"],
    ["--seed=1", "--seed"],
    ["--compilation-config.level", "--compilation-config"],
    ["--speculative-config.model=x", "--speculative-config"],
    ["-cc.level=3", "--compilation-config"],
  ])("understands %s as %s", (written, name) => {
    expect(vllmFlag("0.31.0", written)?.name).toBe(name);
  });

  it.each(["--no-port", "--seed.x", "--disable-log-requests", "--swap-space", "max-model-len", ""])(
    "does not know %j",
    (written) => {
      expect(vllmFlag("0.31.0", written)).toBeUndefined();
    },
  );

  it.each(removedVllmFlags)(
    "tells that $name was in $lastSeen and is gone in $goneIn",
    ({ name, lastSeen, goneIn, instead, ...source }) => {
      expect(vllmFlag("0.31.0", name)).toBeUndefined();
      if (readVllmVersions.includes(lastSeen)) expect(vllmFlag(lastSeen, name)?.name).toBe(name);
      if (readVllmVersions.includes(goneIn)) expect(vllmFlag(goneIn, name)).toBeUndefined();
      const written = (instead ?? "").match(/--[a-z-]+/g) ?? [];
      for (const other of written) expect(vllmFlag("0.31.0", other)).toBeDefined();
      sourceSchema.parse(source);
    },
  );
});

describe("metrics of vLLM", () => {
  it.each([
    ["vllm:num_requests_waiting", "gauge", "vllm:num_requests_waiting", ["model_name", "engine"]],
    ["vllm:num_preemptions", "counter", "vllm:num_preemptions_total", ["model_name", "engine"]],
    ["vllm:iteration_tokens_total", "histogram", "vllm:iteration_tokens_total", ["model_name", "engine"]],
    ["vllm:request_success", "counter", "vllm:request_success_total", ["model_name", "engine", "finished_reason"]],
    [
      "vllm:num_requests_waiting_by_reason",
      "gauge",
      "vllm:num_requests_waiting_by_reason",
      ["model_name", "engine", "reason"],
    ],
  ])("has %s as a %s shown as %s", (name, type, exposed, labels) => {
    for (const version of vllmVersions)
      expect(vllmMetrics(version)?.get(name)).toMatchObject({ type, exposed, labels });
  });

  it("knows the bounds of the latency histograms, on which alerts must stand", () => {
    expect(vllmMetrics("0.31.0")?.get("vllm:time_to_first_token_seconds")?.buckets).toEqual(
      expect.arrayContaining([0.5, 1, 2.5]),
    );
    expect(vllmMetrics("0.30.0")?.get("vllm:e2e_request_latency_seconds")?.buckets?.[0]).toBe(0.3);
  });

  it.each(metricRenames)("tells that $name is gone in $goneIn", ({ name, lastSeen, goneIn, instead, ...source }) => {
    const shown = (version: string) => [...(vllmMetrics(version)?.values() ?? [])].map(({ exposed }) => exposed);
    expect(shown("0.31.0")).not.toContain(name);
    if (readVllmVersions.includes(lastSeen)) expect(shown(lastSeen)).toContain(name);
    if (readVllmVersions.includes(goneIn)) expect(shown(goneIn)).not.toContain(name);
    for (const other of (instead ?? "").match(/vllm:[a-z_]+/g) ?? []) expect(shown("0.31.0")).toContain(other);
    sourceSchema.parse(source);
  });
});

describe("words and variables of vLLM", () => {
  it("knows the methods of quantisation with the GPUs that they need", () => {
    const methods = vllmQuantizationMethods("0.31.0");
    expect(methods?.get("fp8")).toBe(7.5);
    expect(methods?.get("mxfp4")).toBe(8);
    expect(methods?.get("nvfp4_per_token")).toBeNull();
    expect(methods?.has("bitsandbytes")).toBe(false);
    expect(vllmQuantizationMethods("0.24.0")?.get("bitsandbytes")).toBe(7);
  });

  it("tells that checkpoints of bitsandbytes and GGUF are refused by newer versions", () => {
    expect(removedVllmQuantization.map(({ name, goneIn }) => [name, goneIn])).toEqual(
      expect.arrayContaining([
        ["bitsandbytes", "0.28.0"],
        ["gguf", "0.24.0"],
      ]),
    );
  });

  it.each(["hermes", "llama3_json", "mistral", "qwen3_coder", "openai"])(
    "has the tool parser %s in both versions",
    (parser) => {
      for (const version of vllmVersions) expect(vllmWords(version, "toolParsers")).toContain(parser);
    },
  );

  it.each(["ngram", "eagle3", "mtp", "draft_model"])("has the method of speculation %s in both versions", (method) => {
    for (const version of vllmVersions) expect(vllmWords(version, "speculativeMethods")).toContain(method);
  });

  it("reads VLLM_API_KEY, and no longer the variables that are told to be gone", () => {
    for (const version of vllmVersions) {
      expect(vllmEnvironment(version)).toContain("VLLM_API_KEY");
      for (const { name } of removedVllmVariables) expect(vllmEnvironment(version)).not.toContain(name);
    }
  });
});
