export { offlineCeiling } from "./ceiling";
export { speedConfidence } from "./confidence";
export { type EncoderLoad, type EncoderSpeed, serveEncoder } from "./encoder";
export { explainSpeed } from "./explain";
export type { KvMemory, Lengths } from "./flow";
export { type Prefill, prefill } from "./prefill";
export { type OpenLoad, type OpenSpeed, type Percentiles, serveOpen, speedAt } from "./queue";
export {
  type ReplicaLimits,
  type ReplicasNeeded,
  replicasNeeded,
  type Saturation,
  saturation,
  type Server,
  serverOf,
  serversNeeded,
} from "./replicas";
export { type ClosedLoad, type Latency, serveClosed, type Speed } from "./serve";
export type { Slo } from "./slo";
export { type DecodeStep, decodeStep, type StepTerms } from "./step";
