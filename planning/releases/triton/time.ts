import { rolloutFor } from "../../room";
import type { EngineQuestion, TimeQuestion, WeightsQuestion, WeightsSource } from "../../time";
import type { Decided } from "./assemble";
import { isArtefact } from "./check-model";
import { languageWeightsTime } from "./language";
import { machineStart } from "../parts";

const sources = { pvc: "pvc", oci: "oci", s3: "s3" } as const satisfies Readonly<Record<string, WeightsSource>>;

/** What decides the durations of a release of Triton. */
export function tritonTime(decided: Decided, surge: boolean): TimeQuestion {
  const { settings, on, levels } = decided;
  const { start } = settings;
  const declared = { value: start ?? 0, source: "the setting `start`" };
  return {
    weights: weightsOf(decided),
    image: { gigabytes: null, pull: "layers" },
    node: machineStart(on.pool),
    engine: start === undefined ? engineOf(decided) : { kind: "declared", drains: true },
    ...(start === undefined ? {} : { measuredLoad: { ...declared, value: 0 }, measuredEngineStart: declared }),
    longestRequest: settings.longestRequest,
    replicas: levels.max,
    rollout: rolloutFor(levels.max, surge),
  };
}

function engineOf({ settings, language }: Decided): EngineQuestion {
  if (language !== null) {
    const { layers } = language.choice.replica.model;
    return {
      kind: "triton-vllm",
      layers: layers.full + layers.sliding + layers.linear,
      eager: language.settings.enforceEager,
      compileCache: false,
    };
  }
  const optimisesAtStart = Object.values(settings.models).some(
    (model) => isArtefact(model) && model.backend === "onnxruntime" && model.accelerator !== undefined,
  );
  return { kind: "triton", optimisesAtStart };
}

/** A language model's weights are by far the most of what is read; what stands beside it is read from the repository. */
function weightsOf({ settings, on, language, weights, image, demand, levels }: Decided): WeightsQuestion {
  if (language !== null && weights !== null) return languageWeightsTime(language, on, image, weights);
  const from = settings.repository === undefined ? "pvc" : sources[settings.repository.from];
  return {
    gigabytes: demand.gigabytes,
    from,
    ...(from === "pvc" ? { readersAtOnce: levels.max } : {}),
    networkMbps: on.pool.rented?.networkMbps ?? null,
  };
}
