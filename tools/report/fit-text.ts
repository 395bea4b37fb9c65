import type { Asked, FitAnswer } from "../../planning/fit";
import { gpusOf, type Replica } from "../../planning/replica";
import { valueText } from "./arithmetic";
import { amountText, type Bar, type Segment } from "./bar";
import { factColumns, factRows } from "./fit-facts";
import { usd } from "./quantities";
import { table, type Column, type Row } from "./table";

const left = (title: string): Column => ({ title });
const right = (title: string): Column => ({ title, align: "right" });

/** An answer as people read it in a terminal. */
export function fitText(asked: Asked, answer: FitAnswer): string {
  return [
    heading(asked, answer),
    ...(asked.on === "gpus" ? [memoryText(asked.replica, answer)] : []),
    table(
      [left("what"), right("value"), left("unit")],
      [...cacheRows(answer), ...speedRows(answer), ...priceRows(answer)],
    ),
    table(factColumns, factRows(asked, answer)),
    `  confidence: ${answer.confidence}`,
    ...(answer.reasons.length === 0 ? [] : [answer.reasons.map((reason) => `  - ${reason}`).join("\n")]),
  ].join("\n\n");
}

/** `Qwen/Qwen3-14B in bf16 on 2 × L4 (tensor parallel 2), vllm 0.31.0: fits` */
function heading(asked: Asked, { fits, resolved }: FitAnswer): string {
  const { model, quantization, gpu, gpus, replicas, engine, engineVersion } = resolved;
  const split = (["tensor", "pipeline", "data"] as const)
    .map((name) => ({ name, degree: resolved[`${name}Parallel`] }))
    .filter(({ degree }) => degree > 1)
    .map(({ name, degree }) => `${name} parallel ${degree}`);
  const parts = [...split, ...(replicas === 1 ? [] : [`${replicas} independent replicas`])];
  const how = parts.length === 0 ? "" : ` (${parts.join(", ")})`;
  const by = asked.on === "cpu" ? "" : `, ${engine} ${engineVersion ?? ""}`;
  return `${model} in ${quantization} on ${gpus === 1 ? "one" : `${gpus} ×`} ${gpu}${how}${by}: ${fits ? "fits" : "does not fit"}`;
}

function memoryText(replica: Replica, answer: FitAnswer): string {
  const total = replica.cudaTotalGiB;
  const { weightsGibPerGpu: weights, overheadGibPerGpu: overhead, kvGibPerGpu: kv } = answer;
  const { measured } = replica;
  const named = (name: string, isMeasured: boolean): string => (isMeasured ? `${name} (measured)` : name);
  const segments: readonly Segment[] = [
    { name: named("weights", measured?.weightsGiB !== undefined), mark: "W", value: weights },
    { name: "overhead", mark: "O", value: overhead },
    { name: named("KV cache", measured?.kvGiB !== undefined), mark: "K", value: kv },
    { name: "spare", mark: "·", value: total - weights - overhead - kv },
  ];
  const bar: Bar = { unit: "GiB", segments };
  return table(
    [left("memory of one GPU"), right("total"), ...segments.map(({ name }) => right(name))],
    [[bar, ...[total, ...segments.map(({ value }) => value)].map((value) => amountText(value, "GiB"))]],
  );
}

const unknown = "–";

function numberText(value: number | null, digits = 0): string {
  if (value === null) return unknown;
  return value.toLocaleString("en-US", { maximumFractionDigits: digits, minimumFractionDigits: digits });
}

function cacheRows(answer: FitAnswer): readonly Row[] {
  const { maxModelLen, inputTokens, outputTokens } = answer.resolved;
  if (answer.maxConcurrencyAtFullLength === null)
    return [[`texts of ${valueText(inputTokens)} tokens at once`, numberText(answer.concurrencyLimit), "at most"]];
  const perToken = answer.kvBytesPerTokenPerGpu;
  return [
    // Where requests differ in what a token takes, one number of tokens would mislead.
    ...(perToken === null ? [] : [["KV cache holds", numberText(answer.kvTokens), "tokens"]]),
    ["one token takes", numberText(perToken), perToken === null ? "depends on the request" : "bytes of each GPU"],
    [
      `requests of ${valueText(maxModelLen)} tokens at once`,
      numberText(answer.maxConcurrencyAtFullLength, 2),
      "by memory",
    ],
    [
      `requests of ${valueText(inputTokens)} + ${valueText(outputTokens)} tokens at once`,
      numberText(answer.concurrencyLimit),
      "at most",
    ],
  ];
}

function speedRows({ fits, decode, encode, ttftMs, resolved, ...answer }: FitAnswer): readonly Row[] {
  if (!fits) return [];
  const { concurrency, requestsPerSecond, prefixHit } = resolved;
  const hits = prefixHit === 0 ? "" : `, ${prefixHit * 100} % of prompts cached`;
  const load = `with ${concurrency === null ? `${requestsPerSecond ?? 0} requests/s` : `${concurrency} in flight`}${hits}`;
  if (encode !== null)
    return [
      [`texts, ${load}`, numberText(encode.textsPerSecond, 1), "per second"],
      ["tokens of them", numberText(encode.inputTokensPerSecond), "per second"],
      ["to the answer", numberText(ttftMs, 1), "ms"],
    ];
  return [
    [`to the first token, ${load}`, numberText(ttftMs, 1), "ms"],
    ["between tokens", numberText(decode?.interTokenMs ?? null, 1), "ms"],
    ["output", numberText(decode?.outputTokensPerSecond ?? null, 1), "tokens/s"],
    ["output of one GPU", numberText(decode?.perGpuOutputTokensPerSecond ?? null, 1), "tokens/s"],
    ["at most, with everything queued", numberText(answer.offlineCeilingTokensPerSecondPerGpu), "tokens/s and GPU"],
  ];
}

function priceRows({ usdPerHour, usdPerMillionOutputTokens, decode, resolved }: FitAnswer): readonly Row[] {
  const { instance, region, replicas } = resolved;
  const each = replicas === 1 ? "" : `${replicas} × `;
  const where = instance === null ? `no known price in ${region}` : `per hour: GPUs of ${each}${instance} in ${region}`;
  const price: Row = ["price", usd(usdPerHour), where];
  return decode === null
    ? [price]
    : [price, ["price of the output", usd(usdPerMillionOutputTokens), "per million tokens"]];
}

/** An answer of a batch, or what is wrong with its question. */
type Result = { readonly asked: Asked; readonly answer: FitAnswer } | { readonly problems: readonly string[] };

const batchColumns: readonly Column[] = [
  right("#"),
  left("model"),
  left("GPUs"),
  left("answer"),
  ...[
    "weights GiB",
    "KV GiB",
    "KV tokens",
    "full-length",
    "ms to first",
    "ms/token",
    "tokens/s",
    "$/h",
    "$/M tokens",
  ].map(right),
  left("confidence"),
];

/** The answers of a batch, one a line, and below them why what does not fit does not. */
export function fitTable(results: readonly Result[]): string {
  const rows = results.map((result, index) => [
    `${index}`,
    ...("answer" in result ? batchRow(result) : ["", "", "wrong"]),
  ]);
  const notes = results.flatMap((result, index) =>
    "answer" in result && !result.answer.fits ? result.answer.reasons.map((reason) => `  ${index}: ${reason}`) : [],
  );
  return [table(batchColumns, rows), ...(notes.length === 0 ? [] : [notes.join("\n")])].join("\n\n");
}

function batchRow({ asked, answer }: { readonly asked: Asked; readonly answer: FitAnswer }): readonly string[] {
  const { decode, resolved } = answer;
  const gpus = asked.on === "cpu" ? 1 : gpusOf(asked.replica.parallel) * asked.replicas;
  return [
    resolved.model,
    `${gpus} × ${resolved.gpu}`,
    answer.fits ? "fits" : "does not fit",
    numberText(answer.weightsGibPerGpu, 2),
    numberText(answer.kvGibPerGpu, 2),
    numberText(answer.kvBytesPerTokenPerGpu === null ? null : answer.kvTokens),
    numberText(answer.maxConcurrencyAtFullLength, 2),
    numberText(answer.ttftMs, 1),
    numberText(decode?.interTokenMs ?? null, 1),
    numberText(decode?.outputTokensPerSecond ?? null, 1),
    usd(answer.usdPerHour),
    answer.usdPerMillionOutputTokens === null ? unknown : usd(answer.usdPerMillionOutputTokens),
    answer.confidence,
  ];
}
