export { planEnvironment, type PlannedEnvironment } from "./environment";
export { findingIds, findingKinds, isFindingId, type Finding, type FindingId } from "./findings";
export { isLanguageModel } from "./plan";
export type { Ground, Planned } from "./releases";
export { planVllm } from "./releases/vllm";
export { planPool } from "./pool";
export { sharedGpu, type SharedGpu } from "./sharing";
export type * from "./plan";
