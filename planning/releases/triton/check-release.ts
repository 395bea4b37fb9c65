import { tritonBackends } from "../../../catalog/triton-backends";
import { suggestion } from "../../../catalog/suggest";
import type { EnsembleSettings, Path, TritonModelSettings, TritonSettings } from "../../../environment";
import { errorAt, type Finding } from "../../findings";
import { checkModel, isArtefact, servedVersions } from "./check-model";
import { stepConfig } from "./config";
import { checkEnsemble, type EnsembleChecked, type ModelProblem, type StepModel } from "./ensemble";
import { isLanguageBackend, type LanguageModel } from "./backends";
import { frontEndFindings } from "./front-end";
import { interfaceOf } from "./interfaces";
import type { TensorConfig } from "./model-config";

type Named<Model extends TritonModelSettings = TritonModelSettings> = readonly [name: string, model: Model];

/** What is wrong with the models of a release, whatever they run on. */
export function releaseFindings(settings: TritonSettings, at: Path): readonly Finding[] {
  const models = Object.entries(settings.models);
  const inModel = (name: string, { at: inside, message, fix }: ModelProblem, id: Finding["id"]): Finding =>
    errorAt([...at, "models", name, ...inside], id, `${name}: ${message}`, fix);
  const invalid = (inside: Path, message: string, fix: string): Finding =>
    errorAt([...at, ...inside], "model-config-invalid", message, fix);
  return [
    ...models.flatMap(([name, model]) =>
      checkModel(model).map((problem) => inModel(name, problem, "model-config-invalid")),
    ),
    ...ensemblesOf(settings).flatMap(([name, checked]) =>
      checked.problems.map((problem) => inModel(name, problem, "ensemble-broken")),
    ),
    ...nested(models).map(([name, problem]) => inModel(name, problem, "ensemble-broken")),
    ...served(settings, invalid),
    ...filesNeeded(settings, invalid),
    ...serverWide(settings, invalid),
    ...languageModels(models, invalid),
    ...frontEndFindings(settings, invalid),
  ];
}

/** The ensembles of a release, each as it was checked. */
export function ensemblesOf({
  models,
}: TritonSettings): readonly (readonly [name: string, checked: EnsembleChecked])[] {
  const all = new Map(
    Object.entries(models).map(([name, model]): [string, StepModel] => [
      name,
      { ...interfaceOf(model), versions: servedVersions(model) },
    ]),
  );
  return Object.entries(models).flatMap(([name, model]) =>
    model.backend === "ensemble"
      ? [[name, checkEnsemble({ name, ...outside(model), steps: model.steps.map(stepConfig), models: all })] as const]
      : [],
  );
}

/** Inside of an ensemble its tensors have the shapes that it reshapes them to. */
function outside(model: EnsembleSettings) {
  const reshaped = <Tensor extends TensorConfig>(tensor: Tensor): Tensor => ({
    ...tensor,
    dims: tensor.reshape ?? tensor.dims,
  });
  const { inputs, outputs, maxBatchSize } = interfaceOf(model);
  return { inputs: inputs.map(reshaped), outputs: outputs.map(reshaped), maxBatchSize };
}

/** Ensembles may run ensembles, as long as none comes back to itself. */
function nested(models: readonly Named[]): readonly (readonly [name: string, problem: ModelProblem])[] {
  const steps = new Map(
    models.flatMap(([name, model]) =>
      model.backend === "ensemble" ? [[name, model.steps.map((step) => step.model)] as const] : [],
    ),
  );
  const circle = (name: string, path: readonly string[]): readonly string[] | null => {
    if (path.includes(name)) return name === path[0] ? [...path, name] : null;
    for (const next of steps.get(name) ?? []) {
      const found = circle(next, [...path, name]);
      if (found !== null) return found;
    }
    return null;
  };
  return [...steps.keys()].flatMap((name) => {
    const found = circle(name, []);
    if (found === null) return [];
    const message = `the ensemble runs itself: ${found.join(" → ")}`;
    return [[name, { at: ["steps"], message, fix: "Take it out of its own steps." }] as const];
  });
}

/** Makes the finding about one setting of the release. */
export type Invalid = (inside: Path, message: string, fix: string) => Finding;

/** The model that clients call: the one that is named, the only ensemble, or the only model; undefined where unclear. */
export function servedModel({ serves, models }: TritonSettings): string | undefined {
  if (serves !== undefined) return Object.hasOwn(models, serves) ? serves : undefined;
  const all = Object.entries(models);
  const ensembles = all.filter(([, { backend }]) => backend === "ensemble");
  const candidates = all.length === 1 ? all : ensembles;
  return candidates.length === 1 ? candidates[0]?.[0] : undefined;
}

function served(settings: TritonSettings, invalid: Invalid): readonly Finding[] {
  if (servedModel(settings) !== undefined) return [];
  const names = Object.keys(settings.models);
  if (settings.serves !== undefined) {
    const fix = suggestion(settings.serves, names);
    return [invalid(["serves"], `clients call ${settings.serves}, which is no model of this release`, fix)];
  }
  const message = `nobody has said which of the models clients call: ${names.join(", ")}`;
  return [invalid([], message, `Write it, for example \`serves: ${names[0] ?? ""}\`.`)];
}

/** Whether a model has files beside what the program writes. */
export function hasFiles(model: TritonModelSettings): boolean {
  return model.backend !== "ensemble" && model.backend !== "vllm";
}

function filesNeeded({ models, repository }: TritonSettings, invalid: Invalid): readonly Finding[] {
  const needing = Object.entries(models).filter(([, model]) => hasFiles(model));
  if (repository !== undefined || needing.length === 0) return [];
  const list = needing.map(([name, { backend }]) => {
    const { file } = tritonBackends[backend];
    return `${name}/<version>/${file ?? ""}`;
  });
  const fix = "Say where they are, for example `repository: { from: pvc, claim: triton-models }`.";
  return [invalid([], `models have files, and no repository holds them: ${list.join(", ")}`, fix)];
}

/** Settings of the server that models need. */
function serverWide({ models, responseCache, rateLimit }: TritonSettings, invalid: Invalid): readonly Finding[] {
  const all = Object.entries(models);
  const cached = all.filter(([, model]) => "responseCache" in model && model.responseCache).map(([name]) => name);
  const limited = all
    .filter(([, model]) => isArtefact(model) && model.instanceGroups.some((group) => group.rateLimiter !== undefined))
    .map(([name]) => name);
  return [
    ...(cached.length > 0 && responseCache === undefined
      ? [
          invalid(
            [],
            `answers of ${cached.join(", ")} are to be cached, and the server has no cache`,
            "Give it one, for example `responseCache: { size: 1GiB }`.",
          ),
        ]
      : []),
    ...(cached.length === 0 && responseCache !== undefined
      ? [
          invalid(
            ["responseCache"],
            "the server has a cache that no model uses",
            "Write `responseCache: true` for a model, or leave it out.",
          ),
        ]
      : []),
    ...(limited.length > 0 && rateLimit === undefined
      ? [
          invalid(
            [],
            `copies of ${limited.join(", ")} wait for resources, and the server does not limit rates: nothing would wait`,
            "Write `rateLimit: {}`, or leave `rateLimiter` out.",
          ),
        ]
      : []),
  ];
}

function languageModels(models: readonly Named[], invalid: Invalid): readonly Finding[] {
  const all = models.filter(([, model]) => isLanguageBackend(model) || model.backend === "tensorrtllm");
  const several =
    all.length < 2
      ? []
      : [
          invalid(
            ["models"],
            `${all.map(([name]) => name).join(" and ")} would each take all GPUs of the pod, and their memory cannot be planned together`,
            "Give each language model a release of its own.",
          ),
        ];
  const weights = models.flatMap(([name, model]) =>
    isLanguageBackend(model) ? weightsFindings(name, model, invalid) : [],
  );
  return [...several, ...weights];
}

function weightsFindings(name: string, model: LanguageModel, invalid: Invalid): readonly Finding[] {
  const at: Path = ["models", name, "weights"];
  const { weights } = model;
  return [
    ...("prefetch" in weights && weights.prefetch
      ? [
          invalid(
            [...at, "prefetch"],
            "no Job brings weights to Triton yet",
            "Leave `prefetch` out: a pod fills the cache itself.",
          ),
        ]
      : []),
    ...(model.backend === "llmapi" && weights.load === "streaming"
      ? [invalid([...at, "load"], "TensorRT-LLM has no streaming loader", "Write `load: direct`.")]
      : []),
  ];
}
