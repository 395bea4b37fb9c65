import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { environmentNames, loadEnvironment } from "../../environment";
import { load, smallest, withPool, withReleases } from "../harness/environments";
import { folderWith } from "../harness/folder";
import { everything, filesOfEverything } from "./everything";
import { problemsOf } from "./refusals";

describe("a complete environment", () => {
  test("is read with units turned into numbers and defaults filled in", () => {
    const { environment } = load(withReleases({ chat: { longestRequest: "2m" } }));
    expect(environment).toMatchObject({
      name: "test",
      stage: "development",
      engines: { vllm: "0.31.0" },
      pools: { gpus: { machine: { cpu: 32, memory: 256, disk: 400 }, zones: ["a"], price: 2 } },
      releases: { chat: { replicas: 1, longestRequest: 120, maxSequences: 64, apiKey: "generated" } },
    });
  });

  test("may have every setting there is", () => {
    const { environment } = load(everything, filesOfEverything);
    expect(environment).toMatchObject({
      pools: { gpus: { kind: "owned" }, rented: { kind: "rented", reservations: 1 } },
      models: { "my-team/published": { gated: "yes", hiddenSize: 4096 } },
      releases: { chat: { replicas: { min: 1, max: 3 } }, described: { replicas: "auto" }, experts: { replicas: 1 } },
      routes: { large: { load: { peak: 10 } }, small: { slo: { class: "interactive" } } },
      measured: [{ file: "stacks/measured/chat.json" }],
    });
  });

  test("says where each of its values stands", () => {
    const { locate } = load(smallest);
    const line =
      stringify(smallest)
        .split("\n")
        .findIndex((text) => text.includes("model:")) + 1;
    expect(locate(["releases", "chat", "model"])).toEqual({ file: "stacks/test.yaml", line, column: 12 });
  });

  test("places a value that nobody wrote at the nearest thing that somebody wrote", () => {
    const { locate } = load(smallest);
    const line =
      stringify(smallest)
        .split("\n")
        .findIndex((text) => text.includes("chat:")) + 1;
    expect(locate(["releases", "chat", "replicas"])).toEqual({ file: "stacks/test.yaml", line, column: 3 });
  });
});

describe("extends", () => {
  const base = stringify(withPool({ price: "$1/GPU-hour", zones: ["a", "b"] }));

  test("merges maps, replaces lists and single values, and goes through chains", () => {
    const { environment, locate } = load("extends: middle.yaml\npools: { gpus: { zones: [c] } }\n", {
      "stacks/middle.yaml": "extends: base.yaml\npools: { gpus: { price: $3/GPU-hour } }\n",
      "stacks/base.yaml": base,
    });
    expect(environment.pools["gpus"]).toMatchObject({ zones: ["c"], price: 3, accelerator: "L40S" });
    expect(locate(["pools", "gpus", "zones"]).file).toBe("stacks/test.yaml");
    expect(locate(["pools", "gpus", "price"]).file).toBe("stacks/middle.yaml");
    expect(locate(["pools", "gpus", "accelerator"]).file).toBe("stacks/base.yaml");
  });

  test.each([
    [
      "a circle",
      "extends: middle.yaml\n",
      "stacks/middle.yaml:1:10: `extends` goes in a circle: stacks/test.yaml → stacks/middle.yaml → stacks/test.yaml",
    ],
    [
      "a base that does not exist",
      "extends: bse.yaml\n",
      "stacks/test.yaml:1:10: stacks/bse.yaml, which this extends, does not exist",
    ],
    [
      "a base in another folder",
      "extends: ../secrets.yaml\n",
      "stacks/test.yaml:1:10: `extends` names another file of this folder",
    ],
    ["a list", "extends: [base.yaml]\n", "stacks/test.yaml:1:10: `extends` names another file of this folder"],
  ])("refuses %s at the line that names it", (_, text, expected) => {
    const [problem] = problemsOf(() => load(text, { "stacks/middle.yaml": "extends: test.yaml\n" }));
    expect(problem).toContain(expected);
  });

  test("does not let a key named __proto__ reach anything", () => {
    problemsOf(() => load(`extends: base.yaml\n__proto__: { polluted: true }\n`, { "stacks/base.yaml": base }));
    expect("polluted" in {}).toBe(false);
  });
});

describe("a mistake is refused with its place and what to do", () => {
  test.each<[what: string, environment: Readonly<Record<string, unknown>>, at: RegExp, message: string, fix: string]>([
    ["an unknown key", withPool({ zone: "a" }), /:\d+:5/, 'unknown key "zone" in pools.gpus', 'Did you mean "zones"?'],
    [
      "an unknown key at the top",
      { ...smallest, relases: {} },
      /:\d+:1/,
      'unknown key "relases" in the environment',
      'Did you mean "releases"?',
    ],
    [
      "an unknown GPU",
      withPool({ accelerator: "L40" }),
      /:\d+:18/,
      'pools.gpus.accelerator is "L40"',
      'Did you mean "L40S"?',
    ],
    [
      "a number without its unit",
      withPool({ machine: { cpu: 8, memory: 64 } }),
      /:\d+:15/,
      "pools.gpus.machine.memory is 64",
      "Expected: 64 has no unit; expected a size such as 64GiB, 500GB.",
    ],
    [
      "a wrong unit",
      withReleases({ chat: { longestRequest: "5 min" } }),
      /:\d+:21/,
      'releases.chat.longestRequest is "5 min"',
      "expected for example 90s, 5m, 1h.",
    ],
    [
      "too long a request",
      withReleases({ chat: { longestRequest: "2h" } }),
      /:\d+:21/,
      'releases.chat.longestRequest is "2h"',
      "The longest request is at most 1h.",
    ],
    [
      "a missing pool",
      withReleases({ chat: { pool: "gpu" } }),
      /:\d+:11/,
      'releases.chat.pool names the pool "gpu", which this environment does not have',
      'Did you mean "gpus"?',
    ],
    [
      "a missing cluster",
      withPool({ cluster: "there" }),
      /:\d+:14/,
      'names the cluster "there"',
      'Did you mean "here"?',
    ],
    [
      "a model that is described nowhere",
      withReleases({ chat: { model: "Qwen/Qwen3-8b" } }),
      /:\d+:12/,
      'releases.chat.model names the model "Qwen/Qwen3-8b", which neither this environment nor the catalogue has',
      'Did you mean "Qwen/Qwen3-8B"?',
    ],
    [
      "an unknown engine",
      { ...smallest, engines: { vlm: "0.31.0" } },
      /:\d+:3/,
      'unknown key "vlm" in engines',
      'Did you mean "vllm"?',
    ],
    [
      "a missing setting",
      withReleases({ chat: { context: undefined } }),
      /:\d+:3/,
      "releases.chat.context is missing",
      "Expected: a number.",
    ],
    [
      "an engine that is not built",
      withReleases({ chat: { engine: "sglang" } }),
      /:\d+:13/,
      'releases.chat.engine is "sglang"',
      "Known are: vllm, ",
    ],
    [
      "a branch as revision",
      withReleases({ chat: { revision: "main" } }),
      /:\d+:15/,
      'releases.chat.revision is "main"',
      "A revision is the 40 hexadecimal digits of a commit",
    ],
    ["an upper-case name", withReleases({ Chat: {} }), /:\d+:3/, '"Chat" is not usable here', "Choose another name."],
    [
      "a source of weights that is not built",
      withReleases({ chat: { weights: { from: "nfs" } } }),
      /:\d+:13/,
      'releases.chat.weights.from is "nfs"',
      "Known are: hub, s3, pvc, oci.",
    ],
    [
      "a path out of the volume",
      withReleases({ chat: { weights: { from: "pvc", claim: "w", path: "../x" } } }),
      /:\d+:13/,
      'releases.chat.weights.path is "../x"',
      "cannot climb out of it",
    ],
    [
      "a secret without its key",
      withReleases({ chat: { apiKey: { secret: "keys" } } }),
      /:\d+:5/,
      "releases.chat.apiKey.key is missing",
      "Expected: text.",
    ],
    [
      "a wrong word for a union",
      withReleases({ chat: { apiKey: "generate" } }),
      /:\d+:13/,
      'releases.chat.apiKey is "generate"',
      "Expected: generated, or a map of settings.",
    ],
    ["a list for a map", { ...smallest, pools: [] }, /:\d+:8/, "pools is a list", "Expected: a map of names."],
    [
      "more than there can be",
      withPool({ gpusPerNode: 64 }),
      /:\d+:18/,
      "pools.gpus.gpusPerNode is 64, which is too large",
      "The most is 16.",
    ],
    [
      "less than one",
      withReleases({ chat: { replicas: 0 } }),
      /:\d+:15/,
      "releases.chat.replicas is 0, which is too small",
      "The least is 1.",
    ],
    [
      "an image without a digest",
      { ...smallest, images: { vllm: "vllm/vllm-openai:v0.31.0" } },
      /:\d+:9/,
      'images.vllm is "vllm/vllm-openai:v0.31.0"',
      "An image is written as registry/repository:tag@sha256:digest.",
    ],
  ])("%s", (_, environment, at, message, fix) => {
    const [problem = ""] = problemsOf(() => load(environment));
    const [place = "", shown = "", advice = ""] = /^(stacks\/test\.yaml:\d+:\d+): (.*)\n\s+(.*)$/
      .exec(problem)
      ?.slice(1) ?? [problem];
    expect(place).toMatch(at);
    expect(shown).toContain(message);
    expect(advice).toContain(fix);
  });

  test("all mistakes are reported at once", () => {
    const environment = { ...withPool({ accelerator: "L40", gpusPerNode: 0, cluster: "there" }), extra: 1 };
    expect(problemsOf(() => load(environment))).toHaveLength(4);
  });
});

describe("a file that is no environment is refused with a place and without a crash", () => {
  test.each<[what: string, content: string | Uint8Array, expected: string]>([
    ["an empty file", "", "stacks/test.yaml:1:1: the file is empty"],
    ["only a comment", "# later\n", "stacks/test.yaml:1:1: the file is empty"],
    ["a list", "- a\n", "stacks/test.yaml:1:1: the file is not a map of settings"],
    ["a tab for indentation", "pools:\n\tgpus: {}\n", "stacks/test.yaml:2:1: a tab is used for indentation"],
    ["a key written twice", "pools: {}\npools: {}\n", "stacks/test.yaml:2:1: this key is written twice in one map"],
    ["broken syntax", "pools: {\n", "stacks/test.yaml:2:1: this is not valid YAML"],
    [
      "aliases that multiply",
      "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n",
      "stacks/test.yaml:2:8: aliases are not used in environment files",
    ],
    [
      "a binary file",
      new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0x80, 0xff, 0x00]),
      "stacks/test.yaml:1:1: the file is not UTF-8 text",
    ],
    ["text in Latin-1", new Uint8Array([0x61, 0x3a, 0x20, 0xe9]), "stacks/test.yaml:1:1: the file is not UTF-8 text"],
    [
      "ten megabytes",
      "# ".repeat(5 * 1024 * 1024),
      "stacks/test.yaml:1:1: the file has 10485760 bytes; at most 1048576 are read",
    ],
  ])("%s", (_, content, expected) => {
    const [problem] = problemsOf(() => load(content));
    expect(problem).toContain(expected);
  });

  test("a directory in place of the file", () => {
    const root = folderWith({ "policies/environments/test.yaml": "stage: staging\n" });
    mkdirSync(join(root, "stacks/test.yaml"), { recursive: true });
    expect(problemsOf(() => loadEnvironment(root, "test"))[0]).toContain(
      "stacks/test.yaml:1:1: this is a directory, not a file",
    );
  });

  test.each(["nope", "../../etc/passwd", "x".repeat(300)])("the environment %j", (name) => {
    const root = folderWith({ "stacks/prod.yaml": "", "stacks/base.yaml": "" });
    expect(problemsOf(() => loadEnvironment(root, name))[0]).toContain("there is no environment");
  });
});

describe("the reviewers' file", () => {
  test("is asked for when there is none", () => {
    const root = folderWith({ "stacks/test.yaml": stringify(smallest) });
    const [problem] = problemsOf(() => loadEnvironment(root, "test"));
    expect(problem).toContain("policies/environments/test.yaml:1:1: reviewers have not said how strict test is");
  });

  test("is checked like any other", () => {
    const [problem] = problemsOf(() => load(smallest, { "policies/environments/test.yaml": "stage: prod\n" }));
    expect(problem).toContain('policies/environments/test.yaml:1:8: stage is "prod"');
  });
});

test("environments are the files of stacks/ that are neither bases nor Pulumi's own", () => {
  const root = folderWith({
    "stacks/base.yaml": "",
    "stacks/prod.yaml": "",
    "stacks/dev.yaml": "",
    "stacks/Pulumi.prod.yaml": "",
    "stacks/index.ts": "",
  });
  expect(environmentNames(root)).toEqual(["dev", "prod"]);
});
