import type { DynamicBatchingSettings, QueuePolicySettings, SequenceBatchingSettings } from "../../../environment";
import type {
  ControlConfig,
  DynamicBatchingConfig,
  QueuePolicyConfig,
  SequenceBatchingConfig,
  StrategyConfig,
} from "./model-config";

/** Seconds as Triton counts them. */
function microseconds(seconds: number | undefined): number {
  return Math.round((seconds ?? 0) * 1e6);
}

export function dynamicConfig(settings: DynamicBatchingSettings): DynamicBatchingConfig {
  const { preferredBatchSizes, maxQueueDelay, preserveOrdering, queue, priorities } = settings;
  return {
    kind: "dynamic",
    preferredBatchSizes,
    maxQueueDelayMicroseconds: microseconds(maxQueueDelay),
    preserveOrdering,
    queue: queue === undefined ? null : queueConfig(queue),
    priorities:
      priorities === undefined
        ? null
        : {
            levels: priorities.levels,
            default: priorities.default,
            queues: Object.fromEntries(
              Object.entries(priorities.queues).map(([level, policy]) => [level, queueConfig(policy)]),
            ),
          },
  };
}

function queueConfig({
  timeoutAction,
  timeout,
  requestsMaySetTimeout,
  maxSize,
}: QueuePolicySettings): QueuePolicyConfig {
  return {
    timeoutAction: timeoutAction === "reject" ? "REJECT" : "DELAY",
    timeoutMicroseconds: microseconds(timeout),
    requestsMaySetTimeout,
    maxSize,
  };
}

const controlKinds = {
  start: "CONTROL_SEQUENCE_START",
  ready: "CONTROL_SEQUENCE_READY",
  end: "CONTROL_SEQUENCE_END",
  "correlation-id": "CONTROL_SEQUENCE_CORRID",
} as const satisfies Readonly<Record<SequenceBatchingSettings["controls"][number]["kind"], ControlConfig["kind"]>>;

export function sequenceConfig(settings: SequenceBatchingSettings): SequenceBatchingConfig {
  const { strategy, maxIdle, controls, states, iterative } = settings;
  return {
    kind: "sequence",
    strategy: strategyConfig(strategy),
    maxIdleMicroseconds: microseconds(maxIdle),
    controls: controls.map(({ input, kind, type }) => ({ input, kind: controlKinds[kind], type })),
    states,
    iterative,
  };
}

function strategyConfig(strategy: SequenceBatchingSettings["strategy"]): StrategyConfig {
  const maxQueueDelayMicroseconds = microseconds(strategy.maxQueueDelay);
  if (strategy.kind === "direct") {
    const { minimumSlotUtilization } = strategy;
    return { kind: "direct", maxQueueDelayMicroseconds, minimumSlotUtilization };
  }
  const { maxCandidateSequences, preferredBatchSizes, preserveOrdering } = strategy;
  return { kind: "oldest", maxCandidateSequences, preferredBatchSizes, maxQueueDelayMicroseconds, preserveOrdering };
}
