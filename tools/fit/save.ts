import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { OnGpus } from "../../planning/fit";
import { UsageError } from "../cli/command";

/**
 * Writes what was measured as the environments read it from `stacks/measured/`.
 *
 * @throws UsageError where it would not hold for other engines, and where it cannot be written
 */
export function saveMeasurement(file: string, { replica, replicas }: OnGpus): void {
  const { model, gpu, engine, weights, parallel, measured } = replica;
  if (parallel.pipeline * parallel.data * replicas > 1)
    throw new UsageError(
      "--save keeps measurements of tensor parallelism alone; this engine has stages, ranks or replicas, too.",
    );
  const fact = {
    model: model.id,
    gpu: gpu.id,
    version: engine.version,
    quantization: weights,
    tensorParallel: parallel.tensor,
    ...measured,
  };
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(fact, null, 2)}\n`);
  } catch (error) {
    throw new UsageError(`${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}
