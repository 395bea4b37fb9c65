import { kubernetesMinor } from "../../../catalog/versions";
import type { Path, TritonSettings } from "../../../environment";
import type { Finding } from "../../findings";
import { hasGpus, type TritonPlan } from "../../plan";
import { gpuOfPool } from "../../pool-sharing";
import { planTime, timeFindings } from "../../time";
import { imageVolumeFindings } from "../../weights";
import { sizeByCapacity } from "../declared-capacity";
import type { Chosen, Planned } from "../ground";
import { onGpus } from "../machines";
import { artefactFindings } from "./artefact";
import { assemble, type Decided } from "./assemble";
import { isLanguageBackend, type LanguageModel } from "./backends";
import { releaseFindings } from "./check-release";
import { demandFindings, demandOf } from "./demand";
import type { TritonGround } from "./ground";
import { chooseImage } from "./image";
import { chooseLanguage, languageWeights, type LanguageChosen } from "./language";
import { tritonTime } from "./time";
import { explainTriton } from "./why";

/** Decides a release of Triton: its one language model as vLLM's are, everything else as it is declared. */
export function chooseTriton(settings: TritonSettings, on: TritonGround): Chosen<TritonPlan> {
  const language = Object.entries(settings.models).find(isLanguageEntry);
  if (language === undefined) return chosen(settings, on, null, []);
  const [name, model] = language;
  return onGpus(`the backend ${model.backend}`, on, (ground) => {
    const laid = chooseLanguage({ name, model, release: settings, on: { ...ground, version: on.version } });
    if (laid.chosen !== undefined) return chosen(settings, on, laid.chosen, laid.findings);
    const findings = [...laid.findings, ...releaseFindings(settings, ["releases", on.release])];
    return { release: on.release, planned: () => ({ findings, why: {} }) };
  });
}

function isLanguageEntry(entry: readonly [string, TritonSettings["models"][string]]): entry is [string, LanguageModel] {
  return isLanguageBackend(entry[1]);
}

function chosen(
  settings: TritonSettings,
  on: TritonGround,
  language: LanguageChosen | null,
  found: readonly Finding[],
): Chosen<TritonPlan> {
  const at: Path = ["releases", on.release];
  const { image, findings: images } = chooseImage(settings, on.version, on.images, at);
  const weights = language === null ? null : languageWeights(language, on, image);
  const needs =
    language === null
      ? null
      : { name: language.name, host: language.choice.host, budgetGiB: language.choice.split.budgetGiB };
  const demand = demandOf(settings, needs);
  const sized = sizeByCapacity(settings, on.load ?? null, at, "one pod of this repository");
  const findings = [
    ...found,
    ...images,
    ...releaseFindings(settings, at),
    ...repositoryFindings(settings, on, at),
    ...demandFindings(demand, {
      release: on.release,
      pool: on.pool,
      gpu: hasGpus(on.pool) ? gpuOfPool(on.pool) : undefined,
    }),
    ...Object.entries(settings.models).flatMap(([name, model]) =>
      artefactFindings(model, engineGround(on), [...at, "models", name]),
    ),
    ...(language === null ? sized.findings : []),
  ];
  const levels = language === null ? sized.levels : language.choice.size.levels;
  const decided: Decided = { settings, on, language, weights, image, demand, levels };
  return { release: on.release, planned: (surge) => planned(decided, surge, findings, sized.why) };
}

function planned(
  decided: Decided,
  surge: boolean,
  found: readonly Finding[],
  whyOfLevels: Planned["why"],
): Planned<TritonPlan> {
  const { on, language } = decided;
  const question = tritonTime(decided, surge);
  const seconds = planTime(question);
  const plan = assemble(decided, surge, seconds);
  const spot = on.pool.rented?.purchase[0] === "spot";
  return {
    plan,
    ...(language === null ? {} : { replica: language.choice.replica }),
    findings: [...found, ...timeFindings(on.release, question, seconds, { spot })],
    get why() {
      return explainTriton(plan, decided, { surge, seconds, question, whyOfLevels });
    },
  };
}

function engineGround({ pool, version }: TritonGround) {
  const gpu = hasGpus(pool) ? gpuOfPool(pool) : null;
  return {
    pool: `the pool ${pool.name} (${pool.accelerator ?? "no GPUs"})`,
    computeCapability: gpu === null ? null : gpu.computeCapability,
    version,
    gpusPerNode: pool.gpusPerNode,
  };
}

/** Whether the cluster can mount the repository. */
function repositoryFindings({ repository }: TritonSettings, { cluster }: TritonGround, at: Path): readonly Finding[] {
  if (repository?.from !== "oci") return [];
  return imageVolumeFindings(cluster?.kubernetes ?? kubernetesMinor, [...at, "repository", "from"], "a repository");
}
