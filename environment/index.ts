export { environmentNames, loadEnvironment, loadStage, type LoadedEnvironment } from "./load";
export { EnvironmentError, formatPlace, formatProblem, type Place, type Problem } from "./problem";
export type { Path } from "./file";
export type {
  ClusterSettings,
  Environment,
  PoolSettings,
  ReleaseSettings,
  SecretKeySettings,
  Stage,
  VllmSettings,
} from "./schema";
