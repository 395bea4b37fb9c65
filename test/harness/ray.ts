import { smallest } from "./environments";

type Written = Readonly<Record<string, unknown>>;

/** A cluster with KubeRay, whose API server Ray's autoscaler may reach. */
export const rayCluster = {
  ...smallest.clusters.here,
  operators: ["kuberay"],
  apiServer: { networks: ["10.0.0.0/28"] },
};

export const rayImages = { "ray-serve": `registry.example.com/ray-llm:2.60.0@sha256:${"7".repeat(64)}` };

/** The smallest environment with its release in Ray Serve, changed. */
export function withRay(changes: Written = {}, more: Written = {}): Written {
  const chat = { ...smallest.releases.chat, engine: "ray-serve", ...changes };
  return { ...smallest, clusters: { here: rayCluster }, images: rayImages, releases: { chat }, ...more };
}
