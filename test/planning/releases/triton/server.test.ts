import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { tritonFrontEndOptions, tritonMetrics, tritonOptions, type TritonOption } from "../../../../catalog/triton";
import { inFolderWith } from "../../../harness/folder";
import { openaiInside, referenceRelease, tensorrtLlm, vllmInside, withTriton } from "../../../harness/triton";
import { everySetting } from "../../../harness/triton-everything";
import { planOf, type Written } from "../../parsed";

const releases: readonly (readonly [name: string, release: Written])[] = [
  ["the reference ensemble", referenceRelease],
  ["every setting", everySetting],
  ["vLLM inside", vllmInside],
  ["TensorRT-LLM inside", tensorrtLlm],
  ["OpenAI's API", openaiInside],
];

function planned(release: Written) {
  const found = planOf(withTriton({}, { releases: { it: release } })).releases["it"];
  if (found?.kind !== "triton") throw new Error("no release of Triton");
  return found;
}

/** The words of the server, without the shell before them. */
function commandOf(release: Written): readonly string[] {
  const { args } = planned(release).pod.container;
  expect(args.slice(0, 2)).toEqual(["/bin/sh", "-c"]);
  return args.slice(4);
}

/** Whether an option takes the value that it is given. */
function takes({ type }: TritonOption, value: string | undefined): boolean {
  switch (type) {
    case "flag":
      return value === undefined;
    case "boolean":
      return value === "true" || value === "false";
    case "integer":
      return value !== undefined && /^\d+$/.test(value);
    case "number":
      return value !== undefined && !Number.isNaN(Number(value));
    case "text":
      return value !== undefined && value !== "";
  }
}

describe.each(releases)("the command of %s", (_, release) => {
  const command = commandOf(release);
  const options = command[0] === "tritonserver" ? tritonOptions : tritonFrontEndOptions("26.07");

  test("has only options of this version, each with a value that it takes", () => {
    const flags = command.filter((word) => word.startsWith("--"));
    expect(flags.length).toBeGreaterThan(4);
    for (const flag of flags) {
      const [, name = "", , value] = /^(--[^=]+)(=(.*))?$/s.exec(flag) ?? [];
      const option = options?.get(name);
      expect(option, flag).toBeDefined();
      // The front end takes the three words of a restriction one by one.
      if (option !== undefined && name !== "--openai-restricted-api") expect(takes(option, value), flag).toBe(true);
    }
  });

  test("loads every model by its name, and none that comes later", () => {
    const { models } = planned(release);
    expect(command).toContain("--model-control-mode=explicit");
    expect(command.filter((word) => word.startsWith("--load-model="))).toEqual(
      Object.keys(models).map((name) => `--load-model=${name}`),
    );
  });
});

test("the server finishes its requests within the planned drain, and counts as ready when all models are", () => {
  const { seconds } = planned({ ...referenceRelease, longestRequest: "2m" });
  expect(seconds.drain).toBe(120);
  expect(commandOf({ ...referenceRelease, longestRequest: "2m" })).toEqual(
    expect.arrayContaining([
      "--exit-timeout-secs=120",
      "--exit-on-error=true",
      "--strict-readiness=true",
      "--disable-auto-complete-config",
      "--allow-grpc=false",
    ]),
  );
});

test("clients present the key of the release as a bearer token", () => {
  expect(commandOf(referenceRelease)).toContain(
    "--http-restricted-api=inference:authorization=Bearer $(TRITON_API_KEY)",
  );
  expect(commandOf(openaiInside).slice(-4)).toEqual([
    "--openai-restricted-api",
    "inference",
    "authorization",
    "Bearer $(TRITON_API_KEY)",
  ]);
});

test("signals read metrics that this version exports without being asked", () => {
  const { endpoint, queueShare } = planned(referenceRelease);
  const names = [...endpoint.signals, queueShare].flatMap(({ metrics }) => metrics);
  expect(names.length).toBeGreaterThan(2);
  for (const name of names) expect(tritonMetrics.get(name), name).toMatchObject({ per: "model", needs: undefined });
});

describe("the load API is closed by a key that nobody has", () => {
  /** Runs the container's arguments with a stand-in that prints what it is given. */
  function run(release: Written, random: string | null = null): readonly string[] {
    const [, , script = "", name = "", ...command] = planned(release).pod.container.args;
    return inFolderWith({}, (folder) => {
      const program = path.join(folder, "printing");
      fs.writeFileSync(program, '#!/bin/sh\nprintf "%s\\n" "$@"\n', { mode: 0o755 });
      const source = random === null ? script : script.replace("/dev/urandom", random);
      const output = execFileSync("/bin/sh", ["-c", source, name, program, ...command.slice(1)], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      });
      return output.trimEnd().split("\n");
    });
  }

  test("at every start another one, after the options that stand in the plan", () => {
    const [first, second] = [run(referenceRelease), run(referenceRelease)];
    expect(first.slice(0, -1)).toEqual(commandOf(referenceRelease).slice(1));
    const last = first.at(-1) ?? "";
    expect(last).toMatch(
      /^--http-restricted-api=model-repository,shared-memory,model-config,trace,logging:modelyard-closed=[0-9a-f]{64}$/,
    );
    expect(second.at(-1)).not.toBe(last);
  });

  test("of the OpenAI front end in three words", () => {
    const [option, api, header, key] = run(openaiInside).slice(-4);
    expect([option, api, header]).toEqual(["--openai-restricted-api", "model-repository", "modelyard-closed"]);
    expect(key).toMatch(/^[0-9a-f]{64}$/);
  });

  test("or the server does not start", () => {
    expect(() => run(referenceRelease, "/dev/null")).toThrow();
  });
});
