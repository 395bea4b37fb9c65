import { describe, expect, it } from "vitest";
import {
  pinnedTritonVersion,
  tritonFrontEndOptions,
  tritonImage,
  tritonMetrics,
  tritonOptions,
  tritonServer,
  tritonVersion,
  tritonVersions,
} from "../../catalog/triton";
import { sourceSchema } from "./schemas";

describe("Triton", () => {
  it("is offered in two versions, newest first, with their sources", () => {
    expect(tritonVersions).toEqual(["26.07", "26.06"]);
    expect(tritonVersions[0]).toBe(pinnedTritonVersion);
    expect(tritonVersions.map((version) => tritonVersion(version)?.release)).toEqual(["2.71.0", "2.70.0"]);
    for (const version of tritonVersions)
      expect(sourceSchema.parse(tritonVersion(version)?.source).standing).toBe("exact");
    expect(tritonVersion("26.05")).toBeUndefined();
    expect(sourceSchema.parse(tritonServer.source).standing).toBe("exact");
  });

  it.each([
    ["vllm", "26.07-vllm-python-py3"],
    ["tensorrtllm", "26.07-trtllm-python-py3"],
    ["all", "26.07-py3"],
  ] as const)("has an image with the backend %s, tagged %s", (backend, tag) => {
    expect(tritonImage.tag(pinnedTritonVersion, backend)).toBe(tag);
  });

  it.each([
    ["--model-repository", "text", null],
    ["--model-control-mode", "text", null],
    ["--exit-timeout-secs", "integer", 30],
    ["--strict-readiness", "boolean", true],
    ["--exit-on-error", "boolean", true],
    ["--http-port", "integer", tritonServer.httpPort],
    ["--metrics-port", "integer", tritonServer.metricsPort],
    ["--metrics-interval-ms", "number", 2000],
    ["--allow-client-shm", "boolean", false],
    ["--disable-auto-complete-config", "flag", null],
  ])("has the option %s, which takes a %s, %j by default", (name, type, fallback) => {
    expect(tritonOptions.get(name)).toMatchObject({ name, type, default: fallback });
  });

  it.each([
    "--metrics-config",
    "--cache-config",
    "--backend-config",
    "--http-restricted-api",
    "--model-load-gpu-limit",
    "--load-model",
  ])("has the option %s", (name) => {
    expect(tritonOptions.get(name)?.type).toBe("text");
  });

  it("has 91 options, and none that it never had", () => {
    expect(tritonOptions.size).toBe(91);
    expect(tritonOptions.get("--gpu-memory-fraction")).toBeUndefined();
  });

  it("has an OpenAI front end, which gained an argument in 26.07", () => {
    expect(tritonFrontEndOptions("26.07")?.get("--openai-port")?.default).toBe(tritonServer.openaiPort);
    expect(tritonFrontEndOptions("26.07")?.has("--max-tool-call-parse-bytes")).toBe(true);
    expect(tritonFrontEndOptions("26.06")?.has("--max-tool-call-parse-bytes")).toBe(false);
    expect(tritonFrontEndOptions("26.06")?.size).toBe(18);
    expect(tritonFrontEndOptions("25.01")).toBeUndefined();
  });

  it.each([
    ["nv_inference_request_success", "counter", "model", undefined],
    ["nv_inference_pending_request_count", "gauge", "model", undefined],
    ["nv_inference_queue_duration_us", "counter", "model", undefined],
    ["nv_inference_first_response_histogram_ms", "histogram", "model", "histogram_latencies=true"],
    ["nv_inference_queue_summary_us", "summary", "model", "summary_latencies=true"],
    ["nv_gpu_utilization", "gauge", "gpu", undefined],
    ["nv_pinned_memory_pool_used_bytes", "gauge", "server", undefined],
  ])("has the metric %s: a %s per %s that needs %s", (name, type, per, needs) => {
    expect(tritonMetrics.get(name)).toEqual({ name, type, per, needs });
  });

  it("has 31 metrics", () => {
    expect(tritonMetrics.size).toBe(31);
  });
});
