import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { ApiError, type KubernetesApi } from "../../../tools/simulator/api";
import { provideClaims } from "../../../tools/simulator/claims";

/** A cluster whose volumes are in a phase; `calls` holds every change to it. */
function cluster(objects: Readonly<Record<string, object>> = {}) {
  const present = new Map(Object.entries(objects));
  const calls: string[] = [];
  const api: KubernetesApi = {
    get: (path) => {
      const object = present.get(path);
      return object === undefined ? Promise.reject(new ApiError("not found", 404)) : Promise.resolve(object);
    },
    apply: (path, object) => {
      calls.push(`apply ${path}`);
      present.set(path, { ...object });
      return Promise.resolve({});
    },
    patch: () => Promise.reject(new Error("nothing is patched")),
    remove: (path) => {
      calls.push(`remove ${path}`);
      return Promise.resolve();
    },
  };
  return { api, calls, present };
}

function volume(phase?: string, deletionTimestamp?: string) {
  return {
    metadata: deletionTimestamp === undefined ? {} : { deletionTimestamp },
    status: phase === undefined ? {} : { phase },
  };
}

const claim = { namespace: "prod-serving", name: "weights" };
const claimPath = "/api/v1/namespaces/prod-serving/persistentvolumeclaims/weights";
const volumePath = "/api/v1/persistentvolumes/prod-serving-weights";

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20);
}

const namespacePath = "/api/v1/namespaces/prod-serving";

test("a claim is made, bound to a fresh volume, once its namespace is there", async () => {
  const { api, calls, present } = cluster();
  const provider = provideClaims(api, [claim]);
  await until(() => present.has(volumePath));
  present.set(volumePath, volume("Available"));
  await sleep(400);
  expect(calls).toEqual([`apply ${volumePath}`]);
  present.set(namespacePath, {});
  await until(() => present.has(claimPath));
  provider.stop();
  expect(calls).toEqual([`apply ${volumePath}`, `apply ${claimPath}`]);
});

test("a claim waits until its volume was seen by the controller that binds them", async () => {
  const { api, calls, present } = cluster({ [namespacePath]: {}, [volumePath]: volume() });
  const provider = provideClaims(api, [claim]);
  await sleep(400);
  expect(calls).toEqual([]);
  present.set(volumePath, volume("Available"));
  await until(() => present.has(claimPath));
  provider.stop();
});

test("the volume of an earlier claim goes first, and only once it is gone another takes its place", async () => {
  const { api, calls, present } = cluster({ [namespacePath]: {}, [volumePath]: volume("Released") });
  const provider = provideClaims(api, [claim]);
  await until(() => calls.length > 0);
  present.set(volumePath, volume("Released", "2026-11-21T00:00:00Z"));
  await sleep(400);
  expect(calls).toEqual([`remove ${volumePath}`]);
  present.delete(volumePath);
  await until(() => present.has(volumePath));
  provider.stop();
  expect(calls).toEqual([`remove ${volumePath}`, `apply ${volumePath}`]);
});

test("a claim that is there is left alone", async () => {
  const { api, calls } = cluster({ [namespacePath]: {}, [claimPath]: {} });
  const provider = provideClaims(api, [claim]);
  await sleep(50);
  provider.stop();
  expect(calls).toEqual([]);
});

test("nothing is made any more after it was stopped", async () => {
  const { api, calls, present } = cluster();
  provideClaims(api, [claim]).stop();
  present.set(namespacePath, {});
  await sleep(400);
  expect(calls).toEqual([]);
});
