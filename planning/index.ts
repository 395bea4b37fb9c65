export { planEnvironment, type PlannedEnvironment } from "./environment";
export { findingIds, findingKinds, isFindingId, type Finding, type FindingId } from "./findings";
export { planVllm, type VllmGround, type VllmPlanned } from "./vllm";
export { planPool } from "./pool";
export { sharedGpu, type SharedGpu } from "./sharing";
export type * from "./plan";
