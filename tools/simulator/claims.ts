import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { ApiError, type KubernetesApi } from "./api";
import { simulatedLabel } from "./nodes";

/** A PersistentVolumeClaim that pods name and that somebody else provides on a real cluster. */
export interface SimulatedClaim {
  readonly namespace: string;
  readonly name: string;
}

/** Provides claims while an update runs. */
export interface ClaimProvider {
  /** Ends it; claims that are there stay. */
  stop(): void;
}

const pollMilliseconds = 300;

/**
 * Makes each claim, bound to an empty volume, as soon as its namespace exists: the update itself makes the
 * namespace, and its pods wait for the claim. A look that fails is tried again.
 */
export function provideClaims(api: KubernetesApi, claims: readonly SimulatedClaim[]): ClaimProvider {
  const over = new AbortController();
  const provide = async (): Promise<void> => {
    let waiting = claims;
    while (waiting.length > 0 && !over.signal.aborted) {
      const provided = await Promise.all(
        waiting.map((claim) => provideClaim(api, claim, over.signal).catch(() => false)),
      );
      waiting = waiting.filter((_, index) => provided[index] !== true);
      await sleep(pollMilliseconds, undefined, { signal: over.signal }).catch(() => undefined);
    }
  };
  void provide();
  return { stop: () => over.abort() };
}

/** Tells whether the claim is there now. */
async function provideClaim(api: KubernetesApi, claim: SimulatedClaim, over: AbortSignal): Promise<boolean> {
  const { namespace, name } = claim;
  const place = `/api/v1/namespaces/${namespace}`;
  const path = `${place}/persistentvolumeclaims/${name}`;
  if ((await find(api, path, z.unknown())) !== undefined) return true;
  if (!(await provideVolume(api, claim, over))) return false;
  if ((await find(api, place, z.unknown())) === undefined || over.aborted) return false;
  await api.apply(path, {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, namespace, labels: { [simulatedLabel]: "true" } },
    spec: { ...binding(), volumeName: volumeNameOf(claim), resources: { requests: { storage: "1Ti" } } },
  });
  return true;
}

const Volume = z.object({
  metadata: z.object({ deletionTimestamp: z.string().optional() }),
  status: z.object({ phase: z.string().optional() }).optional(),
});

/**
 * Tells whether a volume waits for the claim. A claim that its controller sees before the volume is looked at again
 * only after a quarter of a minute; and a volume that was bound to an earlier claim of this name is never bound again.
 */
async function provideVolume(api: KubernetesApi, claim: SimulatedClaim, over: AbortSignal): Promise<boolean> {
  const name = volumeNameOf(claim);
  const path = `/api/v1/persistentvolumes/${name}`;
  const volume = await find(api, path, Volume);
  if (over.aborted) return false;
  if (volume === undefined) {
    const spec = { ...binding(), hostPath: { path: "/nowhere" }, claimRef: claim, capacity: { storage: "1Ti" } };
    const metadata = { name, labels: { [simulatedLabel]: "true" } };
    await api.apply(path, { apiVersion: "v1", kind: "PersistentVolume", metadata, spec });
    return false;
  }
  const { metadata, status: { phase = "Pending" } = {} } = volume;
  const isGoing = metadata.deletionTimestamp !== undefined;
  if (!isGoing && phase !== "Available" && phase !== "Pending") await api.remove(path);
  return !isGoing && phase === "Available";
}

function volumeNameOf({ namespace, name }: SimulatedClaim): string {
  return `${namespace}-${name}`;
}

/** What volume and claim have to have alike to be bound to each other. */
function binding() {
  return { accessModes: ["ReadOnlyMany"], storageClassName: "" };
}

/** An object, unless it is not there. */
async function find<T>(api: KubernetesApi, path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    return schema.parse(await api.get(path));
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}
