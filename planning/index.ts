export { planEnvironment } from "./environment";
export { planVllm, type VllmGround, type VllmPlanned } from "./vllm";
export { planPool } from "./pool";
export type * from "./plan";
