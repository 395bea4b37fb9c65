import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { evaluate } from "../../../policies/rule";
import { rules } from "../../../policies/rules";
import {
  llmapiInside,
  openaiInside,
  referenceRelease,
  tensorrtLlm,
  vllmInside,
  withTriton,
} from "../../harness/triton";
import { everySetting } from "../../harness/triton-everything";
import { recordPlan, resource } from "../../harness/recorded";
import { planOf, type Written } from "../../planning/parsed";

const releases: readonly (readonly [name: string, release: Written])[] = [
  ["the reference ensemble", referenceRelease],
  ["every setting", everySetting],
  ["vLLM inside", vllmInside],
  ["TensorRT-LLM's LLM API inside", llmapiInside],
  ["an engine of TensorRT-LLM", tensorrtLlm],
  ["OpenAI's API", openaiInside],
];

describe.each(releases)("%s", (_, release) => {
  const recorded = recordPlan(planOf(withTriton({}, { releases: { it: release } })));

  test("breaks no rule of the pack, whatever the stage", async () => {
    const { resources } = await recorded;
    const outcomes = resources.flatMap(({ inputs, ...each }) =>
      rules.map((rule) => evaluate(rule, { ...each, props: inputs })),
    );
    expect(outcomes.filter(({ state }) => state !== "pass")).toEqual([]);
    expect(outcomes.length).toBe(resources.length * rules.length);
  });

  test("mounts every file that its pod names out of the config map", async () => {
    const recording = await recorded;
    const { data } = resource(recording, "ConfigMap", "it-configs").inputs as { data: Record<string, string> };
    const text = JSON.stringify(resource(recording, "Deployment", "it-deployment").inputs);
    const named = [...text.matchAll(/"name":"configs","readOnly":true,"subPath":"([^"]+)"/g)].map(([, file]) => file);
    expect(named.length).toBeGreaterThan(0);
    expect(named.sort()).toEqual(Object.keys(data).sort());
    for (const content of Object.values(data)) expect(content).not.toBe("");
  });
});

test("arguments of the LLM API are YAML that reads as they were planned", async () => {
  const plan = planOf(withTriton({}, { releases: { it: llmapiInside } }));
  const release = plan.releases["it"];
  if (release?.kind !== "triton") throw new Error("no release of Triton");
  const { data } = resource(await recordPlan(plan), "ConfigMap", "it-configs").inputs as {
    data: Record<string, string>;
  };
  expect(parse(data["qwen.model.yaml"] ?? "")).toEqual(release.models["qwen"]?.arguments?.values);
});
