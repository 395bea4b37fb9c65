export { cachePath, modelBeside, planWeights, type CompiledFor, type HubModel, type WeightsQuestion } from "./choice";
export { imageVolumeFindings, missingToken, weightsFindings, type WeightsChecked } from "./findings";
export { explainFlows } from "./flows";
export { compiledPath, loaderArgs, weightsParts, type Readers, type WeightsParts } from "./pod";
export { explainPrefetch, planPrefetch } from "./prefetch";
export { fetchTime, weightsTime } from "./time";
export { readVolume, type ReadSource, type ReadVolume } from "./volumes";
