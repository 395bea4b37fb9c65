import type { Source } from "./fact";

/** Providers whose models a route can fall back to. */
export const providers = ["anthropic", "openai", "google"] as const;
export type Provider = (typeof providers)[number];

/** A model of a provider, with what it costs. */
export interface ExternalModel extends Source {
  readonly provider: Provider;
  /** Name in the provider's API. */
  readonly id: string;
  readonly aliases: readonly string[];
  /** Dollars for a million tokens of a prompt. */
  readonly inputUsdPerMillion: number;
  readonly outputUsdPerMillion: number;
  /** Above so many tokens of a prompt the provider charges more; null where it does not. */
  readonly dearerAbove: {
    readonly tokens: number;
    readonly inputUsdPerMillion: number;
    readonly outputUsdPerMillion: number;
  } | null;
  /** Tokens of a prompt. */
  readonly maxInput: number;
  readonly maxOutput: number;
  /** When the provider turned it off, or announced that it will; requests then fail. Null where nothing says so. */
  readonly retirement: Retirement | null;
}

export interface Retirement extends Source {
  /** Day (ISO 8601) from which requests fail. */
  readonly on: string;
  /** The provider's own replacement; undefined where none was read. */
  readonly replacement: string | undefined;
}

const litellm = (version: string, date: string, note?: string): Source => ({
  source: `litellm wheel ${version}, model_prices_and_context_window_backup.json`,
  date,
  standing: "exact",
  ...(note === undefined ? {} : { note }),
});
const current = litellm("1.109.1", "2026-11-21");
const before = litellm("1.72.0", "2025-05-31", "the newest versions of the table no longer list it");

const retired = (on: string, replacement: string | undefined, source: Source): Retirement => ({
  on,
  replacement,
  ...source,
});
const announced = (on: string): Retirement => retired(on, undefined, current);
const recalled = (source: string, note: string): Source => ({ source, date: "2026-11-21", standing: "recalled", note });

type Limits = readonly [input: number, output: number];
function model(
  provider: Provider,
  id: string,
  [inputUsdPerMillion, outputUsdPerMillion]: readonly [number, number],
  [maxInput, maxOutput]: Limits,
  others: Partial<ExternalModel> = {},
): ExternalModel {
  const prices = { inputUsdPerMillion, outputUsdPerMillion, dearerAbove: null };
  return { provider, id, aliases: [], ...prices, maxInput, maxOutput, retirement: null, ...current, ...others };
}

const longPrompt = (tokens: number, inputUsdPerMillion: number, outputUsdPerMillion: number) => ({
  dearerAbove: { tokens, inputUsdPerMillion, outputUsdPerMillion },
});

/** Models of providers that the catalogue prices. Prices are the providers' list prices, the same in every region. */
export const externalModels: readonly ExternalModel[] = [
  model("anthropic", "claude-3-haiku-20240307", [0.25, 1.25], [200_000, 4096], {
    ...before,
    retirement: retired("2026-04-20", "claude-haiku-4-5-20251001", {
      source: "24-ai.news, Anthropic Retires Claude Haiku 3 from Production",
      date: "2026-04-21",
      standing: "exact",
      note: "other pages say 2026-04-19",
    }),
  }),
  model("anthropic", "claude-3-5-sonnet-20241022", [3, 15], [200_000, 8192], {
    aliases: ["claude-3.5-sonnet-20241022"],
    ...before,
    retirement: retired(
      "2025-10-28",
      undefined,
      recalled("Anthropic, Model deprecations", "the day is from memory; the newest table no longer lists the model"),
    ),
  }),
  model("anthropic", "claude-haiku-4-5-20251001", [1, 5], [200_000, 64_000], { aliases: ["claude-haiku-4-5"] }),
  model("anthropic", "claude-sonnet-4-6", [3, 15], [1_000_000, 128_000]),
  model("openai", "gpt-3.5-turbo-0125", [0.5, 1.5], [16_385, 4096], { retirement: announced("2026-10-23") }),
  model("openai", "gpt-4-turbo-preview", [10, 30], [128_000, 4096], {
    aliases: ["gpt-4-0125-preview"],
    ...before,
    retirement: retired(
      "2026-03-26",
      undefined,
      recalled("OpenAI, Deprecations", "the day is from memory; the newest table no longer lists the model"),
    ),
  }),
  model("openai", "gpt-4o-mini", [0.15, 0.6], [128_000, 16_384]),
  model("openai", "gpt-4.1-mini", [0.4, 1.6], [1_047_576, 32_768]),
  model("google", "gemini-1.5-pro-latest", [1.25, 5], [2_097_152, 8192], {
    aliases: ["gemini-1.5-pro", "gemini-1.5-pro-002"],
    ...longPrompt(128_000, 2.5, 10),
    ...before,
    note: "priced there as gemini-1.5-pro; the row of the alias itself had older prices",
    retirement: retired(
      "2025-09-24",
      "gemini-2.5-pro",
      recalled("Google, Gemini API deprecations", "the day is from memory; the newest table no longer lists the model"),
    ),
  }),
  model("google", "gemini-2.5-pro", [1.25, 10], [1_048_576, 65_536], longPrompt(200_000, 2.5, 15)),
  model("google", "gemini-2.5-flash", [0.3, 2.5], [1_048_576, 65_536]),
];

const byName = new Map(
  externalModels.flatMap((found) => [found.id, ...found.aliases].map((name) => [name, found] as const)),
);

/** A provider's model by its name in the API or an alias; undefined where the catalogue does not price it. */
export function findExternalModel(name: string): ExternalModel | undefined {
  return byName.get(name);
}

/** Whether requests to a model fail on a day (ISO 8601). */
export function isRetired({ retirement }: Pick<ExternalModel, "retirement">, day: string): boolean {
  return retirement !== null && retirement.on <= day;
}
