import { AmbiguousNameError } from "../../catalog/ambiguous-name";
import { resolveCpu, type Cpu } from "../../catalog/cpus";
import { gpuNames, gpus, resolveGpu, type Gpu } from "../../catalog/gpus";
import { modelFromConfig } from "../../catalog/model-config";
import { modelNames, resolveModel, type ResolvedModel } from "../../catalog/model-names";
import { models } from "../../catalog/models";
import type { ImpossibilityId } from "../memory";
import type { Measured, Parallel, Replica } from "../replica";
import { assemble } from "./assemble";
import { onCpu, type OnCpu } from "./cpu";
import { parallelOf, type Placed } from "./parallel";
import { problemsOf } from "./problems";
import type { FitQuestion, Part, QuestionProblem } from "./question";
import { versionIn } from "./version";

/** A model on GPUs, with every default of the question filled in. */
export interface OnGpus {
  readonly on: "gpus";
  readonly replica: Replica;
  /** How many such replicas stand side by side; a model with experts has one, whose attention is data parallel. */
  readonly replicas: number;
}

/** What a question asks about, or everything that is wrong with it. */
export type Understood = OnGpus | OnCpu | { readonly problems: readonly QuestionProblem[] };

/** Turns a question into what it asks about. Problems of one part do not hide those of another. */
export function replicaOf(question: FitQuestion, measured: Measured | null = null): Understood {
  const model = modelOf(question);
  const device = deviceOf(question);
  const placed = parallelOf(question, "problems" in model || model.model.moe !== null);
  const version = versionProblems(question);
  if ("cpu" in device && !("problems" in model)) return onCpu(question, model, device.cpu);
  const parts = { model, device, placed, measured };
  const understood = [model, device, placed].flatMap((part) => ("problems" in part ? part.problems : []));
  if ("problems" in model || "problems" in device || "problems" in placed || "cpu" in device)
    return { problems: [...understood, ...version, ...problemsOfTheRest(question, parts)] };
  const { parallel, replicas } = placed;
  const replica = assemble(question, { model, gpu: device.gpu, parallel, measured });
  const problems = [...version, ...problemsOf(replica, question)];
  return problems.length > 0 ? { problems } : { on: "gpus", replica, replicas };
}

function modelOf({ model: name, config }: FitQuestion): Part<ResolvedModel> {
  if (config !== undefined) {
    const read = modelFromConfig(config, name ?? "config.json");
    return "problems" in read ? { problems: read.problems.map((message) => ({ key: "config", message })) } : read;
  }
  return named("model", name, resolveModel, shortModelNames);
}

/** Names without their organisation, by which models are found, too. */
const bare = (name: string): string => name.split("/").at(-1) ?? name;
const shortModelNames: readonly string[] = [...new Set(modelNames.map(bare))];

type Device = { readonly gpu: Gpu } | { readonly cpu: Cpu };

function deviceOf({ gpu: name }: FitQuestion): Part<Device> {
  const cpu = name === undefined ? undefined : resolveCpu(name);
  if (cpu !== undefined) return { cpu };
  return named(
    "gpu",
    name,
    (text) => {
      const gpu = resolveGpu(text);
      return gpu === undefined ? undefined : { gpu };
    },
    gpuNames,
  );
}

function named<T>(
  key: "model" | "gpu",
  written: string | undefined,
  resolve: (name: string) => T | undefined,
  known: readonly string[],
): Part<T> {
  if (written === undefined) return { problems: [{ key, message: "is missing" }] };
  try {
    const found = resolve(written);
    if (found !== undefined) return found;
  } catch (error) {
    if (error instanceof AmbiguousNameError) return { problems: [{ key, message: error.message }] };
    throw error;
  }
  const message = `${JSON.stringify(written)} is not in the catalogue`;
  return { problems: [{ key, message, unknown: { written: bare(written), known } }] };
}

function versionProblems({ engineVersion }: FitQuestion): readonly QuestionProblem[] {
  if (engineVersion === undefined || versionIn(engineVersion) !== undefined) return [];
  const message = `${JSON.stringify(engineVersion)} names no version; allowed: major.minor.patch, such as 0.31.0`;
  return [{ key: "engineVersion", message }];
}

interface Unsure {
  readonly model: Part<ResolvedModel>;
  readonly device: Part<Device>;
  readonly placed: Part<Placed>;
}

const single: Parallel = { tensor: 1, pipeline: 1, data: 1, expert: false, decodeContext: 1 };

/** Impossibilities that depend on the GPU. */
const aboutGpu: ReadonlySet<ImpossibilityId> = new Set([
  "weight-format-gpu",
  "kv-format-gpu",
  "gpu-too-old",
  "sequences-range",
]);

/** What is wrong beside a part that was not understood: checked with another in its place. */
function problemsOfTheRest(question: FitQuestion, { model, device, placed }: Unsure): readonly QuestionProblem[] {
  const knowsModel = !("problems" in model);
  const knowsGpu = "gpu" in device;
  const usualModel = models.find(({ kind, moe }) => kind === "decoder" && moe === null);
  // Hopper runs every format.
  const usualGpu = gpus.find(({ computeCapability }) => computeCapability === 9);
  const gpu = knowsGpu ? device.gpu : usualGpu;
  if (usualModel === undefined || gpu === undefined || (!knowsModel && !knowsGpu)) return [];
  const resolved = knowsModel ? model : { model: usualModel, format: undefined };
  const parallel = knowsModel && !("problems" in placed) ? placed.parallel : single;
  const asked = knowsModel ? question : { ...question, maxModelLen: undefined, inputTokens: 1, outputTokens: 1 };
  const replica = assemble(asked, { model: resolved, gpu, parallel, measured: null });
  return problemsOf(replica, asked, ({ id }) => (knowsModel ? !aboutGpu.has(id) || knowsGpu : aboutGpu.has(id)));
}
