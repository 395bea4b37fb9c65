import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { findModel } from "../../catalog/models";
import { loadEnvironment } from "../../environment";
import { load, withReleases } from "../harness/environments";
import { folderWith } from "../harness/folder";
import { publishedConfig, shape } from "./every-model";
import { problemsOf, refusal } from "./refusals";

type Written = Readonly<Record<string, unknown>>;

/** The smallest environment serving a model that it describes. */
function withModel(model: unknown, name = "my-team/my-model"): Written {
  return { ...withReleases({ chat: { model: name } }), models: { [name]: model } };
}

const configured = { config: "models/mine/config.json" };
const config = (content: string) => ({ "stacks/models/mine/config.json": content });
const modelOf = (environment: Written, files = {}) => load(environment, files).environment.models["my-team/my-model"];

/** What of a model has nothing to do with its shape, or is rounded in the catalogue. */
const beside = ["id", "aliases", "source", "licence", "gated", "remark", "totalParameters", "activeParameters"];

/** The shape of the catalogue's model, for comparing with one that is described. */
function shapeOf(id: string) {
  const fields = Object.entries(findModel(id) ?? {}).filter(([key]) => !beside.includes(key));
  expect(fields.length).toBeGreaterThan(15);
  return Object.fromEntries(fields);
}

const llama = () => shapeOf("meta-llama/Llama-3.1-8B-Instruct");

describe("a model that the catalogue does not have", () => {
  test("is described by its shape, and equals the catalogue's of the same shape", () => {
    const model = modelOf(withModel(shape));
    expect(model).toMatchObject({ id: "my-team/my-model", ...llama() });
    expect(model?.totalParameters).toBe(8_030_261_248);
  });

  test("is described by the configuration that was published with it", () => {
    const model = modelOf(withModel(configured), config(JSON.stringify(publishedConfig)));
    expect(model).toMatchObject({ id: "my-team/my-model", ...llama(), gated: "unknown" });
  });

  test("keeps the format of a quantised checkpoint", () => {
    const quantised = { ...publishedConfig, quantization_config: { quant_method: "awq", bits: 4, group_size: 128 } };
    expect(modelOf(withModel(configured), config(JSON.stringify(quantised)))).toMatchObject({ format: "awq" });
  });

  test("may say of itself how many parameters it has, and whether it is gated", () => {
    const model = modelOf(withModel({ ...shape, parameters: "8.1B", gated: true }));
    expect(model).toMatchObject({ totalParameters: 8.1e9, activeParameters: 8.1e9, gated: "yes" });
  });

  test("counts only the experts that a token passes through as active", () => {
    const experts = { count: 8, perToken: 2, intermediateSize: 14336 };
    const model = modelOf(withModel({ ...shape, vocabulary: 32000, maxContext: 32768, experts }));
    expect(model).toMatchObject(shapeOf("mistralai/Mixtral-8x7B-Instruct-v0.1"));
    expect(model).toMatchObject({ totalParameters: 46_702_792_704, activeParameters: 12_879_925_248 });
  });
});

test.each<[what: string, environment: Written, files: Readonly<Record<string, string>>, refused: string]>([
  [
    "a name of the catalogue",
    withModel(shape, "Qwen/Qwen3-8B"),
    {},
    "27:3: models.Qwen/Qwen3-8B is in the catalogue already | Remove this description, or give the model another name.",
  ],
  [
    "parameters that the shape cannot have",
    withModel({ ...shape, parameters: "80B" }),
    {},
    "36:17: models.my-team/my-model.parameters says 80.0B, and the shape makes 8.03B | Correct the number or the shape. A model of another build is described by `config`.",
  ],
  [
    "key heads that do not divide the query heads",
    withModel({ ...shape, kvHeads: 5 }),
    {},
    "32:14: models.my-team/my-model.kvHeads is 5 | Query heads share key and value heads evenly: a divisor of 32.",
  ],
  [
    "sliding layers without their window",
    withModel({ ...shape, layers: { full: 16, sliding: 16 } }),
    {},
    "27:3: models.my-team/my-model.slidingWindow is missing | Expected the tokens of sliding layers.",
  ],
  [
    "a window without sliding layers",
    withModel({ ...shape, slidingWindow: 4096 }),
    {},
    "36:20: models.my-team/my-model.slidingWindow is 4096 | There are no sliding layers.",
  ],
  [
    "linear layers without their state",
    withModel({ ...shape, layers: { full: 16, linear: 16 } }),
    {},
    "27:3: models.my-team/my-model.linearAttention is missing | Expected the state of linear layers.",
  ],
  [
    "no layers",
    withModel({ ...shape, layers: { full: 0 } }),
    {},
    "29:7: models.my-team/my-model.layers is a map | A model has at least one layer.",
  ],
  [
    "more experts for a token than there are",
    withModel({ ...shape, experts: { count: 2, perToken: 8, intermediateSize: 1024 } }),
    {},
    "38:17: models.my-team/my-model.experts.perToken is 8 | A token passes through no more experts than there are.",
  ],
  [
    "a shape with a misspelt key",
    withModel({ ...shape, slidingWindw: 4096 }),
    {},
    '36:5: unknown key "slidingWindw" in models.my-team/my-model | Did you mean "slidingWindow"?',
  ],
  [
    "a configuration beside a shape",
    withModel({ ...configured, hiddenSize: 4096 }),
    {},
    '29:5: unknown key "hiddenSize" in models.my-team/my-model | Known are: config, gated.',
  ],
  [
    "a configuration that is no path",
    withModel({ config: 5 }),
    {},
    "28:13: models.my-team/my-model.config is 5 | Expected: text.",
  ],
  [
    "a configuration that is not there",
    withModel(configured),
    {},
    "28:13: models.my-team/my-model.config names models/mine/config.json: there is no such file | Create it, or correct the name.",
  ],
  [
    "a configuration outside the folder",
    withModel({ config: "../secret.json" }),
    { "secret.json": "{}" },
    '28:13: models.my-team/my-model.config is "../secret.json" | A path inside this folder cannot climb out of it.',
  ],
  [
    "a configuration that is a folder",
    withModel({ config: "models/mine" }),
    config("{}"),
    "28:13: models.my-team/my-model.config names models/mine: this is a directory, not a file | Name a file.",
  ],
  [
    "a configuration that is not JSON",
    withModel(configured),
    config("{"),
    "28:13: models.my-team/my-model.config names models/mine/config.json: it is not JSON | Take the `config.json` as it was published.",
  ],
  [
    "a configuration of more than a mebibyte",
    withModel(configured),
    config(" ".repeat(1024 * 1024 + 1)),
    "28:13: models.my-team/my-model.config names models/mine/config.json: the file has 1048577 bytes; at most 1048576 are read | What is written by people is a few hundred lines; check what this file is.",
  ],
  [
    "a name that the hub could not have",
    withModel(shape, "my team/my model"),
    {},
    '27:3: "my team/my model" is not usable here: a model is named as on the hub, such as my-team/my-model | Choose another name.',
  ],
])("%s is refused at its line", (_, environment, files, refused) => {
  expect(refusal(() => load(environment, files))).toBe(refused);
});

test("a configuration of an unknown architecture is refused with what the catalogue's reader says", () => {
  const files = config(JSON.stringify({ ...publishedConfig, architectures: ["NobodyForCausalLM"] }));
  expect(refusal(() => load(withModel(configured), files))).toContain(
    "models.my-team/my-model.config names models/mine/config.json: the architecture NobodyForCausalLM is not known",
  );
});

test("a link out of the folder is not followed", () => {
  const files = {
    "stacks/test.yaml": stringify(withModel(configured)),
    "policies/environments/test.yaml": "stage: staging\n",
  };
  const root = folderWith(files);
  writeFileSync(join(root, "secret.json"), "{}");
  mkdirSync(join(root, "stacks/models/mine"), { recursive: true });
  symlinkSync(join(root, "secret.json"), join(root, "stacks/models/mine/config.json"));
  expect(problemsOf(() => loadEnvironment(root, "test"))[0]).toContain("it leads out of the folder");
});
