import { describe, expect, test } from "vitest";
import { readVllmVersions, vllmSpellings } from "../../catalog/engine-flags";
import { readVllmArguments, wrongValue } from "../../catalog/vllm-arguments";

/** Each argument as the flag that it means, its keys and its values. */
function read(...words: readonly string[]): readonly unknown[] {
  return readVllmArguments("0.31.0", words).map(({ meaning, keys, values }) => [
    meaning.kind === "flag" ? [meaning.flag.name, ...keys].join(".") : meaning.kind,
    ...values,
  ]);
}

test.each<[words: readonly string[], meant: readonly unknown[]]>([
  [["--seed=7"], [["--seed", "7"]]],
  [
    ["--seed", "7", "--port", "1"],
    [
      ["--seed", "7"],
      ["--port", "1"],
    ],
  ],
  [["--max-logprobs", "-1"], [["--max-logprobs", "-1"]]],
  [
    ["--enforce-eager", "--seed", "7"],
    [["--enforce-eager"], ["--seed", "7"]],
  ],
  [
    ["--enforce-eager", "true"],
    [["--enforce-eager"], ["stray"]],
  ],
  [
    ["--served-model-name", "a", "b", "--seed=7"],
    [
      ["--served-model-name", "a", "b"],
      ["--seed", "7"],
    ],
  ],
  [
    ["--seed", "7", "8"],
    [["--seed", "7"], ["stray"]],
  ],
  [["-tp", "2"], [["--tensor-parallel-size", "2"]]],
  [["--tensor_parallel_size", "2"], [["--tensor-parallel-size", "2"]]],
  [["--tensor-par=2"], [["--tensor-parallel-size", "2"]]],
  [["--no-enforce"], [["--enforce-eager"]]],
  [["-cc.level", "3"], [["--compilation-config.level", "3"]]],
  [["--compilation-config.custom_ops+=a,b"], [["--compilation-config.custom_ops", "a,b"]]],
  [
    ["-O3", "-O=2"],
    [
      ["--optimization-level", "3"],
      ["--optimization-level", "2"],
    ],
  ],
  [["--compilation-config", '{"a": 1}'], [["--compilation-config", '{"a": 1}']]],
  [["--chat-template={{ a }} --seed 3"], [["--chat-template", "{{ a }} --seed 3"]]],
  [["--nothing", "here"], [["unknown", "here"]]],
  [["--enable"], [["ambiguous"]]],
])("%j means what vLLM's parser makes of it", (words, meant) => {
  expect(read(...words)).toEqual(meant);
});

describe("every flag of every version", () => {
  test.each(readVllmVersions)("is read by each of its names in %s", (version) => {
    const spellings = [...vllmSpellings(version)];
    expect(spellings.length).toBeGreaterThan(300);
    for (const [spelling, flag] of spellings) {
      const [argument] = readVllmArguments(version, [flag.type === "switch" ? spelling : `${spelling}=1`]);
      expect(argument?.meaning).toMatchObject({ kind: "flag", flag, short: false });
    }
  });

  test.each(readVllmVersions)("takes its own default in %s", (version) => {
    const wrong = [...vllmSpellings(version)].flatMap(([spelling, flag]) => {
      const plain = ["number", "string"].includes(typeof flag.default) && flag.default !== "";
      if (!plain || flag.type === "switch") return [];
      const [argument] = readVllmArguments(version, [`${spelling}=${String(flag.default)}`]);
      return argument === undefined ? [spelling] : (wrongValue(argument) ?? []);
    });
    // The type that the wheel names for this one is that of its other branch: a device, or a map of devices.
    expect(wrong).toEqual(wrong.filter((each) => each.includes('"cpu"')));
  });
});
