import { describe, expect, test } from "vitest";
import { vllmFlags } from "../../catalog/engine-flags";
import { vllmVersions } from "../../catalog/engines";
import { load, smallest, withReleases } from "../harness/environments";
import { problemsOf, refusal } from "./refusals";

type Written = Readonly<Record<string, unknown>>;

const commit = smallest.releases.chat.revision;
const chat = (changes: Written) => withReleases({ chat: changes });
const chatOf = (environment: Written) => load(environment).environment.releases["chat"];
const adapter = { from: "hub", repository: "my-team/legal", revision: commit, rank: 16 };

test("what nobody writes is left to the plan or safe", () => {
  expect(chatOf(smallest)).toMatchObject({
    task: "generate",
    decodeContextParallel: 1,
    chunkedPrefill: true,
    prefixCaching: true,
    structuredOutputs: "auto",
    queueLimits: {},
    extraArgs: [],
    variables: {},
  });
  for (const open of ["media", "lora", "draft", "kvCacheMemory", "kvOffload", "toolCallParser", "reasoningParser"])
    expect(chatOf(smallest)).not.toHaveProperty(open);
});

test.each<[written: Written, read: Written]>([
  [
    { kvCacheMemory: "8GiB", kvOffload: "64GiB" },
    { kvCacheMemory: 8, kvOffload: 64 },
  ],
  [{ lora: { adapters: { legal: adapter } } }, { lora: { maxRank: 16, adapters: { legal: { rank: 16 } } } }],
  [
    { draft: { method: "draft-model", model: "Qwen/Qwen3-0.6B", revision: commit, tokens: 4, acceptance: "60%" } },
    { draft: { acceptance: 0.6 } },
  ],
  [{ media: { domains: ["media.example.com"] } }, { media: { domains: ["media.example.com"] } }],
  [{ context: 2048, chunkedPrefill: false, batchedTokens: 2048 }, { chunkedPrefill: false }],
])("%j is read as %j", (written, read) => {
  expect(chatOf(chat(written))).toMatchObject(read);
});

describe("a setting that cannot work is refused at its line", () => {
  test.each<[what: string, changes: Written, refused: string]>([
    [
      "two sizes of one cache",
      { gpuMemoryUtilization: 0.9, kvCacheMemory: "8GiB" },
      "26:5: releases.chat.gpuMemoryUtilization cannot stand beside `kvCacheMemory`: vLLM ignores the share where the cache has a size of its own | Write one of the two.",
    ],
    [
      "an adapter above the highest rank",
      { lora: { maxRank: 32, adapters: { legal: { ...adapter, rank: 64 } } } },
      "33:11: releases.chat.lora.adapters.legal.rank is 64, and `lora.maxRank` is 32: vLLM refuses the adapter when it starts | Write `maxRank: 64`, or train an adapter of a lower rank.",
    ],
    [
      "an adapter without its commit",
      { lora: { adapters: { legal: { from: "hub", repository: "my-team/legal", rank: 8 } } } },
      "28:9: releases.chat.lora.adapters.legal.revision is missing | Expected: text.",
    ],
    [
      "a prompt that no step can hold",
      { chunkedPrefill: false },
      "18:3: releases.chat.batchedTokens is 2048, and without `chunkedPrefill` one step reads a whole prompt of up to 8192 tokens | Write `batchedTokens: 8192` or more, or leave `chunkedPrefill` on.",
    ],
    [
      "a queue that is shorter than what is worked on",
      { queueLimits: { requests: 10 } },
      "27:7: releases.chat.queueLimits.requests is 10, and a pod works on 64 requests at once: the limit counts those too | Write 64 or more, or lower `maxSequences`.",
    ],
    [
      "tools of a model that gives vectors",
      { task: "embed", toolCallParser: "hermes" },
      "27:5: releases.chat.toolCallParser is for text, and `task: embed` writes none | Remove it, or write `task: generate`.",
    ],
    [
      "a parser that no version has",
      { toolCallParser: "herms" },
      '26:21: releases.chat.toolCallParser is "herms" | Did you mean "hermes"?',
    ],
    [
      "a pattern of hosts",
      { media: { domains: ["*.example.com"] } },
      '28:11: releases.chat.media.domains.0 is "*.example.com" | A host is written as media.example.com, in lower case, without scheme, port or wildcard; addresses are not allowed.',
    ],
    [
      "an address of the machine's metadata",
      { media: { domains: ["169.254.169.254"] } },
      '28:11: releases.chat.media.domains.0 is "169.254.169.254" | A host is written as media.example.com, in lower case, without scheme, port or wildcard; addresses are not allowed.',
    ],
    [
      "a draft model of the hub without its commit",
      { draft: { method: "draft-model", model: "Qwen/Qwen3-0.6B", tokens: 4 } },
      "26:5: releases.chat.draft.revision is missing | Expected the commit of the draft's repository: what was tested is what is served.",
    ],
    [
      "a window of guesses the wrong way round",
      { draft: { method: "ngram", tokens: 4, longest: 2, shortest: 3 } },
      "30:17: releases.chat.draft.shortest is 3 | The shortest piece is not longer than `longest`.",
    ],
  ])("%s", (_, changes, refused) => {
    expect(refusal(() => load(chat(changes)))).toBe(refused);
  });
});

describe("a route may ask for an adapter", () => {
  const releases = withReleases({ chat: { lora: { adapters: { legal: adapter, medical: adapter } } }, plain: {} });
  const routed = (...targets: readonly Written[]) => ({ ...releases, routes: { law: { targets } } });

  test("beside another of the same release", () => {
    const targets = [
      { release: "chat", adapter: "legal" },
      { release: "chat", adapter: "medical" },
      { release: "chat" },
    ];
    expect(load(routed(...targets)).environment.routes["law"]?.targets).toMatchObject(targets);
  });

  test.each<[what: string, target: Written, refused: RegExp]>([
    [
      "that is misspelt",
      { release: "chat", adapter: "leagl" },
      /routes\.law\.targets\.0\.adapter names the adapter "leagl", which the release chat does not have \| Did you mean "legal"\?$/,
    ],
    [
      "of a release that has none",
      { release: "plain", adapter: "legal" },
      /names the adapter "legal", which the release plain does not have \| There is nothing of this kind to choose from yet\.$/,
    ],
  ])("but not for one %s", (_, target, refused) => {
    expect(refusal(() => load(routed(target)))).toMatch(refused);
  });

  test("and is told of a wrong release only once", () => {
    expect(problemsOf(() => load(routed({ release: "chatt", adapter: "legal" })))).toHaveLength(1);
  });
});

test.each(vllmVersions)("types of the KV cache are among those of vLLM %s", (version) => {
  const choices = vllmFlags(version)?.get("--kv-cache-dtype")?.choices;
  for (const kvCache of ["auto", "bfloat16", "float16", "fp8", "fp8_e4m3", "fp8_e5m2"]) {
    expect(chatOf(chat({ kvCache }))).toMatchObject({ kvCache });
    expect(choices).toContain(kvCache);
  }
});
