import { setTimeout as sleep } from "node:timers/promises";
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
async function provideClaim(
  api: KubernetesApi,
  { namespace, name }: SimulatedClaim,
  over: AbortSignal,
): Promise<boolean> {
  const claim = `/api/v1/namespaces/${namespace}/persistentvolumeclaims/${name}`;
  if (await exists(api, claim)) return true;
  if (!(await exists(api, `/api/v1/namespaces/${namespace}`)) || over.aborted) return false;
  const volumeName = `${namespace}-${name}`;
  const volume = `/api/v1/persistentvolumes/${volumeName}`;
  if (await exists(api, volume)) {
    // Bound to an earlier claim of this name, it is never bound again; and it goes only when its controller has seen it.
    await api.remove(volume);
    return false;
  }
  await api.apply(volume, {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: volumeName, labels: { [simulatedLabel]: "true" } },
    spec: { ...binding(), hostPath: { path: "/nowhere" }, claimRef: { namespace, name }, capacity: { storage: "1Ti" } },
  });
  await api.apply(claim, {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, namespace, labels: { [simulatedLabel]: "true" } },
    spec: { ...binding(), volumeName, resources: { requests: { storage: "1Ti" } } },
  });
  return true;
}

/** What volume and claim have to have alike to be bound to each other. */
function binding() {
  return { accessModes: ["ReadOnlyMany"], storageClassName: "" };
}

async function exists(api: KubernetesApi, path: string): Promise<boolean> {
  try {
    await api.get(path);
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false;
    throw error;
  }
}
