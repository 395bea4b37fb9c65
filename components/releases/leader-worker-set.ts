import { leaderWorkerSet } from "../../catalog/multi-node";
import type { GroupRuns, Runs, Workload } from "../../planning";
import type { LeaderWorkerSetSpec } from "../base";
import { releasePod, workerPod, type PodWiring } from "./pod";

/** What the pods of a release carry beside their labels and annotations. */
interface PodMetadata {
  readonly labels: Record<string, string>;
  readonly annotations?: Record<string, string>;
}

/** Labels by which a Service finds the pods that answer: of a group its leader alone. */
export function answeringLabels(runs: Runs): Readonly<Record<string, string>> {
  return runs.kind === "leader-worker-set" ? { [leaderWorkerSet.workerIndexLabel]: "0" } : {};
}

/** The groups of a release whose replicas span several machines. */
export function groupSpec(
  plan: Workload,
  runs: GroupRuns,
  metadata: PodMetadata,
  wiring: PodWiring,
): LeaderWorkerSetSpec {
  return {
    replicas: plan.replicas.min,
    leaderWorkerTemplate: {
      size: runs.size,
      // Collectives do not survive the loss of one process: all begin again.
      restartPolicy: "RecreateGroupOnPodRestart",
      leaderTemplate: { metadata, spec: releasePod(plan, wiring) },
      workerTemplate: { metadata, spec: workerPod(plan, runs, wiring) },
    },
    rolloutStrategy: { type: "RollingUpdate", rollingUpdateConfiguration: groupRollout(plan) },
    // The leader is not ready before its workers are there.
    startupPolicy: "LeaderCreated",
    // A Service for all groups would be named like the release, whose own Service has that name.
    networkConfig: { subdomainPolicy: "UniquePerReplica" },
  };
}

function groupRollout({ rollout }: Workload) {
  if (rollout.kind === "recreate") return { maxSurge: 0, maxUnavailable: 1 };
  return { maxSurge: rollout.maxSurge, maxUnavailable: rollout.maxUnavailable };
}
