import type { ReplicaSettings } from "../environment";
import type { ReleaseLoad } from "./load";
import type { MemorySplit } from "./memory";
import type { Arithmetic, By, Term } from "./plan";
import type { Range, Replica } from "./replica";
import { levelNames, type ReplicaLevels } from "./room";
import { headroom, type ReleaseSpeed } from "./sizing";
import { explainSpeed } from "./speed";
import { setting } from "./why";

/** The arithmetic of a release's pods and of its speed, by path inside its plan. */
export function explainSize(
  replica: Replica,
  split: MemorySplit,
  levels: ReplicaLevels,
  speed: ReleaseSpeed | null,
  settings: ReplicaSettings,
  load: ReleaseLoad | null,
): By<Arithmetic> {
  const pods = levelNames.map((level): [string, Arithmetic] => [
    `replicas.${level}`,
    whyPods(level, levels[level], settings, speed),
  ]);
  return {
    ...Object.fromEntries(pods),
    ...(speed === null || load === null ? {} : whySpeed(replica, split, speed, load)),
  };
}

function whyPods(level: string, value: number, settings: ReplicaSettings, speed: ReleaseSpeed | null): Arithmetic {
  if (typeof settings === "number") return setting("replicas", value);
  if (settings !== "auto" && level !== "expected") return setting(`replicas.${level}`, value);
  if (speed === null) return whyLeast(value, settings);
  const { load, saturation } = speed;
  const terms = [
    perSecond("requests on average", load.requestsPerSecond),
    { name: "share by which they may grow", value: headroom },
    perSecond("requests at the worst moment", load.peakRequestsPerSecond),
    perSecond("requests of one pod within what is promised", saturation.withinSlo),
  ];
  const formula =
    settings === "auto"
      ? "the larger of (requests on average × (1 + growth)) and requests at the worst moment, ÷ requests of one pod within what is promised, rounded up"
      : "requests on average × (1 + growth) ÷ requests of one pod within what is promised, rounded up, within the bounds";
  return { formula, terms, result: value };
}

/** Pods where no load is known, or none that any number of pods could serve. */
function whyLeast(result: number, settings: ReplicaSettings): Arithmetic {
  if (settings === "auto") return { formula: "one: there is no load to count more from", terms: [], result };
  return { ...setting("replicas.min", result), formula: "the least: there is no load to count more from" };
}

function perSecond(name: string, value: number): Term {
  return { name, value, unit: "1/s" };
}

const formulas = {
  firstToken: "wait for a slot + front end + steps under way + steps that compute the prompt",
  interToken: "a step beside the requests that are in the replica then ÷ tokens that it accepts",
  endToEnd: "first token + steps of the answer",
  utilization: "requests per second ÷ the most that the pods do",
  running: "requests per second × seconds that one stays (Little's law)",
  waitingShare: "probability that every slot is taken, from the balance of arrivals and departures",
} as const;

function whySpeed(replica: Replica, split: MemorySplit, speed: ReleaseSpeed, load: ReleaseLoad): By<Arithmetic> {
  const { expected, saturation, needed, rates } = speed;
  const lengths = { inputTokens: load.inputTokens, outputTokens: load.outputTokens, prefixHit: load.prefixHit };
  const step = explainSpeed(replica, split, { ...lengths, concurrency: Math.max(1, expected.running) })["decodeStep"];
  const each = (["expected", "peak"] as const).flatMap((moment) => whyMoment(moment, speed));
  const terms = step?.terms ?? [];
  return {
    ...Object.fromEntries(each),
    ...whyLoad(load),
    ...ranged("speed.rates.prefillTokensPerSecond", rates.prefillTokensPerSecond, {
      formula: "tokens of a prompt that no cache has ÷ seconds that computing them takes alone",
      terms: [
        { name: "tokens of a prompt", value: load.inputTokens },
        { name: "prefix cache", value: load.prefixHit },
      ],
      unit: "tokens/s",
    }),
    ...ranged("speed.rates.decodeTokensPerSecond", rates.decodeTokensPerSecond, {
      formula: "requests at once ÷ seconds of a step without prompts",
      terms: [{ name: "requests at once", value: Math.max(1, expected.running) }, ...terms],
      unit: "tokens/s",
    }),
    "speed.saturation.unstableAt": {
      formula: "requests that end per second when every slot is taken",
      terms: [{ name: "slots", value: replica.maxSequences }],
      result: saturation.unstableAt,
      unit: "1/s",
    },
    "speed.saturation.withinSlo": {
      formula: "the most requests per second at which the 95th percentiles keep what is promised, by bisection",
      terms: promises(load),
      result: saturation.withinSlo,
      unit: "1/s",
    },
    "speed.needed": { ...whyPods("max", needed, "auto", speed), result: needed },
  };
}

function whyLoad({ parts, ...load }: ReleaseLoad): By<Arithmetic> {
  const requests = parts.flatMap(({ route, weight, left, load: asked }): Term[] => [
    perSecond(`requests of ${route}`, asked.requests),
    { name: `its part of the weights of ${route}`, value: weight },
    { name: `what fallbacks of ${route} leave`, value: left },
  ]);
  const peaks = parts.flatMap(({ route, weight, load: asked }): Term[] => [
    perSecond(`peak of ${route}`, asked.peak ?? asked.requests),
    { name: `its part of the weights of ${route}`, value: weight },
  ]);
  const average = (what: "inputTokens" | "outputTokens" | "prefixHit"): Arithmetic => ({
    formula: "average over the requests of all routes to it",
    terms: parts.flatMap(({ route, requestsPerSecond, load: asked }) => [
      { name: `${what} of ${route}`, value: asked[what] },
      perSecond(`requests of ${route} to it`, requestsPerSecond),
    ]),
    result: load[what],
  });
  return {
    "speed.load.requestsPerSecond": {
      formula: "sum over routes of requests × its part of the weights × what fallbacks leave",
      terms: requests,
      result: load.requestsPerSecond,
      unit: "1/s",
    },
    "speed.load.peakRequestsPerSecond": {
      formula: "sum over routes of the peak × its part of the weights, as if no fallback took anything",
      terms: peaks,
      result: load.peakRequestsPerSecond,
      unit: "1/s",
    },
    "speed.load.inputTokens": average("inputTokens"),
    "speed.load.outputTokens": average("outputTokens"),
    "speed.load.prefixHit": average("prefixHit"),
  };
}

function promises({ objectives }: ReleaseLoad): readonly Term[] {
  return Object.entries(objectives).flatMap(([name, value]) =>
    typeof value === "number" ? [{ name, value, source: "slo" }] : [],
  );
}

function whyMoment(moment: "expected" | "peak", { load, [moment]: speed }: ReleaseSpeed): [string, Arithmetic][] {
  const rate = moment === "expected" ? load.requestsPerSecond : load.peakRequestsPerSecond;
  const terms = [
    perSecond("requests", rate),
    { name: "tokens of a prompt", value: load.inputTokens },
    { name: "tokens of an answer", value: load.outputTokens },
    { name: "requests in one pod", value: speed.running },
  ];
  const path = `speed.${moment}`;
  const latencies = (["firstToken", "interToken", "endToEnd"] as const).flatMap((name) =>
    (["p50", "p95"] as const).flatMap((share) =>
      Object.entries(
        ranged(`${path}.${name}.${share}`, speed[name][share], { formula: formulas[name], terms, unit: "s" }),
      ),
    ),
  );
  return [
    ...latencies,
    ...Object.entries(ranged(`${path}.utilization`, speed.utilization, { formula: formulas.utilization, terms })),
    [`${path}.running`, { formula: formulas.running, terms, result: speed.running }],
    [`${path}.waitingShare`, { formula: formulas.waitingShare, terms, result: speed.waitingShare }],
  ];
}

/** The bounds of an estimate are the same arithmetic with every second shorter, or longer, by what it may be wrong. */
function ranged(path: string, range: Range, of: Omit<Arithmetic, "result">): By<Arithmetic> {
  return {
    [`${path}.low`]: { ...of, formula: `${of.formula}; the lower bound of the estimate`, result: range.low },
    [`${path}.expected`]: { ...of, result: range.expected },
    [`${path}.high`]: { ...of, formula: `${of.formula}; the upper bound of the estimate`, result: range.high },
  };
}
