import { setTimeout as sleep } from "node:timers/promises";
import type { KubernetesApi } from "./api";
import { problemText, readPods, type PodCounts } from "./pods";
import { readWarnings } from "./refusals";

export interface ArrivalOptions {
  readonly api: KubernetesApi;
  readonly namespaces: readonly string[];
  /** Pods that each release is to have, by its name. */
  readonly expected: Readonly<Record<string, number>>;
  /** How long to wait. @default 60: pods run as soon as the scheduler has found them a place */
  readonly seconds?: number;
  /** Ends the wait at once. */
  readonly signal: AbortSignal;
}

/** The pods of releases after the wait for them. */
export interface Arrival {
  /** Pods that run, of those that are there or should be. */
  readonly running: number;
  readonly all: number;
  /** In words: which releases lack pods, and what is said about it. Empty when every pod runs. */
  readonly lacking: readonly string[];
}

const pollMilliseconds = 500;

/**
 * Waits until every release has its pods, and all of them run: also those that an operator makes, for which Pulumi
 * does not wait. A look that fails is tried again.
 */
export async function awaitPods(options: ArrivalOptions): Promise<Arrival> {
  const { seconds = 60, signal } = options;
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const over = performance.now() > deadline || signal.aborted;
    const arrival = await look(options).catch((error: unknown) => {
      if (over) throw error;
    });
    if (arrival !== undefined && (over || arrival.lacking.length === 0)) return arrival;
    await sleep(pollMilliseconds, undefined, { signal }).catch(() => undefined);
  }
}

async function look({ api, namespaces, expected }: ArrivalOptions): Promise<Arrival> {
  const { releases, problems } = await readPods(api, namespaces);
  const names = [...new Set([...Object.keys(expected), ...Object.keys(releases)])];
  const counts = names.map((name) => countOf(name, releases[name], expected[name] ?? 0));
  const running = counts.reduce((sum, count) => sum + count.running, 0);
  const all = counts.reduce((sum, count) => sum + count.all, 0);
  const missing = counts.flatMap(({ lack }) => lack);
  const reasons = problems.map((problem) => `  ${problemText(problem)}`);
  if (missing.length === 0 || reasons.length > 0) return { running, all, lacking: [...missing, ...reasons] };
  return { running, all, lacking: [...missing, ...(await lastWarnings(api, namespaces))] };
}

function countOf(name: string, { running, pending }: PodCounts = nobody, expected: number) {
  const all = Math.max(running + pending, expected);
  return { running, all, lack: running < all ? [`${name}: ${running} of ${all} pods run`] : [] };
}

const nobody: PodCounts = { running: 0, pending: 0, other: 0 };

const keptWarnings = 5;

/**
 * Where nothing is known to keep pods from running, whatever was last complained of may be why; but not what was
 * complained of a pod: one that is there and does not run is known by then.
 */
async function lastWarnings(api: KubernetesApi, namespaces: readonly string[]): Promise<readonly string[]> {
  const warnings = (await Promise.all(namespaces.map((namespace) => readWarnings(api, namespace)))).flat();
  const others = warnings.filter(({ object }) => !object.startsWith("Pod/"));
  const texts = others.map(({ object, reason, message }) => `  ${object}: ${reason}: ${message}`);
  return [...new Set(texts)].slice(-keptWarnings);
}
