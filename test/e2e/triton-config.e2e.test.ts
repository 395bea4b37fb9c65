import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { renderConfig } from "../../components/releases/triton/render";
import { environmentNames } from "../../environment";
import type { By, ModelConfig, ReleasePlan } from "../../planning";
import { readPlan } from "../../stacks/read-plan";
import { root } from "../../tools/cli/root";
import { cacheFolder } from "../../tools/run/parts";
import { llmapiInside, tensorrtLlm, vllmInside, withTriton } from "../harness/triton";
import { everySetting } from "../harness/triton-everything";
import { configJson } from "../harness/triton-config-json";
import { planOf } from "../planning/parsed";

/** NVIDIA's client of the server's version that the catalogue pins, and what it asks for. */
const packages = [
  "tritonclient[grpc]==2.71.0",
  "grpcio==1.67.1",
  "protobuf==6.33.6",
  "numpy==2.4.6",
  "ml-dtypes==0.5.4",
  "packaging==26.3",
  "python-rapidjson==1.25",
  "urllib3==2.8.0",
];

/** A Python with the packages, kept beside the real programs: made once, in a folder that only a whole one has. */
function python(): string {
  const folder = path.join(cacheFolder(process.env), "python", "tritonclient-2.71.0");
  const program = path.join(folder, "bin", "python3");
  const complete = path.join(folder, "complete");
  const wanted = packages.join("\n");
  if (fs.existsSync(complete) && fs.readFileSync(complete, "utf8") === wanted) return program;
  fs.rmSync(folder, { recursive: true, force: true });
  execFileSync("python3", ["-m", "venv", folder]);
  execFileSync(program, [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--disable-pip-version-check",
    "--only-binary=:all:",
    ...packages,
  ]);
  fs.writeFileSync(complete, wanted);
  return program;
}

const Judgements = z.record(
  z.string(),
  z.union([
    z.strictObject({ error: z.string() }),
    z.strictObject({ same: z.boolean(), differences: z.array(z.string()), again: z.boolean() }),
  ]),
);

interface Read {
  readonly text: string;
  readonly json: unknown;
}

let program: string;
beforeAll(() => {
  program = python();
});

function judged(configs: By<Read>) {
  const script = path.join(__dirname, "model-configs.py");
  const output = execFileSync(program, [script], { input: JSON.stringify(configs), encoding: "utf8" });
  return Judgements.parse(JSON.parse(output));
}

function configsOf(release: ReleasePlan | undefined): readonly ModelConfig[] {
  return release?.kind === "triton" ? Object.values(release.models).map(({ config }) => config) : [];
}

const read = (config: ModelConfig): Read => ({ text: renderConfig(config), json: configJson(config) });

function fixtures(): readonly (readonly [name: string, config: ModelConfig])[] {
  const releases = { it: everySetting, vllm: vllmInside, llmapi: llmapiInside, tensorrtllm: tensorrtLlm };
  return [
    ...configsOf(planOf(withTriton()).releases["ensemble"]).map((config) => ["the reference", config] as const),
    ...Object.entries(releases).flatMap(([name, release]) =>
      configsOf(planOf(withTriton({}, { releases: { it: release } })).releases["it"]).map(
        (config) => [name, config] as const,
      ),
    ),
  ];
}

function ofStacks(): readonly (readonly [name: string, config: ModelConfig])[] {
  return environmentNames(root).flatMap((environment) =>
    Object.values(readPlan(environment).plan.releases).flatMap((release) =>
      configsOf(release).map((config) => [`${environment} ${release.name}`, config] as const),
    ),
  );
}

describe("NVIDIA's own parser", () => {
  test.each([
    ["of models of every backend and with every setting", fixtures, 12],
    ["of all models of all stacks", ofStacks, 1],
  ] as const)("reads every config %s as it was planned, and writes it back the same", (_, configsOfThese, least) => {
    const configs = configsOfThese();
    expect(configs.length).toBeGreaterThanOrEqual(least);
    const found = judged(
      Object.fromEntries(configs.map(([name, config]) => [`${name}: ${config.name}`, read(config)])),
    );
    for (const [name, judgement] of Object.entries(found))
      expect([name, judgement]).toEqual([name, { same: true, differences: [], again: true }]);
    expect(Object.keys(found)).toHaveLength(configs.length);
  });

  test("refuses a field that there is none of, and sees a value that differs", () => {
    const [first] = fixtures();
    if (first === undefined) throw new Error("no config");
    const { text, json } = read(first[1]);
    const found = judged({
      field: { text: `${text}max_batchsize: 1\n`, json },
      value: { text: text.replace(/max_batch_size: \d+/, "max_batch_size: 3"), json },
      type: { text: text.replace("TYPE_STRING", "TYPE_TEXT"), json },
    });
    expect(found["field"]).toEqual({ error: expect.stringContaining("max_batchsize") as string });
    expect(found["value"]).toMatchObject({ same: false, again: true });
    expect(found["type"]).toEqual({ error: expect.stringContaining("TYPE_TEXT") as string });
  });
});
