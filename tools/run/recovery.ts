import { setTimeout as sleep } from "node:timers/promises";
import type { Stack } from "@pulumi/pulumi/automation";
import { z } from "zod";
import type { Progress } from "../report/progress";
import { Cluster, type ClusterApi } from "./cluster";
import { PulumiError } from "./errors";
import { endLeftovers } from "./leftovers";
import { readMark, removeMark, writeMark } from "./mark";
import { claims, foreignText, objectOf, objectText, type ObjectRef } from "./ownership";
import { backendOf, openStack, project, run, type Target } from "./pulumi";
import { repairAttributes, requireRoom, restoreState, stateFolder } from "./state-file";
import { removeStaleLocks } from "./state-lock";

/** A target whose interrupted runs can be recovered. */
export interface ClusterTarget extends Target {
  /** Stands for the environment's runs: a folder's path, absolute and without symbolic links. */
  readonly run: string;
  /** Where the environment's objects are. */
  readonly namespaces: readonly string[];
  /** Reaches the cluster beside Pulumi. */
  readonly connect: () => Promise<ClusterApi>;
}

/** A stack that is as its cluster is, whatever happened to the run before. */
export interface Recovered {
  readonly stack: Stack;
  /** Whether the run before did not come to its end. */
  readonly interrupted: boolean;
  /** Whether the state knows of the environment at all. */
  readonly known: boolean;
  /** Objects that interrupted runs meant to create. */
  readonly intended: readonly ObjectRef[];
}

const Resource = z.object({ urn: z.string(), type: z.string(), inputs: z.unknown().optional() });
const Exported = z.object({
  deployment: z.object({
    resources: z.array(Resource).nullish(),
    pending_operations: z.array(z.object({ type: z.string(), resource: Resource })).nullish(),
  }),
});

/**
 * Opens a stack after cleaning up what a killed run left: its processes, its lock on the state, its operations of
 * which nobody knows how they ended. The caller has the environment's turn.
 *
 * @throws PulumiError
 */
export async function openRecovered(
  target: ClusterTarget,
  progress: Progress,
  signal: AbortSignal,
): Promise<Recovered> {
  const ended = await endLeftovers(target.run, progress);
  const mark = readMark(target.run);
  if (mark !== undefined) restore(target, progress);
  const stack = await openStack(target);
  const folder = stateFolder(backendOf(target) ?? (await stack.workspace.whoAmI()).url);
  const locks = folder === undefined ? 0 : await removeStaleLocks(folder, project, target.stack);
  if (folder !== undefined) {
    repairAttributes(folder);
    requireRoom(folder, project, target.stack);
  }
  signal.throwIfAborted();
  const { resources, pending } = await contents(stack);
  const intended = unique([...(mark?.intended ?? []), ...objects(pending.map(({ resource }) => resource))]);
  const known = resources.length > 0 || pending.length > 0;
  const interrupted = ended.length > 0 || locks > 0 || pending.length > 0 || mark !== undefined;
  if (interrupted) {
    writeMark(target.run, intended);
    await untilDeleted([...objects(resources), ...intended], new Cluster(await target.connect()), progress);
    if (known) await compare(stack, target, progress, signal);
  }
  return { stack, interrupted, known, intended };
}

/** A run that found the disk full may have left half a state. What the copy does not know is taken over by its labels. */
function restore(target: ClusterTarget, progress: Progress): void {
  const folder = stateFolder(backendOf(target));
  const restored = folder === undefined ? undefined : restoreState(folder, project, target.stack);
  if (restored === undefined) return;
  const { copy = "none: beginning with an empty state", damaged } = restored;
  const step = progress.step("going back to a good copy of the state, of which an interrupted run wrote half");
  step.done(`${copy}; the damaged state is kept as ${damaged}`);
}

/** Takes from the cluster what the state should say, and drops what was only begun. */
async function compare(stack: Stack, target: ClusterTarget, progress: Progress, signal: AbortSignal): Promise<void> {
  const step = progress.step(`comparing the state with the cluster after an interrupted run: ${target.stack}`);
  const { errors } = await run(stack, "refresh", target, { onProgress: (text) => step.note(text), signal });
  signal.throwIfAborted();
  if (errors.length === 0) {
    step.done();
    return;
  }
  step.fail("Pulumi reports errors");
  throw new PulumiError(errors.join("\n"));
}

/**
 * To be called between preview and update, with the objects that the update would create. Whatever happens from
 * here on, the next run knows that it has to clean up.
 *
 * @throws PulumiError when one of them exists and is not the environment's: nothing is created then
 */
export async function beginUpdate(
  { stack, intended }: Recovered,
  creates: readonly ObjectRef[],
  target: ClusterTarget,
  progress: Progress,
): Promise<void> {
  if (creates.length > 0) {
    const cluster = new Cluster(await target.connect());
    await untilDeleted(creates, cluster, progress);
    const found = await Promise.all(creates.map(async (ref) => ({ ref, existing: await cluster.find(ref) })));
    const { foreign, leftBehind } = claims(found, target.stack);
    if (foreign.length > 0) throw new PulumiError(foreignText(foreign, target.stack));
    if (leftBehind.length > 0) await takeOver(stack, leftBehind, cluster, progress);
  }
  writeMark(target.run, unique([...intended, ...creates]));
}

/**
 * What a killed run made, or a state that is lost knew, is the environment's, but its fields belong to that state's
 * field managers: they are taken from them, and from anybody else where values differ (a Secret whose password is
 * made again).
 */
async function takeOver(stack: Stack, leftBehind: readonly ObjectRef[], cluster: Cluster, progress: Progress) {
  const step = progress.step("taking over objects of this environment that its state does not know");
  await Promise.all(leftBehind.map((ref) => cluster.releaseFields(ref)));
  stack.workspace.envVars = { ...stack.workspace.envVars, PULUMI_K8S_ENABLE_PATCH_FORCE: "true" };
  step.done(leftBehind.map(objectText).join(", "));
}

/** To be called when an update has succeeded: removes what an interrupted run made and this one no longer wants. */
export async function endUpdate(
  { stack, interrupted, intended }: Recovered,
  target: ClusterTarget,
  progress: Progress,
) {
  if (interrupted && intended.length > 0) {
    const { resources } = await contents(stack);
    const recorded = new Set(objects(resources).map(objectText));
    const unwanted = intended.filter((ref) => !recorded.has(objectText(ref)));
    const cluster = new Cluster(await target.connect());
    const found = await Promise.all(unwanted.map(async (ref) => ({ ref, existing: await cluster.find(ref) })));
    await removeAll(claims(found, target.stack).leftBehind, cluster, progress);
  }
  removeMark(target.run);
}

/** To be called before a destruction; gives what `endDestroy` needs to know. */
export function beginDestroy({ intended }: Recovered, target: ClusterTarget): void {
  writeMark(target.run, intended);
}

/**
 * To be called when a destruction has succeeded: removes the environment's objects that never came into the state.
 * A state that knew nothing of the environment gives no right to that: another state may know of the objects.
 *
 * @throws PulumiError when there are such objects
 */
export async function endDestroy({ stack, known, interrupted }: Recovered, target: ClusterTarget, progress: Progress) {
  const { resources } = await contents(stack);
  const kept = objects(resources);
  if (kept.length > 0)
    throw new PulumiError(`The state still has ${kept.map(objectText).join(", ")}. Run destroy again.`);
  const cluster = new Cluster(await target.connect());
  const left = await cluster.listOurs(target.stack, target.namespaces);
  if (left.length > 0 && !known && !interrupted) {
    removeMark(target.run);
    throw new PulumiError(unknownText(left, target.stack));
  }
  await removeAll(left, cluster, progress);
  removeMark(target.run);
}

function unknownText(left: readonly ObjectRef[], environment: string): string {
  return [
    `The cluster has objects of ${environment}, but this state knows of none:`,
    ...left.map((ref) => `    ${objectText(ref)}`),
    "They were left alone. Log in to the backend whose state knows them, or let `up` take them over, then destroy.",
  ].join("\n");
}

async function removeAll(refs: readonly ObjectRef[], cluster: Cluster, progress: Progress): Promise<void> {
  if (refs.length === 0) return;
  const step = progress.step(`removing ${refs.length} objects that an interrupted run left`);
  await Promise.all(refs.map((ref) => cluster.remove(ref)));
  step.done(refs.map(objectText).join(", "));
  await untilDeleted(refs, cluster, progress);
}

const deletionSeconds = 120;
const pollMilliseconds = 250;

/**
 * Waits until what was deleted is gone: until then it looks as if it were there, and nothing can be made in a
 * namespace that is going.
 */
async function untilDeleted(refs: readonly ObjectRef[], cluster: Cluster, progress: Progress): Promise<void> {
  let left = await deleting(refs, cluster);
  if (left.length === 0) return;
  const step = progress.step(`waiting until what was deleted is gone: ${left.map(objectText).join(", ")}`);
  const deadline = performance.now() + deletionSeconds * 1000;
  while (left.length > 0 && performance.now() < deadline) {
    await sleep(pollMilliseconds);
    left = await deleting(left, cluster);
  }
  if (left.length === 0) {
    step.done();
    return;
  }
  step.fail(`still there after ${deletionSeconds} s`);
  throw new PulumiError(`The cluster does not let go of ${left.map(objectText).join(", ")}: look at their finalizers.`);
}

async function deleting(refs: readonly ObjectRef[], cluster: Cluster): Promise<readonly ObjectRef[]> {
  const found = await Promise.all(refs.map(async (ref) => ({ ref, existing: await cluster.find(ref) })));
  return found.filter(({ existing }) => existing?.deleting === true).map(({ ref }) => ref);
}

async function contents(stack: Stack) {
  const exported = Exported.parse(await stack.exportStack());
  const { resources, pending_operations: pending } = exported.deployment;
  return { resources: resources ?? [], pending: pending ?? [] };
}

function objects(resources: readonly z.infer<typeof Resource>[]): readonly ObjectRef[] {
  return resources.flatMap(({ type, inputs }) => {
    const ref = type.startsWith("kubernetes:") ? objectOf(inputs) : undefined;
    return ref === undefined ? [] : [ref];
  });
}

function unique(refs: readonly ObjectRef[]): readonly ObjectRef[] {
  return [...new Map(refs.map((ref) => [`${ref.apiVersion} ${objectText(ref)}`, ref])).values()];
}
