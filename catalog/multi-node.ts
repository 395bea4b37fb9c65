import type { Source } from "./fact";

/** What the LeaderWorkerSet operator gives to the pods of a group. */
export const leaderWorkerSet = {
  variables: {
    /** A name that resolves before the leader is ready: its headless Service publishes addresses that are not. */
    leaderAddress: "LWS_LEADER_ADDRESS",
    /** 0 for the leader. */
    workerIndex: "LWS_WORKER_INDEX",
  },
  workerIndexLabel: "leaderworkerset.sigs.k8s.io/worker-index",
  source: {
    source: "kubernetes-sigs/lws v0.8.0, api/leaderworkerset/v1, pkg/webhooks and pkg/utils/pod",
    date: "2026-01-26",
    standing: "exact",
    note: "a webhook puts the variables before all others of every container; the kubelet expands $(NAME) in arguments from what the pod has then",
  },
} as const satisfies {
  readonly variables: { readonly leaderAddress: string; readonly workerIndex: string };
  readonly workerIndexLabel: string;
  readonly source: Source;
};

/** Where the processes of a vLLM group meet. */
export const vllmRendezvous = {
  /** Default of `--master-port`. */
  port: 29501,
  source: { source: "vLLM wheel 0.31.0, vllm/config/parallel.py", date: "2026-10-03", standing: "exact" },
} as const satisfies { readonly port: number; readonly source: Source };

/** Elastic Fabric Adapters as pods ask for them. */
export const elasticFabric = {
  resource: "vpc.amazonaws.com/efa",
  /** Pages of 2 MiB that libfabric's provider takes; EFA images of machines set 5128 of them aside. */
  hugePagesMiB: 5120,
  source: {
    source: "Amazon EKS User Guide, machine learning training with EFA",
    date: "2026-11-21",
    standing: "recalled",
    note: "containers of EKS images may lock memory without limit (awslabs/amazon-eks-ami pull request 595; bottlerocket-core-kit 141)",
  },
} as const satisfies { readonly resource: string; readonly hugePagesMiB: number; readonly source: Source };

/**
 * What `NCCL_NET` calls each network. Once it is named NCCL ends instead of falling back to TCP, which nobody would
 * notice but by its speed.
 */
export const ncclNetworks = {
  ethernet: "Socket",
  rdma: "IB",
  efa: "AWS Libfabric",
  source: {
    source: "NVIDIA NCCL documentation, environment variables; aws/aws-ofi-nccl",
    date: "2026-11-21",
    standing: "recalled",
  },
} as const satisfies Readonly<Record<"ethernet" | "rdma" | "efa", string>> & { readonly source: Source };
