import type { Source } from "./fact";

/** An image that NVIDIA publishes of each version, by the backends in it. */
export type TritonImageKind = "all" | "vllm" | "tensorrtllm";

/** What engine is inside an image of Triton. */
export interface TritonContents extends Source {
  readonly version: string;
  readonly vllm: string;
}

const contents: readonly TritonContents[] = [
  {
    version: "26.07",
    vllm: "0.24.0",
    source: "a migration guide in a public repository, with the version of every part of the image",
    date: "2026-11-21",
    standing: "recalled",
    note: "three other public files say 0.24.0 of nvcr.io/nvidia/vllm:26.07-py3, from which the image is built",
  },
  {
    version: "26.06",
    vllm: "0.22.1",
    source: "a migration guide in a public repository, with the version of every part of the image",
    date: "2026-11-21",
    standing: "recalled",
  },
];

/** The version of vLLM inside Triton's image; undefined where nobody says it. */
export function vllmInTriton(version: string): string | undefined {
  return contents.find((each) => each.version === version)?.vllm;
}

/** Digests of Triton's images, as other public repositories pin them; nobody asked the registry. */
export interface TritonImageDigest extends Source {
  readonly version: string;
  readonly kind: TritonImageKind;
  readonly digest: string;
}

export const tritonImageDigests: readonly TritonImageDigest[] = [
  {
    version: "26.07",
    kind: "vllm",
    digest: "sha256:31e20bfbc65055d6b85553a00d45342a62c506874aa996c11ae53650151f05b1",
    source: "a migration guide in a public repository that pins the image",
    date: "2026-11-21",
    standing: "recalled",
    note: "one repository alone; compare with the registry before the first use",
  },
  {
    version: "26.06",
    kind: "all",
    digest: "sha256:a40838bb4587d2aceb46b1e7fd144afb24c9016c219dd3eba31716e4e28dbfc7",
    source: "three files of one public repository that pin the image",
    date: "2026-11-21",
    standing: "recalled",
    note: "one repository alone; compare with the registry before the first use",
  },
];

/** The digest of an image; undefined where none is known, and the environment has to name the image. */
export function tritonImageDigest(version: string, kind: TritonImageKind): TritonImageDigest | undefined {
  return tritonImageDigests.find((each) => each.version === version && each.kind === kind);
}

/** The OpenAI front end inside the vLLM image; the TensorRT-LLM image lacks it, so one of one's own has to add it. */
export const openaiFrontEnd = {
  program: "/opt/tritonserver/python/openai/openai_frontend/main.py",
  readyPath: "/health/ready",
  metricsPath: "/metrics",
  images: ["vllm"],
  source: {
    source: "triton-inference-server/server r26.07 819ee3777, python/openai",
    date: "2026-07-24",
    standing: "exact",
    note: "its README clones the repository into the TensorRT-LLM image",
  },
} as const satisfies {
  readonly program: string;
  readonly readyPath: string;
  readonly metricsPath: string;
  readonly images: readonly TritonImageKind[];
  readonly source: Source;
};
