import type { Source } from "./fact";

/** Facts about where weights come from and how engines read them. */

/** vLLM's loader that reads safetensors over many connections at once, from S3 or from files. */
export const streamingLoader = {
  /** Of `--load-format`. */
  format: "runai_streamer",
  source: {
    source: "vllm wheel 0.31.0, vllm/model_executor/model_loader/runai_streamer_loader.py and vllm/config/vllm.py",
    date: "2026-10-03",
    standing: "exact",
    note: "keys of --model-loader-extra-config: distributed, concurrency, memory_limit; a model at s3:// takes no other format",
  },
  /** It is an extra of the package (`vllm[runai]`), which the public image has and an image of one's own needs. */
  inImage: {
    source: "vllm-project/vllm, docker/Dockerfile: runai-model-streamer[s3,gcs,azure]>=0.15.7 (docker/versions.json)",
    date: "2026-11-21",
    standing: "recalled",
    note: "read in the repository and in a fork, not in the image itself",
  },
} as const satisfies { readonly format: string; readonly source: Source; readonly inImage: Source };

/** Volumes whose content is an image (`volumes[].image`), by Kubernetes' minor version. */
export const imageVolumes = {
  /** First minor with the field and mounts below a path, behind the feature gate `ImageVolume`. */
  gatedSince: 33,
  /** First minor in which the gate is open unless somebody closed it. */
  openSince: 35,
  source: {
    source: "kubernetes.io, Use an Image Volume With a Pod (v1.33: beta, off; v1.35: beta, on)",
    date: "2026-11-21",
    standing: "exact",
    note: "the container runtime has to support it, too: containerd from 2.1",
  },
} as const satisfies { readonly gatedSince: number; readonly openSince: number; readonly source: Source };

/** Where pods get the keys of their identity on EKS; link-local, on every machine. */
export const podIdentityAgent = {
  network: "169.254.170.23/32",
  port: 80,
  source: {
    source: "Amazon EKS user guide, EKS Pod Identity (the agent listens on 169.254.170.23, port 80)",
    date: "2026-11-21",
    standing: "recalled",
  },
} as const satisfies { readonly network: string; readonly port: number; readonly source: Source };

/** Mountpoint for Amazon S3 as a CSI driver: a bucket as a volume. */
export const bucketDriver = {
  name: "s3.csi.aws.com",
  /** A volume has to have a size, and the driver ignores it. */
  ignoredSize: "1200Gi",
  source: {
    source: "awslabs/mountpoint-s3-csi-driver 39d25e3, examples/kubernetes/static_provisioning",
    date: "2026-11-21",
    standing: "exact",
    note: "the capacity is required and ignored; options uid, gid and allow-other for pods that are not root",
  },
} as const satisfies { readonly name: string; readonly ignoredSize: string; readonly source: Source };
