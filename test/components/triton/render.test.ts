import { describe, expect, test } from "vitest";
import { renderConfig, repositoryFiles } from "../../../components/releases/triton/render";
import { enumerated, mapped, repeated, textOf, when } from "../../../components/releases/triton/text-format";
import { yamlOf } from "../../../components/releases/triton/yaml";
import type { TritonPlan } from "../../../planning";
import { llmapiInside, vllmInside, withTriton } from "../../harness/triton";
import { everySetting } from "../../harness/triton-everything";
import { planOf, type Written } from "../../planning/parsed";

function planned(environment: Written): TritonPlan {
  const release = planOf(environment).releases["ensemble"];
  if (release?.kind !== "triton") throw new Error("no release of Triton");
  return release;
}

test("the reference ensemble is this repository", async () => {
  const files = repositoryFiles(planned(withTriton()).models);
  const text = Object.entries(files).map(([name, content]) => `# ${name}\n${content}`);
  await expect(text.join("\n")).toMatchFileSnapshot("../../golden/triton-reference.pbtxt");
});

describe("the text form of protocol buffers", () => {
  test.each<[string, Parameters<typeof textOf>[0], string]>([
    ["writes a text in quotes", [["name", "bert"]], 'name: "bert"\n'],
    ["hides nothing that ends a text", [["name", '"\\\n']], 'name: "\\"\\\\\\012"\n'],
    ["writes other alphabets by their bytes", [["name", "ü"]], 'name: "\\303\\274"\n'],
    ["writes a name of an enumeration without", [["kind", enumerated("KIND_GPU")]], "kind: KIND_GPU\n"],
    [
      "writes numbers and truth as they are",
      [
        ["count", -1],
        ["optional", true],
      ],
      "count: -1\noptional: true\n",
    ],
    ["repeats a field for each value", repeated("dims", [-1, 768]), "dims: -1\ndims: 768\n"],
    [
      "writes a message in braces",
      [
        ["all", []],
        ["latest", [["num_versions", 2]]],
      ],
      "all {}\nlatest {\n  num_versions: 2\n}\n",
    ],
    [
      "writes a map as entries",
      mapped("input_map", [["text", "question"]]),
      'input_map {\n  key: "text"\n  value: "question"\n}\n',
    ],
    ["leaves out what says nothing", when(false, "optional", true), "\n"],
  ])("%s", (_, message, text) => {
    expect(textOf(message)).toBe(text);
  });
});

test("a config says the version policy, even the usual one: Triton's own is the newest alone", () => {
  const { models } = planned(withTriton());
  const { config } = models["tokenizer"] ?? {};
  if (config === undefined) throw new Error("no tokenizer");
  expect(renderConfig(config)).toContain("version_policy {\n  all {}\n}\n");
});

test("every model has a config, and engines their arguments as their backends read them", () => {
  expect(
    Object.keys(repositoryFiles(planned(withTriton({}, { releases: { ensemble: everySetting } })).models)),
  ).toEqual(Object.keys(everySetting.models).map((name) => `${name}.config.pbtxt`));
  const vllm = repositoryFiles(planned(withTriton({}, { releases: { ensemble: vllmInside } })).models);
  expect(Object.keys(vllm)).toEqual(["qwen.config.pbtxt", "qwen.model.json"]);
  expect(JSON.parse(vllm["qwen.model.json"] ?? "")).toMatchObject({ max_model_len: 8192 });
  const llmapi = repositoryFiles(planned(withTriton({}, { releases: { ensemble: llmapiInside } })).models);
  expect(Object.keys(llmapi)).toEqual(["qwen.config.pbtxt", "qwen.model.yaml"]);
});

test("YAML keeps texts texts, whatever they look like", () => {
  expect(yamlOf({ model: "no: 1", deep: { none: null, share: 0.5, on: true } })).toBe(
    'model: "no: 1"\ndeep:\n  none: null\n  share: 0.5\n  on: true\n',
  );
});
