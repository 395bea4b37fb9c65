import { expect, test } from "vitest";
import { podsOf } from "../../policies/containers";
import { clean, resource, unknownText, type Fields } from "./fixtures/fixture";

const template = (spec: Fields) => ({ template: { spec } });
const pod: Fields = { containers: [clean] };

/** Where the pods of a resource are, and how many values are not known. */
function places(type: string, spec: Fields) {
  const unknown: Error[] = [];
  const found = [...podsOf(resource(type, { spec }), (error) => unknown.push(error))].map(({ field }) => field);
  return { found, unknown: unknown.length };
}

const leaderWorkerSet = "kubernetes:leaderworkerset.x-k8s.io/v1:LeaderWorkerSet";
const rayCluster = "kubernetes:ray.io/v1:RayCluster";

test("a group has the pods of its leader and of its workers", () => {
  const leaderWorkerTemplate = { leaderTemplate: { spec: pod }, workerTemplate: { spec: pod } };
  expect(places(leaderWorkerSet, { leaderWorkerTemplate }).found).toEqual([
    "spec.leaderWorkerTemplate.leaderTemplate.spec",
    "spec.leaderWorkerTemplate.workerTemplate.spec",
  ]);
});

test("a group whose leader is like its workers has one pod to judge", () => {
  expect(places(leaderWorkerSet, { leaderWorkerTemplate: { workerTemplate: { spec: pod } } }).found).toEqual([
    "spec.leaderWorkerTemplate.workerTemplate.spec",
  ]);
});

test.each([
  ["RayCluster", (cluster: Fields) => cluster, ""],
  ["RayService", (cluster: Fields) => ({ rayClusterConfig: cluster }), "rayClusterConfig."],
  ["RayJob", (cluster: Fields) => ({ rayClusterSpec: cluster }), "rayClusterSpec."],
])("a %s has the pods of its head and of every group of workers", (kind, wrap, place) => {
  const cluster = { headGroupSpec: template(pod), workerGroupSpecs: [template(pod), template(pod)] };
  expect(places(`kubernetes:ray.io/v1:${kind}`, wrap(cluster)).found).toEqual([
    `spec.${place}headGroupSpec.template.spec`,
    `spec.${place}workerGroupSpecs[0].template.spec`,
    `spec.${place}workerGroupSpecs[1].template.spec`,
  ]);
});

test("a pod that is not known yet hides none of the others", () => {
  const workers = [template(pod), { template: unknownText }, template(pod)];
  expect(places(rayCluster, { headGroupSpec: unknownText, workerGroupSpecs: workers })).toEqual({
    found: ["spec.workerGroupSpecs[0].template.spec", "spec.workerGroupSpecs[2].template.spec"],
    unknown: 2,
  });
});
