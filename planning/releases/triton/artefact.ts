import type { BuiltForLanguageModelSettings, BuiltForSettings, TritonModelSettings } from "../../../environment";
import { errorAt, type Finding } from "../../findings";
import type { Path } from "../../../environment";

/** What an engine was built for, as one word: two engines of the same key are the same. */
export interface EngineKey {
  readonly key: string;
  readonly computeCapability: string;
  readonly container: string;
  readonly gpus: number;
}

type BuiltFor = BuiltForSettings | BuiltForLanguageModelSettings;

/** The key of a model's engine; null for models of other backends. */
export function engineKey(model: TritonModelSettings): EngineKey | null {
  if (!("builtFor" in model)) return null;
  const { builtFor } = model;
  const { computeCapability, container } = builtFor;
  const { tensor, pipeline } = parallelOf(builtFor);
  const parts = [
    builtFor.model,
    builtFor.dataType,
    `tp${tensor}`,
    `pp${pipeline}`,
    `sm${computeCapability.replace(".", "")}`,
    container,
    `batch${builtFor.maxBatchSize}`,
    ...longest(builtFor),
  ];
  return { key: parts.join(" "), computeCapability, container, gpus: tensor * pipeline };
}

function parallelOf(builtFor: BuiltFor): { readonly tensor: number; readonly pipeline: number } {
  return "tensorParallel" in builtFor
    ? { tensor: builtFor.tensorParallel, pipeline: builtFor.pipelineParallel }
    : { tensor: 1, pipeline: 1 };
}

function longest(builtFor: BuiltFor): readonly string[] {
  if ("maxSequenceLength" in builtFor) return [`length${builtFor.maxSequenceLength}`];
  return builtFor.profiles.map(({ input, max }) => `${input}${max.join("x")}`);
}

/** Where an engine is to run. */
export interface EngineGround {
  /** In words, as `the pool gpus (A100-40GB)`. */
  readonly pool: string;
  /** Of the pool's GPUs; null where it has none. */
  readonly computeCapability: number | null;
  /** Triton's version. */
  readonly version: string;
  /** Of one machine. */
  readonly gpusPerNode: number;
}

/** An engine against the GPUs, the container and the batches that it meets: both values of each that differs. */
export function artefactFindings(model: TritonModelSettings, on: EngineGround, at: Path): readonly Finding[] {
  if (!("builtFor" in model)) return [];
  const { builtFor } = model;
  const inside = [...at, "builtFor"];
  const mismatch = (path: string, message: string, fix: string): Finding =>
    errorAt([...inside, path], "engine-artefact-mismatch", message, fix);
  const { tensor, pipeline } = parallelOf(builtFor);
  const findings: Finding[] = [];
  const { computeCapability, version, pool } = on;
  if (computeCapability !== null && Number(builtFor.computeCapability) !== computeCapability)
    findings.push(
      mismatch(
        "computeCapability",
        `the engine was built for compute capability ${builtFor.computeCapability}, and ${pool} has ${computeCapability.toFixed(1)}`,
        "Build the engine on a GPU of the pool, or move the release to a pool of the GPU that it was built for.",
      ),
    );
  if (builtFor.container !== version)
    findings.push(
      mismatch(
        "container",
        `the engine was built by the container ${builtFor.container}, and the release runs ${version}`,
        `Build it with the container ${version}, or write \`triton: "${builtFor.container}"\` under \`engines\`.`,
      ),
    );
  if (builtFor.maxBatchSize < model.maxBatchSize)
    findings.push(
      mismatch(
        "maxBatchSize",
        `the engine was built for batches of ${builtFor.maxBatchSize}, and Triton would give it ${model.maxBatchSize}`,
        `Write \`maxBatchSize: ${builtFor.maxBatchSize}\`, or build the engine for larger batches.`,
      ),
    );
  if (tensor * pipeline > on.gpusPerNode && on.gpusPerNode > 0)
    findings.push(
      mismatch(
        "tensorParallel",
        `the engine was built for ${tensor * pipeline} GPUs (tensor ${tensor} × pipeline ${pipeline}), and a machine of ${pool} has ${on.gpusPerNode}`,
        "Build the engine for fewer GPUs, or choose larger machines.",
      ),
    );
  return [...findings, ...profileFindings(model, inside)];
}

/** Shapes that the engine was built for against those that the model is declared with. */
function profileFindings(model: TritonModelSettings, inside: Path): readonly Finding[] {
  if (model.backend !== "tensorrt") return [];
  const { inputs, maxBatchSize, builtFor } = model;
  return builtFor.profiles.flatMap(({ input, min, max }, index): readonly Finding[] => {
    const at = [...inside, "profiles", index];
    const declared = inputs.find(({ name }) => name === input);
    if (declared === undefined) {
      const known = inputs.map(({ name }) => name).join(", ");
      const message = `the engine was built with the input ${input}, and the model is declared with ${known}`;
      return [
        errorAt([...at, "input"], "engine-artefact-mismatch", message, "Declare the inputs that the engine has."),
      ];
    }
    const shape = maxBatchSize > 0 ? [-1, ...declared.dims] : declared.dims;
    if (shape.length !== max.length) {
      const message = `${input} was built with ${max.length} dimensions ([${max.join(", ")}]), and is declared with ${shape.length} ([${shape.join(", ")}], the batch among them)`;
      return [errorAt([...at, "max"], "engine-artefact-mismatch", message, "Correct the dims, or the profile.")];
    }
    const outside = shape.flatMap((size, dimension) => {
      const [least = 0, most = 0] = [min[dimension], max[dimension]];
      return size !== -1 && (size < least || size > most) ? [`${size} is not within ${least} to ${most}`] : [];
    });
    const batch =
      maxBatchSize > 0 && (max[0] ?? 0) < maxBatchSize
        ? [`batches reach ${maxBatchSize}, the profile ${max[0] ?? 0}`]
        : [];
    const wrong = [...batch, ...outside];
    if (wrong.length === 0) return [];
    const message = `${input} is declared for shapes that the engine was not built for: ${wrong.join("; ")}`;
    return [
      errorAt([...at, "max"], "engine-artefact-mismatch", message, "Build the engine for them, or declare fewer."),
    ];
  });
}
