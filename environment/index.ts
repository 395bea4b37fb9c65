export { environmentNames, loadEnvironment, loadReview, type LoadedEnvironment, type LoadedReview } from "./load";
export { EnvironmentError, formatPlace, formatProblem, type Place, type Problem } from "./problem";
export type { Path } from "./file";
export type {
  ClusterSettings,
  Environment,
  OverrideSettings,
  PoolSettings,
  ReleaseSettings,
  SecretKeySettings,
  VllmSettings,
} from "./schema";
export type { Review, Stage, Waiver } from "./review";
