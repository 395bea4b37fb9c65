import { vllmUser } from "../../catalog/engines";
import type { VllmSettings } from "../../environment";
import type { Arithmetic, By, PrefetchPlan, WeightsPlan } from "../plan";
import { gpusPerMachine } from "../replica";
import type { FetchQuestion, TimeQuestion, WeightsQuestion } from "../time";
import type { Choice } from "../vllm-choice";
import {
  explainPrefetch,
  fetchTime,
  planPrefetch,
  planWeights,
  weightsParts,
  weightsTime,
  type HubModel,
  type Readers,
  type WeightsParts,
} from "../weights";
import type { Ground } from "./ground";

/** How the weights of a vLLM release come to its GPUs. */
export interface VllmWeights {
  readonly plan: WeightsPlan;
  /** What they add to the pod. */
  readonly parts: WeightsParts;
  /** The processes of one pod that load them. */
  readonly readers: Readers;
}

/** What decides it. */
export interface VllmWeightsQuestion {
  readonly settings: VllmSettings;
  readonly on: Pick<Ground, "release" | "version" | "pool">;
  readonly choice: Choice;
  readonly image: string;
}

export function vllmWeights({ settings, on, choice, image }: VllmWeightsQuestion): VllmWeights {
  const { weights, model, revision } = settings;
  const { replica, host, dataType } = choice;
  const plan = planWeights({
    weights,
    main: { repository: model, revision },
    compiledFor: {
      engine: "vllm",
      version: on.version,
      image,
      model,
      revision,
      gpu: replica.gpu.id,
      quantization: replica.weights,
      dataType,
      parallel: { ...replica.parallel, nodes: settings.nodes },
    },
  });
  const readers: Readers = {
    workers: gpusPerMachine(replica),
    engines: replica.parallel.data,
    weightsGB: host.weightsGB,
  };
  return { plan, parts: weightsParts({ weights, plan, models: hubModels(settings), image }), readers };
}

/** Whether a draft stands beside the model that has weights of its own. */
export function hasOwnDraft({ draft }: VllmSettings): boolean {
  return draft !== undefined && "model" in draft;
}

/** Everything of the hub that the engine loads. */
function hubModels({ model, revision, draft }: VllmSettings): readonly HubModel[] {
  const own: HubModel = { repository: model, revision };
  if (draft === undefined || !("model" in draft) || draft.revision === undefined) return [own];
  return [own, { repository: draft.model, revision: draft.revision }];
}

/** The weights as the time of a start sees them. */
export function vllmWeightsTime({ settings, on, choice }: VllmWeightsQuestion, of: VllmWeights): WeightsQuestion {
  return weightsTime({
    ...of.readers,
    weights: settings.weights,
    plan: of.plan,
    pods: choice.size.levels.max * settings.nodes,
    networkMbps: on.pool.rented?.networkMbps ?? null,
  });
}

/** The Job that brings them into a volume, where one is wanted. */
export function vllmPrefetch(question: VllmWeightsQuestion, time: TimeQuestion): PrefetchPlan | undefined {
  const { settings, on, image } = question;
  return planPrefetch({
    release: on.release,
    weights: settings.weights,
    models: hubModels(settings),
    image,
    user: { id: vllmUser.user, group: vllmUser.group },
    time: fetching(question, time),
  });
}

export function explainVllmPrefetch(
  question: VllmWeightsQuestion,
  time: TimeQuestion,
  plan: PrefetchPlan | undefined,
): By<Arithmetic> {
  return explainPrefetch(plan, fetching(question, time), vllmUser.source.source);
}

function fetching({ settings, on, choice }: VllmWeightsQuestion, time: TimeQuestion): FetchQuestion {
  const networkMbps = on.pool.rented?.networkMbps ?? null;
  return fetchTime({ weights: settings.weights, networkMbps, weightsGB: choice.host.weightsGB }, time);
}
