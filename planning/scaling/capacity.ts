import type { ReleaseSettings } from "../../environment";
import type { ReleaseLoad } from "../load";
import { isLanguageModel, type Arithmetic, type LanguageModelPlan, type ReleasePlan, type Term } from "../plan";
import { headroom, sloOf } from "../sizing";
import { runningShare, waitingShare, waitingWithoutPromise } from "./rules";

/** What bounds the requests that one pod works on, and how much of it is to be used before one more pod is wanted. */
interface Bound {
  readonly term: Term;
  readonly share: Term & { readonly value: number };
  readonly value: number;
}

/** Requests that are worked on, for each pod, at which one more is wanted; null where nobody knows what a pod can do. */
export function runningThreshold(
  settings: ReleaseSettings,
  plan: ReleasePlan,
  load: ReleaseLoad | null,
): Arithmetic | null {
  const { running } = settings.scaling;
  if (running !== undefined) return set("scaling.running", running);
  if (!("maxSequences" in settings) || !isLanguageModel(plan)) return null;
  const bounds = [...sizeBounds(settings.maxSequences, plan, load), ...promiseBound(plan, load)];
  const least = Math.min(...bounds.map(({ value, share }) => value * share.value));
  return {
    formula: "the least of: what bounds the requests of one pod × the share of it that is used, at least 1",
    terms: bounds.flatMap(({ term, share }) => [term, share]),
    result: Math.max(1, Math.floor(least)),
    unit: "requests",
  };
}

/** What the engine may have at once, and what its KV cache holds: the rest takes the load while new pods start. */
function sizeBounds(
  maxSequences: number,
  { dataParallel, memory: { kvTokens } }: LanguageModelPlan,
  load: ReleaseLoad | null,
): readonly Bound[] {
  const share = { name: "share", value: runningShare, source: "a rule of ours" };
  const allowed = maxSequences * dataParallel;
  const engine: Bound = {
    term: { name: `maxSequences × ${dataParallel} engines`, value: allowed, unit: "requests" },
    share,
    value: allowed,
  };
  if (load === null || kvTokens === null) return [engine];
  const tokens = load.inputTokens + load.outputTokens;
  const held = (kvTokens / tokens) * dataParallel;
  const text = `KV cache of ${kvTokens} tokens ÷ ${tokens} of a request × ${dataParallel} engines`;
  return [engine, { term: { name: text, value: held, unit: "requests" }, share, value: held }];
}

/** What is inside a pod when it breaks a promise: as much as at the worst moment in proportion, which is rather too little. */
function promiseBound(
  { speed, replicas: { max } }: LanguageModelPlan & Pick<ReleasePlan, "replicas">,
  load: ReleaseLoad | null,
): readonly Bound[] {
  if (speed === null || load === null || Object.keys(sloOf(load)).length === 0) return [];
  const perPod = speed.load.peakRequestsPerSecond / max;
  const value = (speed.peak.running * speed.saturation.withinSlo) / perPod;
  const text = `inside a pod at the worst moment (${speed.peak.running.toPrecision(3)}) × requests/s within its promises ÷ requests/s then`;
  const share = { name: "1 ÷ (1 + headroom)", value: 1 / (1 + headroom), source: "as pods are counted" };
  return [{ term: { name: text, value, unit: "requests" }, share, value }];
}

/** Requests that wait, for each pod, at which one more is wanted. */
export function waitingThreshold(settings: ReleaseSettings, plan: ReleasePlan, load: ReleaseLoad | null): Arithmetic {
  const { waiting } = settings.scaling;
  if (waiting !== undefined) return set("scaling.waiting", waiting);
  const promised = load?.objectives.ttftP95;
  const rate = isLanguageModel(plan) ? plan.speed?.saturation.withinSlo : undefined;
  if (promised === undefined || rate === undefined) {
    const term = {
      name: "usual",
      value: waitingWithoutPromise,
      source: "production-stack's default; GKE advises 3 to 5",
    };
    return {
      formula: "as is usual, because no time to the first token is promised",
      terms: [term],
      result: waitingWithoutPromise,
      unit: "requests",
    };
  }
  return {
    formula: "requests that one pod works off × promised time to the first token × its share for waiting, at least 1",
    terms: [
      { name: "one pod, within its promises", value: rate, unit: "requests/s" },
      { name: "ttftP95", value: promised, unit: "s" },
      { name: "share for waiting", value: waitingShare, source: "a rule of ours" },
    ],
    result: Math.max(1, Math.floor(rate * promised * waitingShare)),
    unit: "requests",
  };
}

function set(name: string, value: number): Arithmetic {
  return { formula: `the setting \`${name}\``, terms: [{ name, value }], result: value, unit: "requests" };
}
