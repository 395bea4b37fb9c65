import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { ApiError, type KubernetesApi } from "../../../tools/simulator/api";
import { provideClaims } from "../../../tools/simulator/claims";

/** A cluster of which only paths matter; `calls` holds every change to it. */
function cluster(...paths: readonly string[]) {
  const present = new Set(paths);
  const calls: string[] = [];
  const api: KubernetesApi = {
    get: (path) => (present.has(path) ? Promise.resolve({}) : Promise.reject(new ApiError("not found", 404))),
    apply: (path) => {
      calls.push(`apply ${path}`);
      present.add(path);
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

const claim = { namespace: "prod-serving", name: "weights" };
const claimPath = "/api/v1/namespaces/prod-serving/persistentvolumeclaims/weights";
const volumePath = "/api/v1/persistentvolumes/prod-serving-weights";

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20);
}

test("a claim is made, bound to a fresh volume, once its namespace is there", async () => {
  const { api, calls, present } = cluster();
  const provider = provideClaims(api, [claim]);
  await sleep(50);
  expect(calls).toEqual([]);
  present.add("/api/v1/namespaces/prod-serving");
  await until(() => present.has(claimPath));
  provider.stop();
  expect(calls).toEqual([`apply ${volumePath}`, `apply ${claimPath}`]);
});

test("the volume of an earlier claim goes first, and only once it is gone another takes its place", async () => {
  const { api, calls, present } = cluster("/api/v1/namespaces/prod-serving", volumePath);
  const provider = provideClaims(api, [claim]);
  await until(() => calls.length > 1);
  expect(new Set(calls)).toEqual(new Set([`remove ${volumePath}`]));
  present.delete(volumePath);
  calls.length = 0;
  await until(() => present.has(claimPath));
  provider.stop();
  expect(calls).toEqual([`apply ${volumePath}`, `apply ${claimPath}`]);
});

test("a claim that is there is left alone", async () => {
  const { api, calls } = cluster("/api/v1/namespaces/prod-serving", claimPath);
  const provider = provideClaims(api, [claim]);
  await sleep(50);
  provider.stop();
  expect(calls).toEqual([]);
});

test("nothing is made any more after it was stopped", async () => {
  const { api, calls, present } = cluster();
  provideClaims(api, [claim]).stop();
  present.add("/api/v1/namespaces/prod-serving");
  await sleep(400);
  expect(calls).toEqual([]);
});
