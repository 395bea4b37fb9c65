import type {
  ControlConfig,
  DynamicBatchingConfig,
  EnsembleConfig,
  ModelConfig,
  QueuePolicyConfig,
  SequenceBatchingConfig,
  StateConfig,
  StepConfig,
} from "../../../planning";
import { enumerated, mapped, repeated, when, type Message } from "./text-format";

/** How requests come to a model: `dynamic_batching`, `sequence_batching` or `ensemble_scheduling`, of which there is one. */
export function schedulingFields(scheduling: ModelConfig["scheduling"]): Message {
  if (scheduling === null) return [];
  switch (scheduling.kind) {
    case "dynamic":
      return [["dynamic_batching", dynamicBatching(scheduling)]];
    case "sequence":
      return [["sequence_batching", sequenceBatching(scheduling)]];
    case "ensemble":
      return [["ensemble_scheduling", ensemble(scheduling)]];
  }
}

function dynamicBatching(config: DynamicBatchingConfig): Message {
  const { queue, priorities } = config;
  return [
    ...repeated("preferred_batch_size", config.preferredBatchSizes),
    ["max_queue_delay_microseconds", config.maxQueueDelayMicroseconds],
    ...when(config.preserveOrdering, "preserve_ordering", true),
    ...(queue === null ? [] : ([["default_queue_policy", queuePolicy(queue)]] as const)),
    ...(priorities === null
      ? []
      : ([
          ["priority_levels", priorities.levels],
          ["default_priority_level", priorities.default],
          ...mapped(
            "priority_queue_policy",
            Object.entries(priorities.queues).map(([level, policy]) => [Number(level), queuePolicy(policy)]),
          ),
        ] as const)),
  ];
}

function queuePolicy({
  timeoutAction,
  timeoutMicroseconds,
  requestsMaySetTimeout,
  maxSize,
}: QueuePolicyConfig): Message {
  return [
    ["timeout_action", enumerated(timeoutAction)],
    ["default_timeout_microseconds", timeoutMicroseconds],
    ["allow_timeout_override", requestsMaySetTimeout],
    ["max_queue_size", maxSize],
  ];
}

function sequenceBatching(config: SequenceBatchingConfig): Message {
  const { strategy, iterative } = config;
  return [
    strategy.kind === "direct" ? ["direct", direct(strategy)] : ["oldest", oldest(strategy)],
    ["max_sequence_idle_microseconds", config.maxIdleMicroseconds],
    ...repeated("control_input", config.controls.map(control)),
    ...repeated("state", config.states.map(state)),
    ...when(iterative, "iterative_sequence", true),
  ];
}

type Strategy<Kind extends string> = Extract<SequenceBatchingConfig["strategy"], { readonly kind: Kind }>;

function direct({ maxQueueDelayMicroseconds, minimumSlotUtilization }: Strategy<"direct">): Message {
  return [
    ["max_queue_delay_microseconds", maxQueueDelayMicroseconds],
    ["minimum_slot_utilization", minimumSlotUtilization],
  ];
}

function oldest(strategy: Strategy<"oldest">): Message {
  return [
    ["max_candidate_sequences", strategy.maxCandidateSequences],
    ...repeated("preferred_batch_size", strategy.preferredBatchSizes),
    ["max_queue_delay_microseconds", strategy.maxQueueDelayMicroseconds],
    ...when(strategy.preserveOrdering, "preserve_ordering", true),
  ];
}

/** What stands for no and yes in a control, by its type; a correlation id has a type of its own instead. */
const noAndYes: Readonly<Partial<Record<ControlConfig["type"], Message>>> = {
  TYPE_INT32: repeated("int32_false_true", [0, 1]),
  TYPE_FP32: repeated("fp32_false_true", [0, 1]),
  TYPE_BOOL: repeated("bool_false_true", [false, true]),
};

function control({ input, kind, type }: ControlConfig): Message {
  const typed: Message =
    kind === "CONTROL_SEQUENCE_CORRID" ? [["data_type", enumerated(type)]] : (noAndYes[type] ?? []);
  return [
    ["name", input],
    ["control", [["kind", enumerated(kind)], ...typed]],
  ];
}

function state({ input, output, type, dims, zeroed }: StateConfig): Message {
  const first: Message = [
    ["name", `${input} at the beginning`],
    ["data_type", enumerated(type)],
    ...repeated("dims", dims),
    ["zero_data", true],
  ];
  return [
    ["input_name", input],
    ["output_name", output],
    ["data_type", enumerated(type)],
    ...repeated("dims", dims),
    ...when(zeroed, "initial_state", first),
  ];
}

function ensemble({ steps, maxInflightRequests }: EnsembleConfig): Message {
  return [
    ...repeated("step", steps.map(step)),
    ...when(maxInflightRequests > 0, "max_inflight_requests", maxInflightRequests),
  ];
}

function step({ model, version, inputs, outputs }: StepConfig): Message {
  return [
    ["model_name", model],
    ["model_version", version],
    ...mapped("input_map", Object.entries(inputs)),
    ...mapped("output_map", Object.entries(outputs)),
  ];
}
