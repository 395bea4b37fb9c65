import { expect, test } from "vitest";
import { smallest } from "../harness/environments";
import { llama405, withGroups } from "../harness/groups";
import { withRay } from "../harness/ray";
import { recordPlan, resource } from "../harness/recorded";
import { planOf, type Written } from "../planning/parsed";

test.each<[string, Written, object]>([
  ["a Deployment's are one fewer", smallest, { maxUnavailable: 1 }],
  ["a group's are one fewer", withGroups({ chat: llama405 }), { maxUnavailable: 1 }],
  // A RayCluster has no scale: Kubernetes would evict none of its pods by `maxUnavailable`. A head and so many workers.
  ["Ray's are all but one of the fewest that there are", withRay({ replicas: 3 }), { minAvailable: 3 }],
])("pods that an eviction has to leave: %s", async (_case, environment, expected) => {
  const recording = await recordPlan(planOf(environment));
  const { inputs } = resource(recording, "PodDisruptionBudget", "chat-disruption");
  expect(inputs["spec"]).toEqual({
    ...expected,
    unhealthyPodEvictionPolicy: "AlwaysAllow",
    selector: { matchLabels: { "app.kubernetes.io/instance": "chat", "modelyard.dev/part": "release" } },
  });
});
