import type { Source } from "./fact";

/** Images of vLLM's server. Their entry point is `vllm serve`. */
export const vllmImage = {
  repository: "docker.io/vllm/vllm-openai",
  tag: (version: string): string => `v${version}`,
} as const;

/** The digest that the tag of a version had when others pinned it. */
export interface ImageDigest extends Source {
  readonly version: string;
  readonly digest: string;
}

const unchecked = "the registry itself was not asked; compare before the first use";

/**
 * Digests of vLLM's image, as other public repositories pin them: of the list of platforms, with CUDA 13.0.
 * Nobody asked the registry for them, so they stand as recalled. A version that is not here has no digest that we
 * know; its environment must give one.
 */
export const vllmImageDigests: readonly ImageDigest[] = [
  {
    version: "0.31.0",
    digest: "sha256:c1c9f6fd5c109ba7f0546a59f5b2f15fb87f64c77782e90a27b648b42a8e67c3",
    source: "ai-dynamo/aiconfigurator, unit test of the runtime pins in collector/framework_manifest.yaml",
    date: "2026-11-21",
    standing: "recalled",
    note: `at least four other public files pin the same, two of which compared it with the registry; ${unchecked}`,
  },
  {
    version: "0.30.0",
    digest: "sha256:8a69ffad015f138d7170c4ddc429e230a3bc1c1719f67e14324749df200a4b90",
    source: "ethanfel/vllm-sm120-unraid 0642cd0, Dockerfile",
    date: "2026-11-21",
    standing: "recalled",
    note: `at least four other public files pin the same; ${unchecked}`,
  },
];

/** The digest of a version's image; undefined where we know none. */
export function vllmImageDigest(version: string): ImageDigest | undefined {
  return vllmImageDigests.find((digest) => digest.version === version);
}
