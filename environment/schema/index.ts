import { z } from "zod";
import type { WeightFormatId } from "../../catalog/formats";
import type { Model } from "../../catalog/models";
import type { Stage } from "../review";
import { settings } from "../settings";
import { budget } from "./budget";
import { cluster } from "./clusters";
import { name, overrides } from "./common";
import { engines, images } from "./engines";
import type { MeasurementSettings } from "./measurement";
import { model, modelName } from "./models";
import { pool } from "./pools";
import { release } from "./releases";
import { externalModel, route } from "./routes";

/** What people may write in `stacks/<environment>.yaml`, after `extends` was followed. Unknown keys are errors. */
export const environmentSchema = settings({
  engines,
  images,
  clusters: z.record(name, cluster).describe("Clusters that this environment uses."),
  pools: z.record(name, pool).describe("Groups of machines."),
  models: z
    .record(modelName, model)
    .default({})
    .describe("Models that the catalogue does not have, by the name that releases use. Default: none."),
  releases: z.record(name, release).describe("Engines serving models."),
  routes: z
    .record(name, route)
    .default({})
    .describe(
      "What clients are expected to ask for, by the name of the model that they call. Capacity and cost are planned from it; nothing that routes requests is set up by it yet. Default: none.",
    ),
  externalModels: z
    .record(name, externalModel)
    .default({})
    .describe("Models that others serve, for fallbacks of routes. They count in the cost. Default: none."),
  budget: budget.prefault({}).describe("What the environment may cost, as its team intends. Default: not checked."),
  overrides,
});

/** One environment as the rest of the program sees it: typed, complete, every unit in its setting's description. */
export interface Environment extends Omit<z.output<typeof environmentSchema>, "models"> {
  /** The environment's name: the file's name and the stack's. */
  readonly name: string;
  readonly stage: Stage;
  /** Models that the environment describes beside those of the catalogue, by name. */
  readonly models: Readonly<Record<string, DescribedModel>>;
  /** What engines said about themselves when they started, from every file of `stacks/measured/`. */
  readonly measured: readonly Measurement[];
}

/** A model that an environment describes, in the catalogue's terms. */
export interface DescribedModel extends Model {
  /** Format of a quantised checkpoint, which `native` then means; undefined where weights are in `nativeDtype`. */
  readonly format?: WeightFormatId | undefined;
}

/** One start of an engine as it was measured. */
export interface Measurement extends MeasurementSettings {
  /** Relative to the repository's root. */
  readonly file: string;
}

export type { BudgetSettings } from "./budget";
export type { ClusterSettings } from "./clusters";
export type { OverrideSettings, SecretKeySettings } from "./common";
export type { ModelSettings, ModelShape } from "./models";
export type { ObjectiveClass, ObjectiveSettings } from "./objectives";
export type { OwnedPoolSettings, PoolSettings, ProcessorPoolSettings, Purchase, RentedPoolSettings } from "./pools";
export type {
  ApiKeySettings,
  AdapterSettings,
  DraftSettings,
  LoraSettings,
  MediaSettings,
  OpenaiCompatibleSettings,
  RayServeSettings,
  ReleaseSettings,
  ReplicaSettings,
  TextEmbeddingsSettings,
  VllmSettings,
} from "./releases";
export type {
  BuiltForLanguageModelSettings,
  BuiltForSettings,
  DynamicBatchingSettings,
  EnsembleSettings,
  EnsembleStepSettings,
  InputTensorSettings,
  InstanceGroupSettings,
  LanguageModelSettings,
  ModelResourcesSettings,
  OutputTensorSettings,
  QueuePolicySettings,
  SequenceBatchingSettings,
  TensorrtLlmSettings,
  TensorrtSettings,
  TritonModelSettings,
  TritonOpenaiSettings,
  TritonRepositorySettings,
  TritonSettings,
  VersionPolicySettings,
  WarmUpSettings,
} from "./releases/triton";
export type { BucketCredentials, WeightsSettings } from "./releases/weights";
export type { PrioritySetting, ScalingSettings, WakeSettings } from "./releases/scaling";
export type { ExternalModelSettings, LoadSettings, RouteSettings } from "./routes";
export type { SharingSettings } from "./sharing";
export type { FabricSettings } from "./fabric";
