export { explainMemory } from "./explain";
export { explainHost } from "./explain-host";
export { type HostExtras, type HostNeeds, hostNeeds, loadsInto, type OnDisk } from "./host";
export { kvBytesOfRequest, kvBytesPerTokenPerGpu, kvTokens, maxConcurrency } from "./kv";
export { loraBytes } from "./lora";
export { type Overhead, overhead } from "./overhead";
export { activeParameters, modelShape, type ModelShape, residentParameters, touchedShare } from "./shape";
export {
  confidence,
  expectedFullLengthRequests,
  expectedKvGiB,
  memoryMargin,
  type MemorySplit,
  splitMemory,
} from "./split";
export { type Impossibility, type ImpossibilityId, impossible } from "./validity";
export { checkpointBytes, type GroupBytes, weightBytesPerGpu, weightsGiB } from "./weights";
