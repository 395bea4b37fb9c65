export { environmentNames, loadEnvironment, loadReview, type LoadedEnvironment, type LoadedReview } from "./load";
export { EnvironmentError, formatPlace, formatProblem, type Place, type Problem } from "./problem";
export { measuredFolder } from "./measured";
export type { Path } from "./file";
export type {
  BudgetSettings,
  ClusterSettings,
  DescribedModel,
  DraftSettings,
  Environment,
  ExternalModelSettings,
  LoadSettings,
  LoraSettings,
  Measurement,
  ModelSettings,
  ObjectiveClass,
  ObjectiveSettings,
  OpenaiCompatibleSettings,
  OverrideSettings,
  OwnedPoolSettings,
  PoolSettings,
  Purchase,
  ApiKeySettings,
  ReleaseSettings,
  RentedPoolSettings,
  ReplicaSettings,
  RouteSettings,
  SecretKeySettings,
  VllmSettings,
} from "./schema";
export { measurementSchema, type MeasurementSettings } from "./schema/measurement";
export type { Review, Stage, Waiver } from "./review";
