import type { Layer } from "./plan";

/** Namespaces per layer, named after the environment: `local-serving`. */
export function namespaceName(environment: string, layer: Layer): string {
  return `${environment}-${layer}`;
}

/** Label that a pool's machines carry when the environment file names no other. */
export const poolLabel = "modelyard.dev/pool";

/** Parts of the platform as they appear in the label `modelyard.dev/part`. */
export const parts = { gateway: "gateway", observability: "observability", release: "release" } as const;
