import { stepIfSlow, type Progress, type Step } from "../../report/progress";
import { build, buildSeconds, findGo } from "./build";
import { cacheFolder, placeOf, readCache, type Place, type ReadOptions } from "./cache";
import { download, originsOf } from "./download";
import { findInstalled } from "./installed";
import { withLock } from "./lock";
import { isMissing, type Attempt, type Missing, type Part, type PartName, type Recipe, type Way } from "./part";
import { whyUnreachable } from "./reach";
import { thisPlatform } from "./recipes";
import { createWorkspace, publish, removeEntry, removeLeftovers, type Made, type Workspace } from "./workspace";

/** What finding and obtaining need to know about the world around them. */
export interface Context {
  readonly table: Readonly<Record<PartName, Recipe>>;
  readonly progress: Progress;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** Looks for a part on this machine: installed, then in the cache. Changes nothing. */
export async function find(recipe: Recipe, context: Context, options: ReadOptions = {}): Promise<Part | Missing> {
  const installed = await findInstalled(recipe, context);
  if (!("reason" in installed)) return installed;
  const cached = await readCache(recipe, placeIn(recipe, context), options);
  if (!("reason" in cached)) return cached;
  return missing(recipe, [
    { way: "path", reason: installed.reason },
    { way: "cache", reason: cached.reason },
  ]);
}

/**
 * Finds or obtains parts, one after the other in the order given: a build keeps all cores busy by
 * itself. A part that cannot be had does not keep the others from being obtained: what is made
 * stays in the cache.
 */
export async function ensure(names: readonly PartName[], context: Context): Promise<readonly (Part | Missing)[]> {
  const wanted = [...new Set(names)].map((name) => context.table[name]);
  const looking = `looking for ${wanted.map(({ title }) => title).join(", ")}`;
  const answers = await stepIfSlow(context.progress, looking, () =>
    Promise.all(wanted.map((recipe) => find(recipe, context))),
  );
  const absent = wanted.filter((recipe) => answers.some((answer) => answer.name === recipe.name && isMissing(answer)));
  const unreachable = await findUnreachable(absent, context);
  for (const [index, answer] of answers.entries()) {
    if (isMissing(answer)) answers[index] = await obtain(answer, unreachable, context);
  }
  return answers;
}

type Unreachable = ReadonlyMap<string, string>;

/** Asks all servers at once, so that a firewall that drops packets costs its three seconds only once. */
async function findUnreachable(absent: readonly Recipe[], context: Context): Promise<Unreachable> {
  const { environment, progress } = context;
  if (isOffline(environment)) return new Map();
  const origins = [...new Set(absent.flatMap((recipe) => originsOf(recipe.download)))];
  const ask = async (origin: string): Promise<[string, string][]> => {
    const reason = await whyUnreachable(origin, environment);
    return reason === undefined ? [] : [[origin, reason]];
  };
  const answers = await stepIfSlow(progress, "asking the download servers", () => Promise.all(origins.map(ask)));
  return new Map(answers.flat());
}

async function obtain(absent: Missing, unreachable: Unreachable, context: Context): Promise<Part | Missing> {
  const recipe = context.table[absent.name];
  const place = placeIn(recipe, context);
  const { progress, signal } = context;
  const work = async (): Promise<Part | Missing> => {
    const cached = await readCache(recipe, place);
    // Another process has made it while this one waited for the lock.
    if (!("reason" in cached)) return cached;
    removeLeftovers(place);
    if (cached.damaged) removeEntry(place);
    const downloaded = await tryDownload(recipe, unreachable, context);
    if (!("way" in downloaded)) return downloaded;
    const built = await tryBuild(recipe, context);
    return "way" in built ? missing(recipe, [...absent.tried, downloaded, built]) : built;
  };
  try {
    return await withLock(place.lock, { progress, signal, title: `getting ${recipe.title}` }, work);
  } catch (error) {
    signal.throwIfAborted();
    return missing(recipe, [...absent.tried, { way: "cache", reason: `cannot be written to: ${reasonOf(error)}` }]);
  }
}

async function tryDownload(recipe: Recipe, unreachable: Unreachable, context: Context): Promise<Part | Attempt> {
  const how = recipe.download;
  const way = "download";
  if (isOffline(context.environment)) return { way, reason: "not tried, because MODELYARD_OFFLINE is set" };
  if (how.kind === "files" && how.files.length === 0) {
    const { os, architecture } = thisPlatform;
    return { way, reason: how.absent ?? `nothing is published for ${os}-${architecture}` };
  }
  const refused = originsOf(how).flatMap((origin) => unreachable.get(origin) ?? []);
  if (refused.length > 0) return { way, reason: refused.join("; ") };
  const title = `downloading ${recipe.title} ${recipe.version}`;
  return attempt(recipe, way, title, how.seconds, context, async (workspace, step) => {
    const needsPulumi = how.kind === "command" && how.runs === "pulumi";
    return download(how, workspace, step, { ...context, pulumi: needsPulumi ? await findPulumi(context) : undefined });
  });
}

async function tryBuild(recipe: Recipe, context: Context): Promise<Part | Attempt> {
  const way = "build";
  const found = findGo(context.environment);
  if ("reason" in found) return { way, reason: found.reason };
  const work = recipe.build.packages.length === 0 ? "fetching the definitions of" : "building";
  const title = `${work} ${recipe.title} ${recipe.version} with Go`;
  return attempt(recipe, way, title, buildSeconds(recipe.build), context, (workspace, step) =>
    build(recipe, found.go, thisPlatform, workspace, step, context),
  );
}

/** Makes a part in a workspace of its own and puts it into the cache, or says why that failed. */
async function attempt(
  recipe: Recipe,
  way: Way,
  title: string,
  seconds: number,
  context: Context,
  make: (workspace: Workspace, step: Step) => Promise<Made>,
): Promise<Part | Attempt> {
  const place = placeIn(recipe, context);
  const workspace = createWorkspace(place);
  const step = context.progress.step(title, seconds);
  // An interrupted process ends without coming back here.
  context.signal.addEventListener("abort", workspace.remove, { once: true });
  try {
    const made = await make(workspace, step);
    step.note("checking that it starts");
    const part = await publish(recipe, place, thisPlatform, workspace, made, context);
    step.done();
    return part;
  } catch (error) {
    step.fail(context.signal.aborted ? "stopped" : reasonOf(error));
    context.signal.throwIfAborted();
    return { way, reason: reasonOf(error) };
  } finally {
    context.signal.removeEventListener("abort", workspace.remove);
    workspace.remove();
  }
}

async function findPulumi(context: Context): Promise<string | undefined> {
  const answer = await find(context.table.pulumi, context);
  return isMissing(answer) ? undefined : answer.files.pulumi;
}

function missing({ name, title, version, homepage }: Recipe, tried: readonly Attempt[]): Missing {
  return { name, title, version, homepage, tried };
}

function placeIn(recipe: Recipe, { environment }: Context): Place {
  return placeOf(recipe, thisPlatform, cacheFolder(environment));
}

/** `MODELYARD_OFFLINE=1` keeps parts from being downloaded. Go has its own switch: `GOPROXY=off`. */
function isOffline({ MODELYARD_OFFLINE: value = "" }: NodeJS.ProcessEnv): boolean {
  return !["", "0", "false"].includes(value);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
