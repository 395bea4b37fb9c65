import { z } from "zod";
import { settings } from "../settings";
import { perSecond, share, usdPerMillionTokens } from "../units";
import { count, name } from "./common";
import { objectives } from "./objectives";

const defaultWeight = 100;

const target = settings({
  release: name.describe("One of `releases`."),
  adapter: name.optional().describe("One of the release's `lora.adapters`. Default: the model without an adapter."),
  weight: z
    .int()
    .min(0)
    .max(1_000_000)
    .optional()
    .describe("Its part of the requests, against the weights of the other targets. Default 100; 0 on standby."),
  standby: z
    .boolean()
    .default(false)
    .describe(
      "Whether it takes no requests now, but has to be able to take all of them at once: the other side of a blue-green change. Default false.",
    ),
})
  .refine(({ weight, standby }) => !standby || weight === undefined || weight === 0, {
    path: ["weight"],
    message: "a target on standby takes no requests: leave its weight out, or take `standby` away",
  })
  .transform(({ weight, ...target }) => ({ ...target, weight: target.standby ? 0 : (weight ?? defaultWeight) }));

const targets = z
  .array(target)
  .min(1)
  .refine(
    (targets) => targets.length === 0 || targets.some(({ weight }) => weight > 0),
    "at least one target has a weight above 0",
  )
  .refine(
    (targets) => new Set(targets.map(({ release, adapter = "" }) => `${release} ${adapter}`)).size === targets.length,
    "a release, or one of its adapters, is named once: add up its weights",
  );

const load = settings({
  requests: perSecond.describe("Requests that arrive on average over a busy hour."),
  peak: perSecond
    .optional()
    .describe("Requests that arrive at the worst moment that must be served. Default: `requests`."),
  inputTokens: count.describe("Tokens of a prompt on average; of a request with several texts, of all together."),
  outputTokens: z.int().min(0).describe("Tokens of an answer on average; 0 where vectors or scores are asked for."),
  prefixHit: share
    .prefault("0%")
    .describe("Share of a prompt's tokens that are found in the prefix cache. Default 0%."),
}).refine(({ requests, peak }) => peak === undefined || peak >= requests, {
  path: ["peak"],
  message: "not below `requests`",
});

const fallback = settings({
  external: name.describe("One of `externalModels`."),
  share: share.prefault("0%").describe("Share of the requests that are expected to go there. Default 0%."),
});

/** Sums of shares that people write are off by their rounding. */
const roundingOfShares = 0.001;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

export const route = settings({
  targets: targets.describe("Releases that answer, and how requests are divided among them."),
  load: load
    .optional()
    .describe(
      "What is expected of clients: replicas, machines and money are planned for it. Default: not planned for.",
    ),
  slo: objectives
    .optional()
    .describe(
      "What clients are promised: the name of a class, or targets of its own. What is planned is checked against it. Default: nothing.",
    ),
  fallback: z
    .array(fallback)
    .default([])
    .refine((list) => sum(list.map(({ share }) => share)) <= 1, "fallbacks take no more than 100% of the requests")
    .describe("External models that answer where targets do not, in this order. Their cost is counted. Default: none."),
  tenants: z
    .record(name, share)
    .refine(
      (shares) => Math.abs(sum(Object.values(shares)) - 1) <= roundingOfShares,
      "the shares of all tenants make 100% together",
    )
    .optional()
    .describe("Share of the load that each tenant causes, for the cost of each. Default: not divided."),
});

const price = settings({
  input: usdPerMillionTokens.describe("Price of tokens that are read."),
  output: usdPerMillionTokens.describe("Price of tokens that are written."),
});

export const externalModel = settings({
  provider: z.enum(["anthropic", "openai", "google"]).describe("Who serves the model."),
  model: z
    .string()
    .regex(/^[\w.:/@-]{1,100}$/, "a model is written as its provider names it")
    .describe("The model, as its provider names it."),
  price: price.optional().describe("What it costs, by the contract. Default: the catalogue's price."),
});

export type RouteSettings = z.output<typeof route>;
/** `requests` and `peak` per second, `prefixHit` from 0 to 1, the rest in tokens. */
export type LoadSettings = z.output<typeof load>;
/** Prices in dollars per million tokens. */
export type ExternalModelSettings = z.output<typeof externalModel>;
