import { formatSupport, nativeFormat, weightFormats, type WeightFormatId } from "../../catalog/formats";
import { findGpu, type Gpu } from "../../catalog/gpus";
import { findInstance, onDemandPrice, spotRange } from "../../catalog/instances";
import { findModel, type Model } from "../../catalog/models";
import { bytesPerGiB } from "../../catalog/units";
import { allocatable } from "../../planning/machine";
import { hostNeeds, impossible, maxConcurrency, splitMemory } from "../../planning/memory";
import type { Replica } from "../../planning/replica";
import { replicasNeeded, type Slo } from "../../planning/speed";

/** A release alone on a pool, and what its environment leaves open. */
export interface Problem {
  readonly model: string;
  readonly context: number;
  readonly tensorParallel: 1 | 2 | 4 | 8 | undefined;
  readonly quantization: "native" | "auto" | "fp8";
  readonly replicas: number | "auto";
  readonly nodes: number;
  readonly machines: Owned | Rented;
  readonly load: {
    readonly requests: number;
    readonly peak: number;
    readonly input: number;
    readonly output: number;
  } | null;
  readonly slo: Slo;
}

interface Owned {
  readonly accelerator: string;
  readonly gpusPerNode: number;
  readonly cpu: number;
  readonly memoryGiB: number;
  readonly usdPerGpuHour: number;
}

interface Rented {
  readonly instances: readonly string[];
  readonly purchase: "on-demand" | "spot";
}

/** One configuration that works, with what it costs. */
export interface Working {
  readonly instance: string | null;
  readonly tensorParallel: number;
  readonly quantization: WeightFormatId;
  readonly pods: number;
  /** Of the GPUs that its pods have, and of the machines that run. */
  readonly usdPerHour: { readonly pods: number; readonly machines: number };
  readonly gpus: { readonly pods: number; readonly machines: number };
}

interface Kind {
  readonly instance: string | null;
  readonly gpu: Gpu;
  readonly gpusPerNode: number;
  readonly linked: Replica["interconnect"];
  readonly free: { readonly cpu: number; readonly memoryGiB: number; readonly diskGiB: number };
  readonly usdPerGpuHour: number;
  readonly usdPerMachineHour: number;
}

export const diskGiB = 8192;

/**
 * The cheapest configuration that works, by trying every one: on each kind of machine each number of GPUs and each
 * format. Of equally cheap ones the one with fewer GPUs, and then the first.
 */
export function bestOf(problem: Problem): Working | undefined {
  let best: Working | undefined;
  for (const kind of kindsOf(problem)) {
    const found = bestOn(problem, kind);
    if (found === undefined) continue;
    if (best === undefined || before(found, best, "machines")) best = found;
  }
  return best;
}

function bestOn(problem: Problem, kind: Kind): Working | undefined {
  let best: Working | undefined;
  for (const tensorParallel of [1, 2, 4, 8, 16])
    for (const quantization of formatsOf(problem, kind.gpu)) {
      if (problem.tensorParallel !== undefined && problem.tensorParallel !== tensorParallel) continue;
      // One pod alone is dearer already.
      if (best !== undefined && tensorParallel * kind.usdPerGpuHour > best.usdPerHour.pods) continue;
      const found = tryOut(problem, kind, tensorParallel, quantization);
      if (found !== undefined && (best === undefined || before(found, best, "pods"))) best = found;
    }
  return best;
}

function before(a: Working, b: Working, of: "pods" | "machines"): boolean {
  if (a.usdPerHour[of] !== b.usdPerHour[of]) return a.usdPerHour[of] < b.usdPerHour[of];
  return a.gpus[of] < b.gpus[of];
}

function tryOut(problem: Problem, kind: Kind, tensor: number, weights: WeightFormatId): Working | undefined {
  if (tensor > kind.gpusPerNode) return undefined;
  const replica = replicaOf(problem, kind, tensor, weights);
  if (impossible(replica).length > 0 || !fits(replica, problem.tensorParallel !== undefined)) return undefined;
  const pods = podsOf(problem, replica);
  if (pods === undefined) return undefined;
  const gpus = pods * tensor;
  const machines = machinesOf(replica, kind, pods);
  if (machines > problem.nodes) return undefined;
  return {
    instance: kind.instance,
    tensorParallel: tensor,
    quantization: weights,
    pods,
    usdPerHour: { pods: gpus * kind.usdPerGpuHour, machines: machines * kind.usdPerMachineHour },
    gpus: { pods: gpus, machines: machines * kind.gpusPerNode },
  };
}

/** What was chosen by hand is taken at the estimate's word; what is chosen for us keeps its margin. */
function fits(replica: Replica, pinned: boolean): boolean {
  const split = splitMemory(replica);
  const safe = pinned ? split.kvGiB : split.kvGiB - split.marginGiB;
  return maxConcurrency(replica, Math.max(0, safe) * bytesPerGiB, replica.context) >= 1;
}

function podsOf({ load, slo, replicas }: Problem, replica: Replica): number | undefined {
  if (load === null) return replicas === "auto" ? 1 : replicas;
  const split = splitMemory(replica);
  const lengths = { inputTokens: load.input, outputTokens: load.output, prefixHit: 0 };
  const usual = replicasNeeded(replica, split, { ...lengths, requestsPerSecond: load.requests }, slo, {
    headroom: 0.2,
  });
  const worst = replicasNeeded(replica, split, { ...lengths, requestsPerSecond: load.peak }, slo, { headroom: 0 });
  if (usual.replicas === null || worst.replicas === null) return undefined;
  const needed = Math.max(usual.replicas, worst.replicas);
  if (replicas === "auto") return needed;
  return replicas >= needed ? replicas : undefined;
}

function machinesOf(replica: Replica, { free, gpusPerNode }: Kind, pods: number): number {
  // vLLM makes FP8 of a checkpoint in 16 bits, which the host has to load.
  const native = nativeFormat(replica.model);
  const stored = replica.weights === "fp8" && weightFormats[native].quantises === "nothing" ? native : replica.weights;
  const {
    cpu,
    memoryGiB,
    diskGiB: disk,
    gpus,
  } = hostNeeds({ ...replica, weights: stored }, { weights: false, compiled: true });
  const perMachine = Math.floor(
    Math.min(gpusPerNode / gpus, free.cpu / cpu, free.memoryGiB / memoryGiB, free.diskGiB / disk),
  );
  return perMachine === 0 ? Infinity : Math.ceil(pods / perMachine);
}

function formatsOf({ model, quantization }: Problem, gpu: Gpu): readonly WeightFormatId[] {
  const native = nativeFormat(modelOf(model));
  const published = native === "bf16" && gpu.computeCapability < 8 ? "fp16" : native;
  if (quantization === "native") return [published];
  if (quantization === "fp8") return ["fp8"];
  const plain = weightFormats[published].quantises === "nothing";
  return plain && formatSupport("fp8", gpu.computeCapability) !== "no" ? [published, "fp8"] : [published];
}

function modelOf(id: string): Model {
  const model = findModel(id);
  if (model === undefined) throw new Error(`no model ${id}`);
  return model;
}

function replicaOf({ model, context }: Problem, kind: Kind, tensor: number, weights: WeightFormatId): Replica {
  return {
    model: modelOf(model),
    weights,
    kv: weights === "fp16" || kind.gpu.computeCapability < 8 ? "fp16" : "bf16",
    gpu: kind.gpu,
    cudaTotalGiB: kind.gpu.cudaTotalGiB,
    interconnect: tensor === 1 ? "none" : kind.linked,
    parallel: { tensor, pipeline: 1, data: 1, expert: false, decodeContext: 1 },
    engine: { kind: "vllm", version: "0.31.0", gpuMemoryUtilization: 0.9, eager: false },
    context,
    maxSequences: 64,
    batchedTokens: 2048,
    lora: null,
    draft: null,
    measured: null,
  };
}

function kindsOf({ machines }: Problem): readonly Kind[] {
  if ("accelerator" in machines) return [ownedKind(machines)];
  return machines.instances.map((type) => rentedKind(type, machines.purchase));
}

function ownedKind({ accelerator, gpusPerNode, cpu, memoryGiB, usdPerGpuHour }: Owned): Kind {
  return {
    instance: null,
    gpu: gpuOf(accelerator),
    gpusPerNode,
    linked: "pcie",
    free: allocatable({ cpu, memoryGiB, diskGiB }),
    usdPerGpuHour,
    usdPerMachineHour: usdPerGpuHour * gpusPerNode,
  };
}

function rentedKind(type: string, purchase: Rented["purchase"]): Kind {
  const instance = findInstance(type);
  if (instance?.kind !== "gpu") throw new Error(`no GPU instance ${type}`);
  const listed = onDemandPrice(type, "us-east-1")?.usdPerHour ?? Infinity;
  const spot = spotRange(type, "us-east-1")?.medianUsdPerHour ?? Infinity;
  return {
    instance: type,
    gpu: gpuOf(instance.gpu),
    gpusPerNode: instance.gpuCount,
    linked: instance.interconnect,
    free: allocatable({ cpu: instance.vcpu, memoryGiB: instance.memoryGiB, diskGiB }),
    usdPerGpuHour: listed / instance.gpuCount,
    usdPerMachineHour: purchase === "spot" ? spot : listed,
  };
}

function gpuOf(id: string): Gpu {
  const gpu = findGpu(id);
  if (gpu === undefined) throw new Error(`no GPU ${id}`);
  return gpu;
}
