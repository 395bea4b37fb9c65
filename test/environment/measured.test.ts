import { expect, test } from "vitest";
import { load, smallest } from "../harness/environments";
import { filesOfEverything } from "./everything";
import { problemsOf } from "./refusals";

const measurement = { model: "Qwen/Qwen3-8B", gpu: "L40S", version: "0.31.0", source: "a log", date: "2026-11-20" };

const measured = (...measurements: readonly object[]) =>
  Object.fromEntries(
    measurements.map((each, index) => [`stacks/measured/run-${index}.json`, JSON.stringify(each, null, 2)]),
  );

test("every measurement of the folder is read, in the order of their names", () => {
  const files = { ...measured(measurement, { ...measurement, kvGiB: 30 }), "stacks/measured/notes.txt": "not one" };
  expect(load(smallest, files).environment.measured).toEqual([
    { ...measurement, quantization: "native", tensorParallel: 1, file: "stacks/measured/run-0.json" },
    { ...measurement, quantization: "native", tensorParallel: 1, kvGiB: 30, file: "stacks/measured/run-1.json" },
  ]);
});

test("a measurement may say all that an engine says of itself", () => {
  const [read] = load(smallest, filesOfEverything).environment.measured;
  expect(read).toMatchObject({ weightsGiB: 4.6, overheadGiB: 3.1, loadSeconds: 41, engineStartSeconds: 120 });
});

test("without the folder nothing was measured", () => {
  expect(load(smallest).environment.measured).toEqual([]);
});

test.each<[what: string, measurement: object, refused: string]>([
  [
    "a misspelt key",
    { ...measurement, kvGib: 30 },
    ':7:3: unknown key "kvGib" in the environment\n    Did you mean "kvGiB"?',
  ],
  ["an unknown GPU", { ...measurement, gpu: "L40" }, ':3:10: gpu is "L40"\n    Did you mean "L40S"?'],
  [
    "a day that is none",
    { ...measurement, date: "yesterday" },
    ':6:11: date is "yesterday"\n    A date is written as 2027-01-31.',
  ],
])("%s in a measurement is refused at its line", (_, written, refused) => {
  expect(problemsOf(() => load(smallest, measured(written)))).toEqual([`stacks/measured/run-0.json${refused}`]);
});

test("a measurement that is no JSON is refused with its place", () => {
  const [problem] = problemsOf(() => load(smallest, { "stacks/measured/x.json": "{" }));
  expect(problem).toMatch(/^stacks\/measured\/x\.json:\d+:\d+: this is not valid YAML/);
});
