import { expect, test } from "vitest";
import { models } from "../../catalog/models";
import { load, smallest, withReleases } from "../harness/environments";
import { refusal } from "./refusals";

type Written = Readonly<Record<string, unknown>>;

const commit = smallest.releases.chat.revision;
const chat = (changes: Written) => withReleases({ chat: changes });
const chatOf = (environment: Written) => load(environment).environment.releases["chat"];

test("a release has safe defaults", () => {
  expect(chatOf(smallest)).toMatchObject({
    quantization: "native",
    replicas: 1,
    pipelineParallel: 1,
    nodes: 1,
    dataParallel: 1,
    expertParallel: false,
    enforceEager: false,
    kvCache: "auto",
  });
  expect(chatOf(smallest)).not.toHaveProperty("tensorParallel");
});

test.each<[written: Written, read: Written]>([
  [{ quantization: "auto" }, { quantization: "auto" }],
  [{ quantization: "nvfp4" }, { quantization: "nvfp4" }],
  [{ tensorParallel: 16 }, { tensorParallel: 16 }],
  [{ replicas: { min: 1, max: 3 } }, { replicas: { min: 1, max: 3 } }],
  [{ lora: {} }, { lora: { maxAdapters: 1, maxRank: 16 } }],
  [{ draft: { method: "mtp", tokens: 1 } }, { draft: { method: "mtp", layers: 1, tokens: 1 } }],
  [{ weights: { from: "hub", throughput: "250MB/s" } }, { weights: { from: "hub", throughput: 0.25 } }],
])("%j is read as %j", (written, read) => {
  expect(chatOf(chat(written))).toMatchObject(read);
});

const targets = [{ release: "chat" }];
const load5 = { requests: "5/s", inputTokens: 100, outputTokens: 10 };

test.each<[what: string, routes: Written, replicas: unknown]>([
  ["no route sends requests to the release", {}, 1],
  ["no route to it says its load", { large: { targets } }, 1],
  ["a route to it says its load", { large: { targets, load: load5 } }, "auto"],
  [
    "the route with a load sends everything elsewhere",
    { large: { targets: [{ release: "chat", weight: 0 }, { release: "other" }], load: load5 } },
    1,
  ],
])("where nobody wrote replicas and %s, they are %j", (_, routes, replicas) => {
  const environment = { ...withReleases({ chat: {}, other: {} }), routes };
  expect(chatOf(environment)?.replicas).toBe(replicas);
});

test("replicas that are written stay, whatever load a route says", () => {
  expect(chatOf({ ...chat({ replicas: 2 }), routes: { large: { targets, load: load5 } } })?.replicas).toBe(2);
});

test("a release may serve a model by another name that the catalogue has for it", () => {
  const alias = models.flatMap(({ aliases }) => aliases)[0];
  expect(alias).toBeDefined();
  expect(chatOf(chat({ model: alias }))).toMatchObject({ model: alias });
});

test.each<[what: string, changes: Written, refused: string]>([
  [
    "a misspelt format",
    { quantization: "nvp4" },
    '26:19: releases.chat.quantization is "nvp4" | Did you mean "nvfp4"?',
  ],
  [
    "an impossible split",
    { tensorParallel: 3 },
    "26:21: releases.chat.tensorParallel is 3 | Known are: 1, 2, 4, 8, 16.",
  ],
  [
    "bounds in the wrong order",
    { replicas: { min: 3, max: 2 } },
    "27:12: releases.chat.replicas.min is 3 | The least is not above `max`.",
  ],
  ["half of the bounds", { replicas: { max: 2 } }, "26:5: releases.chat.replicas.min is missing | Expected: a number."],
  [
    "another word for replicas",
    { replicas: "many" },
    '26:15: releases.chat.replicas is "many" | Expected: a number, or auto, or a map of settings.',
  ],
  [
    "a rank that vLLM does not take",
    { lora: { maxRank: 24 } },
    "27:16: releases.chat.lora.maxRank is 24 | Known are: 1, 8, 16, 32, 64, 128, 256, 320, 512.",
  ],
  [
    "an unknown way to guess",
    { draft: { method: "eagle2", tokens: 3 } },
    '27:15: releases.chat.draft.method is "eagle2" | Did you mean "eagle"?',
  ],
  [
    "a draft without its model",
    { draft: { method: "eagle", tokens: 3, revision: commit } },
    "26:5: releases.chat.draft.model is missing | Expected: text.",
  ],
  [
    "a draft of the hub without its commit",
    { draft: { method: "eagle", model: "my-team/draft", tokens: 3 } },
    "26:5: releases.chat.draft.revision is missing | Expected the commit of the draft's repository: what was tested is what is served.",
  ],
  [
    "a throughput without its unit",
    { weights: { from: "hub", throughput: 2 } },
    "24:19: releases.chat.weights.throughput is 2 | Expected: 2 has no unit; expected a rate of data such as 2GB/s, 500MB/s.",
  ],
])("%s is refused at its line", (_, changes, refused) => {
  expect(refusal(() => load(chat(changes)))).toBe(refused);
});

test("a draft beside weights on a volume needs no commit", () => {
  const weights = { from: "pvc", claim: "weights", path: "chat" };
  const draft = { method: "eagle3", model: "drafts/chat", tokens: 3 };
  expect(chatOf(chat({ weights, draft }))).toMatchObject({ draft: { ...draft, layers: 1 } });
});
