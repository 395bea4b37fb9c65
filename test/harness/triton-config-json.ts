import type { ModelConfig, SchedulingConfig } from "../../planning";

type Json = Readonly<Record<string, unknown>>;

/** A config in the JSON form of protocol buffers, written by another way than its text: both have to be one message. */
export function configJson(config: ModelConfig): Json {
  const { file, accelerator } = config;
  return {
    name: config.name,
    ...config.runs,
    max_batch_size: config.maxBatchSize,
    ...(file === null ? {} : { default_model_filename: file }),
    version_policy: policyJson(config),
    input: config.inputs.map((input) => ({
      ...tensorJson(input),
      optional: input.optional,
      allow_ragged_batch: input.ragged,
    })),
    output: config.outputs.map((output) => ({
      ...tensorJson(output),
      ...(output.labels === null ? {} : { label_filename: output.labels }),
    })),
    instance_group: config.instanceGroups.map(({ count, kind, gpus, profiles, rateLimiter }) => ({
      count,
      kind,
      gpus,
      profile: profiles,
      ...(rateLimiter === null ? {} : { rate_limiter: rateLimiter }),
    })),
    ...schedulingJson(config.scheduling),
    ...(accelerator === null
      ? {}
      : {
          optimization: {
            execution_accelerators: {
              [`${accelerator.on}_execution_accelerator`]: [
                { name: accelerator.name, parameters: accelerator.parameters },
              ],
            },
          },
        }),
    model_warmup: config.warmUp.map(({ name, batchSize, count, inputs }) => ({
      name,
      batch_size: batchSize,
      count,
      inputs: Object.fromEntries(
        inputs.map(({ name, type, dims, data }) => [name, { data_type: type, dims, [`${data}_data`]: true }]),
      ),
    })),
    parameters: mapValues(config.parameters, (value) => ({ string_value: value })),
    ...(config.decoupled ? { model_transaction_policy: { decoupled: true } } : {}),
    ...(config.responseCache ? { response_cache: { enable: true } } : {}),
  };
}

function mapValues<Value>(of: Readonly<Record<string, Value>>, make: (value: Value) => unknown): Json {
  return Object.fromEntries(Object.entries(of).map(([name, value]) => [name, make(value)]));
}

function tensorJson({ name, type, dims, reshape }: ModelConfig["inputs"][number] | ModelConfig["outputs"][number]) {
  return { name, data_type: type, dims, ...(reshape === null ? {} : { reshape: { shape: reshape } }) };
}

function policyJson({ versionPolicy: policy }: ModelConfig): Json {
  if (policy.kind === "all") return { all: {} };
  return policy.kind === "latest"
    ? { latest: { num_versions: policy.count } }
    : { specific: { versions: policy.versions } };
}

function schedulingJson(scheduling: SchedulingConfig | null): Json {
  if (scheduling === null) return {};
  if (scheduling.kind === "ensemble")
    return {
      ensemble_scheduling: {
        step: scheduling.steps.map(({ model, version, inputs, outputs }) => ({
          model_name: model,
          model_version: version,
          input_map: inputs,
          output_map: outputs,
        })),
        max_inflight_requests: scheduling.maxInflightRequests,
      },
    };
  return scheduling.kind === "dynamic"
    ? { dynamic_batching: dynamicJson(scheduling) }
    : { sequence_batching: sequenceJson(scheduling) };
}

type Queue = NonNullable<Extract<SchedulingConfig, { kind: "dynamic" }>["queue"]>;

function dynamicJson(batching: Extract<SchedulingConfig, { kind: "dynamic" }>): Json {
  const { queue, priorities } = batching;
  const queueJson = (policy: Queue) => ({
    timeout_action: policy.timeoutAction,
    default_timeout_microseconds: policy.timeoutMicroseconds,
    allow_timeout_override: policy.requestsMaySetTimeout,
    max_queue_size: policy.maxSize,
  });
  return {
    preferred_batch_size: batching.preferredBatchSizes,
    max_queue_delay_microseconds: batching.maxQueueDelayMicroseconds,
    preserve_ordering: batching.preserveOrdering,
    ...(queue === null ? {} : { default_queue_policy: queueJson(queue) }),
    ...(priorities === null
      ? {}
      : {
          priority_levels: priorities.levels,
          default_priority_level: priorities.default,
          priority_queue_policy: mapValues(priorities.queues, queueJson),
        }),
  };
}

const noAndYes: Readonly<Record<string, Json>> = {
  TYPE_INT32: { int32_false_true: [0, 1] },
  TYPE_FP32: { fp32_false_true: [0, 1] },
  TYPE_BOOL: { bool_false_true: [false, true] },
};

function sequenceJson(batching: Extract<SchedulingConfig, { kind: "sequence" }>): Json {
  const { strategy } = batching;
  const delay = { max_queue_delay_microseconds: strategy.maxQueueDelayMicroseconds };
  return {
    [strategy.kind]:
      strategy.kind === "direct"
        ? { ...delay, minimum_slot_utilization: strategy.minimumSlotUtilization }
        : {
            ...delay,
            max_candidate_sequences: strategy.maxCandidateSequences,
            preferred_batch_size: strategy.preferredBatchSizes,
            preserve_ordering: strategy.preserveOrdering,
          },
    max_sequence_idle_microseconds: batching.maxIdleMicroseconds,
    control_input: batching.controls.map(({ input, kind, type }) => ({
      name: input,
      control: [{ kind, ...(kind === "CONTROL_SEQUENCE_CORRID" ? { data_type: type } : noAndYes[type]) }],
    })),
    state: batching.states.map(({ input, output, type, dims, zeroed }) => ({
      input_name: input,
      output_name: output,
      data_type: type,
      dims,
      ...(zeroed
        ? { initial_state: [{ name: `${input} at the beginning`, data_type: type, dims, zero_data: true }] }
        : {}),
    })),
    iterative_sequence: batching.iterative,
  };
}
