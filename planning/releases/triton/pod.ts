import { tritonServer } from "../../../catalog/triton";
import type { TritonModelSettings, TritonRepositorySettings, TritonSettings } from "../../../environment";
import type { BucketVolumePlan, By, MountPlan, PodPlan, VolumePlan } from "../../plan";
import { cachePath, compiledPath, readVolume, type ReadSource } from "../../weights";
import type { VllmWeights } from "../vllm-weights";
import { engineKey } from "./artefact";
import { hasFiles } from "./check-release";
import type { Demand } from "./demand";
import { repositoryPath } from "./server";
import type { TritonModelPlan } from "./plan";

/** The volume with what the program writes: configs and arguments of engines. */
export const configsVolume = "configs";
/** Its file that keeps a version's directory from being missing where a model has none of its own. */
const placeholderFile = "no-files.txt";
const placeholder = "This model has no files of its own; Triton asks for a directory of its version all the same.\n";
const repositoryVolume = "repository";
const tokenizerPath = "/tokenizer";
const chatTemplatePath = "/chat-template.jinja";

export interface PodQuestion {
  readonly environment: string;
  readonly release: string;
  readonly settings: TritonSettings;
  readonly models: By<TritonModelPlan>;
  readonly image: string;
  readonly demand: Demand;
  readonly args: readonly string[];
  /** Of the language model, where there is one. */
  readonly weights: VllmWeights | null;
}

export interface PlannedPod {
  readonly pod: PodPlan;
  readonly buckets: readonly BucketVolumePlan[];
}

/** The name of a model's file in the volume with configs. */
export function fileName(model: string, file: string): string {
  return `${model}.${file}`;
}

/** Where the tokenizer and the chat template of the OpenAI front end are; null where it is not told. */
export function tokenizerOf(settings: TritonSettings, weights: VllmWeights | null) {
  const { openai } = settings;
  if (openai === undefined) return { tokenizer: null, chatTemplate: null };
  return {
    tokenizer: openai.tokenizer === undefined ? (weights?.plan.model ?? null) : tokenizerPath,
    chatTemplate: openai.chatTemplate === undefined ? null : chatTemplatePath,
  };
}

export function tritonPod(question: PodQuestion): PlannedPod {
  const { environment, release, settings, demand, image, args, weights } = question;
  const user = { id: tritonServer.user, group: tritonServer.group };
  const repository =
    settings.repository === undefined
      ? undefined
      : readVolume(readSource(settings.repository), {
          environment,
          release,
          name: repositoryVolume,
          mountPath: repositoryPath,
          user,
        });
  const volumes: By<VolumePlan> = {
    shm: { kind: "memory", sizeGiB: demand.shmGiB },
    tmp: { kind: "scratch", sizeGiB: demand.tmpGiB },
    ...(demand.cacheGiB === 0 ? {} : { cache: { kind: "scratch", sizeGiB: demand.cacheGiB } }),
    // The texts of the models join it where the objects are declared.
    [configsVolume]: { kind: "files", files: hasEnsemble(settings) ? { [placeholderFile]: placeholder } : {} },
    ...(repository === undefined ? {} : { [repositoryVolume]: repository.volume }),
    ...weights?.parts.volumes,
  };
  const front = settings.openai !== undefined;
  return {
    pod: {
      user,
      container: {
        name: "triton",
        image,
        args,
        variables: variables(question),
        secretVariables: weights?.parts.secretVariables ?? {},
        ports: front
          ? { http: tritonServer.openaiPort }
          : { http: tritonServer.httpPort, metrics: tritonServer.metricsPort },
        mounts: [
          { volume: "shm", path: "/dev/shm", readOnly: false },
          { volume: "tmp", path: "/tmp", readOnly: false },
          ...(demand.cacheGiB === 0 ? [] : [{ volume: "cache", path: cachePath, readOnly: false }]),
          ...(weights?.parts.mounts ?? []),
          ...Object.entries(settings.models).flatMap(([name, model]) => modelMounts(question, name, model)),
          ...frontEndMounts(settings),
        ],
      },
      setUp: weights?.parts.setUp ?? [],
      volumes,
    },
    buckets: repository?.bucket === undefined ? [] : [repository.bucket],
  };
}

function hasEnsemble({ models }: TritonSettings): boolean {
  return Object.values(models).some(({ backend }) => backend === "ensemble");
}

function readSource(repository: TritonRepositorySettings): ReadSource {
  const path = repository.path === undefined ? {} : { path: repository.path };
  switch (repository.from) {
    case "pvc":
      return { kind: "claim", claim: repository.claim, ...path };
    case "oci":
      return { kind: "image", image: repository.image, ...path };
    case "s3":
      return { kind: "bucket", bucket: repository.bucket, region: repository.region, ...path };
  }
}

/** A path of the repository inside its volume: the volume of a bucket begins where the repository does. */
function inside(settings: TritonSettings, path: string): string {
  const { repository } = settings;
  const root = repository?.from === "s3" ? undefined : repository?.path;
  return root === undefined ? path : `${root}/${path}`;
}

/**
 * A model's directory, put together: the config is ours, whatever the repository has beside its versions, and each
 * version is mounted by itself.
 */
function modelMounts(
  { settings, models }: PodQuestion,
  name: string,
  model: TritonModelSettings,
): readonly MountPlan[] {
  const plan = models[name];
  if (plan === undefined) return [];
  const folder = `${repositoryPath}/${name}`;
  const written = (file: string, path: string): MountPlan => ({
    volume: configsVolume,
    path: `${folder}/${path}`,
    subPath: file,
    readOnly: true,
  });
  const read = (path: string): MountPlan => ({
    volume: repositoryVolume,
    path: `${folder}/${path}`,
    subPath: inside(settings, `${name}/${path}`),
    readOnly: true,
  });
  const labels = plan.config.outputs.flatMap((output) => (output.labels === null ? [] : [output.labels]));
  return [
    written(fileName(name, "config.pbtxt"), "config.pbtxt"),
    ...(hasFiles(model) && settings.repository !== undefined
      ? [...plan.versions.map(String), ...new Set(labels)].map(read)
      : []),
    ...argumentMount(name, model, written),
  ];
}

function argumentMount(
  name: string,
  { backend }: TritonModelSettings,
  written: (file: string, path: string) => MountPlan,
): readonly MountPlan[] {
  if (backend === "vllm") return [written(fileName(name, "model.json"), "1/model.json")];
  // Beside the versions, which are read-only as they come.
  if (backend === "llmapi") return [written(fileName(name, "model.yaml"), "model.yaml")];
  // A model without any version is none.
  return backend === "ensemble" ? [written(placeholderFile, `1/${placeholderFile}`)] : [];
}

function frontEndMounts(settings: TritonSettings): readonly MountPlan[] {
  const { openai, repository } = settings;
  if (openai === undefined || repository === undefined) return [];
  const mount = (path: string | undefined, at: string): readonly MountPlan[] =>
    path === undefined ? [] : [{ volume: repositoryVolume, path: at, subPath: inside(settings, path), readOnly: true }];
  return [...mount(openai.tokenizer, tokenizerPath), ...mount(openai.chatTemplate, chatTemplatePath)];
}

/** Where engines write: the root filesystem is read-only. */
function variables({ settings, weights }: PodQuestion): By<string> {
  const models = Object.entries(settings.models);
  const llmApi = models.find(([, { backend }]) => backend === "llmapi");
  const spread = models.some(([, model]) => !("instanceGroups" in model) && (engineKey(model)?.gpus ?? 1) > 1);
  return {
    HOME: "/tmp",
    PYTHONDONTWRITEBYTECODE: "1",
    ...(weights === null ? {} : engineCaches(weights)),
    ...(llmApi === undefined ? {} : { LLM_CONFIG_PATH: `${repositoryPath}/${llmApi[0]}/model.yaml` }),
    // One server that starts a process for each GPU of an engine, in place of a server for each.
    ...(spread ? { TRTLLM_ORCHESTRATOR: "1" } : {}),
  };
}

function engineCaches({ plan, parts }: VllmWeights): By<string> {
  const compiled = compiledPath(plan);
  return {
    HOME: cachePath,
    HF_HOME: `${cachePath}/huggingface`,
    VLLM_CACHE_ROOT: `${compiled}/vllm`,
    TRITON_CACHE_DIR: `${compiled}/triton`,
    TORCHINDUCTOR_CACHE_DIR: `${compiled}/inductor`,
    VLLM_NO_USAGE_STATS: "1",
    ...parts.variables,
  };
}
