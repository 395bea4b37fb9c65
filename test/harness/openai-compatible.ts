import { smallest } from "./environments";

type Written = Readonly<Record<string, unknown>>;

/** A container of somebody else's: SGLang with weights on a volume. */
export const sglang = {
  engine: "openai-compatible",
  image: `docker.io/lmsysorg/sglang:v0.5.6@sha256:${"5".repeat(64)}`,
  version: "0.5.6",
  servedModel: "qwen3-8b",
  command: ["python3", "-m", "sglang.launch_server"],
  args: ["--model-path", "/models/qwen3-8b", "--port", "30000"],
  variables: { HF_HUB_OFFLINE: "1" },
  user: { id: 1000 },
  port: 30000,
  probes: { ready: "/health_generate", live: "/health" },
  metrics: { path: "/metrics", waiting: "sglang:num_queue_reqs", running: "sglang:num_running_reqs" },
  resources: { cpu: 8, memory: "64GiB", disk: "20GiB", gpus: 1, sharedMemory: "8GiB" },
  scratch: [{ path: "/tmp", size: "4GiB" }],
  volumes: [{ claim: "models", path: "/models" }],
  start: "4m",
  pool: "gpus",
};

/** The smallest environment with such a container in place of its release, changed. */
export function withSglang(changes: Written = {}, more: Written = {}): Written {
  return { ...smallest, releases: { other: { ...sglang, ...changes } }, ...more };
}
