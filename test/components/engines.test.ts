import { describe, expect, test } from "vitest";
import { smallest } from "../harness/environments";
import { manifestsOf } from "../harness/manifests";
import { withSglang } from "../harness/openai-compatible";
import { withEncoder } from "../harness/processors";
import { recordPlan } from "../harness/recorded";
import { withRay } from "../harness/ray";
import { withTriton } from "../harness/triton";
import { planOf, type Written } from "../planning/parsed";

/** One release of each engine, as small as it can be. */
const engines: readonly (readonly [engine: string, environment: Written, kind: string])[] = [
  ["vllm", smallest, "Deployment"],
  ["ray-serve", withRay(), "RayService"],
  ["triton", withTriton(), "Deployment"],
  ["text-embeddings-inference", withEncoder(), "Deployment"],
  ["openai-compatible", withSglang(), "Deployment"],
];

describe("what keeps the pods of a release", () => {
  test.each(engines)("of %s", async (engine, environment, kind) => {
    const recording = await recordPlan(planOf(environment));
    const resources = recording.resources.filter(({ type }) => type.endsWith(`:${kind}`));
    expect(resources).toHaveLength(1);
    await expect(manifestsOf({ ...recording, resources })).toMatchFileSnapshot(`../golden/engines/${engine}.yaml`);
  });
});
