import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { vllmFlags } from "../../../catalog/engine-flags";
import { dangerousVllmFlags } from "../../../catalog/vllm-dangers";
import { removedVllmFlags } from "../../../catalog/vllm-removals";
import { argumentFindings } from "../../../planning/releases/arguments/check";
import { ownedFlags } from "../../../planning/releases/arguments/owned";
import { variableFindings } from "../../../planning/releases/arguments/variables";

const version = "0.31.0";
const at = ["releases", "chat", "extraArgs"];

function found(...items: readonly string[]): readonly string[] {
  return argumentFindings(version, items, at).map(({ id, message, fix }) => `${id}: ${message} | ${fix}`);
}

const ids = (...items: readonly string[]): readonly string[] =>
  argumentFindings(version, items, at).map(({ id }) => id);

test.each<[what: string, items: readonly string[]]>([
  ["nothing", []],
  ["a value behind a sign", ["--seed=7"]],
  ["a value in an item of its own", ["--seed", "7"]],
  ["underscores", ["--chat_template=/models/chat.jinja"]],
  ["a number below zero", ["--max-logprobs", "-1"]],
  ["a size in words", ["--safetensors-prefetch-block-size=16M"]],
  ["a switch that is turned off", ["--no-trust-remote-code"]],
  ["a list", ["--disable-log-stats", "--lora-target-modules", "q_proj", "v_proj", "--seed=7"]],
  ["an object of JSON", ['--compilation-config={"level": 3}']],
  ["keys in dots", ["--compilation-config.level=3", "-cc.custom_ops+", "none"]],
  ["a level of optimisation", ["-O3"]],
  ["an alias", ["-ac.backend=FLASH_ATTN"]],
  ["a word of a choice", ["--scheduling-policy", "priority"]],
])("%s is taken", (_, items) => {
  expect(found(...items)).toEqual([]);
});

describe("what the engine's version does not take", () => {
  test.each<[item: string, said: string]>([
    [
      "--max-logprob=5",
      "argument-malformed: `--max-logprob` is short for --max-logprobs, as long as no other flag begins so | Write --max-logprobs.",
    ],
    [
      "--schedulling-policy=priority",
      'argument-unknown: vLLM 0.31.0 has no flag `--schedulling-policy`, and ends its start at one that it does not know | Did you mean "--scheduling-policy"?',
    ],
    [
      "--swap-space=4",
      "argument-removed: vLLM 0.31.0 has no --swap-space any more: it is gone since 0.18.0 | Write instead: --kv-offloading-size.",
    ],
    [
      "--disable_log_requests",
      "argument-removed: vLLM 0.31.0 has no --disable-log-requests any more: it is gone since 0.18.0 | Write instead: --no-enable-log-requests.",
    ],
    [
      "--use-v2-block-manager",
      "argument-removed: vLLM 0.31.0 has no --use-v2-block-manager any more: it is gone since 0.10.2 | Remove it: nothing took its place.",
    ],
    ["--seed=many", 'argument-malformed: `--seed` is a whole number, not "many" | See --seed.'],
    ["--seed", "argument-malformed: `--seed` has no value | See --seed."],
    [
      "--async-scheduling=true",
      "argument-malformed: `--async-scheduling` is a switch and takes no value | See --async-scheduling.",
    ],
    [
      "--scheduling-policy=lifo",
      "argument-malformed: `--scheduling-policy` is one of fcfs, priority, not lifo | See --scheduling-policy.",
    ],
    [
      "--compilation-config=3",
      'argument-malformed: `--compilation-config` is an object of JSON, not "3" | See --compilation-config.',
    ],
    [
      "--enable-p",
      "argument-malformed: `--enable-p` is the beginning of several flags: --enable-per-request-metrics, --enable-prefix-caching, --enable-prompt-embeds, --enable-prompt-tokens-details | Write the whole name of the one that is meant.",
    ],
    [
      "seven",
      "argument-malformed: `seven` is no flag, and no flag before it takes it as a value | Remove it, or write it behind its flag.",
    ],
  ])("%s is refused", (item, said) => {
    expect(found(item)).toEqual([said]);
  });

  test("all lost flags are refused, with what took their place", () => {
    expect(removedVllmFlags.length).toBeGreaterThan(15);
    for (const { name, instead } of removedVllmFlags) {
      if (vllmFlags(version)?.has(name) === true) continue;
      const [said = ""] = found(`${name}=1`);
      expect(said).toContain("argument-removed");
      expect(said).toContain(instead ?? "nothing took its place");
    }
  });
});

describe("what contradicts the plan", () => {
  test.each<[item: string, said: string]>([
    [
      "--max-model-len=4096",
      "argument-contradicts: `--max-model-len` is what the setting `context` decides; planned memory, speed and probes would be wrong | Write the setting `context` instead.",
    ],
    [
      "--port=9000",
      "argument-contradicts: `--port` contradicts the endpoint that probes, metrics and the network policy are planned for | Remove it.",
    ],
    [
      "--device-memory-utilization=0.95",
      "argument-contradicts: `--device-memory-utilization` is what the setting `gpuMemoryUtilization` decides; planned memory, speed and probes would be wrong | Write the setting `gpuMemoryUtilization` instead.",
    ],
  ])("%s is refused", (item, said) => {
    expect(found(item)).toEqual([said]);
  });

  test.each<[what: string, items: readonly string[]]>([
    ["an alias", ["-tp", "4"]],
    ["an alias with a sign", ["-tp=4"]],
    ["underscores", ["--max_model_len", "4096"]],
    ["a beginning", ["--max-model=4096"]],
    ["a negation", ["--no-enable-prefix-caching"]],
    ["a key in dots", ["--speculative-config.method=ngram"]],
    ["one item for flag and value", ["--max-model-len 4096"]],
    ["a command line for a shell", ["sh", "-c", "exec vllm serve --max-model-len 4096"]],
    ["a command line in one item", ["vllm serve my/model --max-model-len=4096"]],
  ])("%s hides nothing", (_, items) => {
    expect(ids(...items)).toContain("argument-contradicts");
  });

  test("all flags with an owner are flags of the version, or were once", () => {
    const known = new Set([...(vllmFlags(version)?.keys() ?? [])]);
    expect(ownedFlags.filter((flag) => !known.has(flag))).toEqual(["--custom-histogram-buckets"]);
  });
});

describe("what takes protections away", () => {
  test.each<[what: string, items: readonly string[]]>([
    ["code of a model", ["--trust-remote-code"]],
    ["its beginning", ["--trust-rem"]],
    ["code of a model, in JSON", ['--hf-overrides={"text": {"trust_remote_code": true}}']],
    ["code of a model, in dots", ["--hf-overrides.trust_remote_code", "true"]],
    [
      "code of a model, by an object in an item of its own",
      ["--model-loader-extra-config", '{"trust_remote_code": true}'],
    ],
    ["a file of settings", ["--config", "/models/vllm.yaml"]],
    ["a file of settings with a sign", ["--config=/models/vllm.yaml"]],
    ["a key in the arguments", ["--api-key", "secret"]],
    ["the profiler", ["--profiler_config.profiler=torch"]],
    ["a value that Kubernetes puts in", ["--seed=$(SEED)"]],
    ["a flag that Kubernetes puts in", ["$(MORE)"]],
  ])("%s is refused", (_, items) => {
    expect(ids(...items)).toEqual(["argument-dangerous"]);
  });

  test("every flag of the list is one of the version", () => {
    expect(Object.keys(dangerousVllmFlags).filter((flag) => vllmFlags(version)?.has(flag) !== true)).toEqual([]);
  });

  const spelled = (name: string): fc.Arbitrary<string> =>
    fc.array(fc.constantFrom("-", "_"), { minLength: 10, maxLength: 10 }).map(
      (joints) =>
        `--${name
          .slice(2)
          .split("-")
          .reduce((left, right, index) => `${left}${joints[index % 10] ?? "-"}${right}`)}`,
    );
  const dangerous = fc.constantFrom(...Object.keys(dangerousVllmFlags)).chain(spelled);
  const wrapped = fc.constantFrom<(flag: string) => readonly string[]>(
    (flag) => [flag, "1"],
    (flag) => [`${flag}=1`],
    (flag) => [`${flag} 1`],
    (flag) => ["sh", "-c", `exec vllm serve model ${flag} 1`],
    (flag) => ["--seed=7", flag],
  );

  test("is found however it is written", () => {
    fc.assert(
      fc.property(dangerous, wrapped, (flag, wrap) => {
        expect(ids(...wrap(flag))).toContain("argument-dangerous");
      }),
    );
  });
});

test.each<[what: string, items: readonly string[], said: string]>([
  [
    "by two names",
    ["--attention-config.backend=A", "-ac.backend=B"],
    "argument-malformed: `-ac` is there a second time, after `--attention-config`: only the last counts | Remove one of the two.",
  ],
  [
    "on and off",
    ["--async-scheduling", "--no-async-scheduling"],
    "argument-malformed: `--no-async-scheduling` is there a second time, after `--async-scheduling`: only the last counts | Remove one of the two.",
  ],
])("an argument that is there twice, %s, is refused", (_, items, said) => {
  expect(found(...items)).toEqual([said]);
});

test("every item is judged and named by its place", () => {
  const findings = argumentFindings(version, ["--seed=7", "--max-model-len", "4096", "--no-such-flag"], at);
  expect(findings.map((finding) => [...finding.at, finding.id])).toEqual([
    [...at, 1, "argument-contradicts"],
    [...at, 3, "argument-unknown"],
  ]);
});

test("a command line in one item is told so", () => {
  expect(found("--seed 7")).toEqual([
    "argument-malformed: `--seed 7` is several words, which the engine takes for the name of one flag | Write two items, or one as `--flag=value`.",
  ]);
});

describe("variables", () => {
  const said = (variables: Readonly<Record<string, string>>): readonly string[] =>
    variableFindings(version, variables, { HOME: "/cache", ...variables, HF_HOME: "/cache/huggingface" }, [
      "variables",
    ]).map(({ id, message, fix }) => `${id}: ${message} | ${fix}`);

  test.each<[name: string, value: string]>([
    ["VLLM_LOGGING_LEVEL", "DEBUG"],
    ["NCCL_DEBUG", "INFO"],
    ["VLLM_SERVER_DEV_MODE", "0"],
    ["VLLM_MULTI_STREAM_GEMM_TOKEN_THRESHOLD", "1024"],
    ["VLLM_ALLOW_CHUNKED_LOCAL_ATTN_WITH_HYBRID_KV_CACHE", "1"],
  ])("%s=%s is taken", (name, value) => {
    expect(said({ [name]: value })).toEqual([]);
  });

  test.each<[name: string, value: string, said: string]>([
    [
      "VLLM_USE_V1",
      "1",
      "argument-removed: vLLM 0.31.0 does not read VLLM_USE_V1 any more, and says nothing: it is gone since 0.18.0 | Remove it: nothing took its place.",
    ],
    [
      "VLLM_ATTENTION_BACKEND",
      "X",
      "argument-removed: vLLM 0.31.0 does not read VLLM_ATTENTION_BACKEND any more, and says nothing: it is gone since 0.18.0 | Write instead: --attention-backend.",
    ],
    [
      "VLLM_LOGING_LEVEL",
      "DEBUG",
      'argument-unknown: vLLM 0.31.0 reads no variable VLLM_LOGING_LEVEL, and says nothing about it | Did you mean "VLLM_LOGGING_LEVEL"?',
    ],
    [
      "VLLM_SERVER_DEV_MODE",
      "1",
      "argument-dangerous: VLLM_SERVER_DEV_MODE opens the development endpoints | Remove it.",
    ],
    [
      "VLLM_ALLOW_INSECURE_SERIALIZATION",
      "1",
      "argument-dangerous: VLLM_ALLOW_INSECURE_SERIALIZATION allows what vLLM forbids | Remove it.",
    ],
    [
      "HF_HUB_TRUST_REMOTE_CODE",
      "true",
      "argument-dangerous: HF_HUB_TRUST_REMOTE_CODE lets a model bring code that the engine runs | Remove it.",
    ],
    [
      "HF_TOKEN",
      "hf_x",
      "argument-dangerous: HF_TOKEN is for a secret, which everybody who may read pods would see | Remove it.",
    ],
    ["HF_HOME", "/tmp", 'argument-contradicts: HF_HOME is set by the plan, to "/cache/huggingface" | Remove it.'],
    ["VLLM_PORT", "9000", "argument-contradicts: VLLM_PORT contradicts how the release is laid out | Remove it."],
    [
      "NCCL_DEBUG",
      "$(OTHER)",
      "argument-dangerous: NCCL_DEBUG has a value that Kubernetes puts in from a variable, which no review sees | Write the value.",
    ],
  ])("%s=%s is refused", (name, value, expected) => {
    expect(said({ [name]: value })).toEqual([expected]);
  });
});
