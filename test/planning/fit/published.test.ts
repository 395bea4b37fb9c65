import { describe, expect, it } from "vitest";
import { fit, replicaOf, type FitAnswer, type FitQuestion, type OnGpus } from "../../../planning/fit";
import type { Measured } from "../../../planning/replica";
import { questionSchema } from "../../../tools/fit/question-schema";
import kv from "../data/kv-cases.json";
import speeds from "../data/perf-cases.json";
import asked from "../data/published-speeds.json";
import { errorPercent, kvCases, signed, validationCases, type KvCase } from "../memory/replicas";

function understood(question: FitQuestion, measured: Measured | null = null): OnGpus {
  const found = replicaOf(question, measured);
  if ("replica" in found) return found;
  throw new Error(JSON.stringify(found));
}

function answerTo(question: FitQuestion, measured: Measured | null = null): FitAnswer {
  const { replica, replicas } = understood(question, measured);
  return fit(replica, question, replicas);
}

/** The settings of a published log, as a person would ask for them. */
function questionOf(row: KvCase): FitQuestion {
  return questionSchema.parse({
    model: row.model,
    gpu: row.gpu,
    engineVersion: `v${row.version}`,
    quantization: row.weights,
    gpuMemoryUtilization: row.gpuMemoryUtilization,
    maxModelLen: row.context,
    maxNumSeqs: row.maxSequences,
    maxNumBatchedTokens: row.batchedTokens,
    tensorParallel: row.tensor,
    dataParallel: row.data,
    expertParallel: row.expert,
    decodeContextParallel: row.decodeContext,
    interconnect: row.interconnect,
    enforceEager: row.eager,
    cudaTotalGib: row.cudaTotalGiB,
    draftLayers: row.draft?.layers,
    // The reader leaves "auto" to the GPU: float16 before Ampere and for models in float16.
    kvCacheDtype: row.kv ?? "auto",
  });
}

interface Compared {
  readonly id: string;
  readonly computed: number;
  readonly published: number;
}

const errorOf = ({ computed, published }: Compared): number => errorPercent(computed, published);
/** Rows with their titles, in which the error stands; `%s` does not cut them short. */
const titled = <Row extends Compared>(rows: readonly Row[], what = "") =>
  rows.map((row) => {
    const title = `${row.id}: ${what}${+row.computed.toPrecision(6)} for ${row.published} (${signed(errorOf(row))})`;
    return [title, row] as const;
  });

/** The model of this log has its shape from the catalogue, but a longer context. */
const inContext = [...kvCases, ...validationCases].filter(({ beyondContext }) => beyondContext !== true);

describe("every published log is a question that is answered", () => {
  it("and none of the table is left out but one, whose context is beyond that of its model", () => {
    expect(inContext.length).toBe(kv.cases.length + kv.validation.length - 1);
  });

  const tokens = inContext.flatMap((row) => {
    if (row.kvGiB === undefined || row.kvTokens === undefined) return [];
    const measured = { kvGiB: row.kvGiB, source: "its log", date: "2026-11-21" };
    return [{ id: row.id, published: row.kvTokens, computed: answerTo(questionOf(row), measured).kvTokens }];
  });
  it.each(titled(tokens, "tokens from the KV cache that its log tells, "))("%s", (_title, row) => {
    // The log of qwen3-235b-h100 tells the tokens of one rank and the memory of another.
    expect(Math.abs(errorOf(row))).toBeLessThanOrEqual(row.id === "qwen3-235b-h100" ? 1.2 : 0.5);
  });

  const budgets = kvCases.flatMap((row) =>
    row.kind === "budget" && row.kvGiB !== undefined
      ? [{ id: row.id, published: row.kvGiB, computed: answerTo(questionOf(row)).kvGibPerGpu }]
      : [],
  );
  it.each(titled(budgets, "GiB of the KV cache from settings alone, "))("%s", (_title, row) => {
    expect(Math.abs(errorOf(row))).toBeLessThanOrEqual(5);
  });

  it.each(kvCases.filter(({ kind }) => kind === "must-fail"))("$id is refused, as the engine refused it", (row) => {
    const { fits, reasons, decode } = answerTo(questionOf(row));
    expect(fits).toBe(false);
    expect(decode).toBeNull();
    expect(reasons[0]).toMatch(
      /^one request of 29000 tokens does not fit on one RTX-3090: .*, which holds \d+ tokens$/,
    );
    expect(reasons[1]).toMatch(/^a context of \d+ tokens would fit$/);
  });
});

type Numbers = Partial<Record<"outputTokensPerSecond" | "interTokenMs" | "ttftMs", number>>;

function comparedSpeeds(id: string, measured: Numbers, { decode, ttftMs }: FitAnswer) {
  const computed = { ...decode, ttftMs };
  return (["outputTokensPerSecond", "interTokenMs", "ttftMs"] as const).flatMap((what) => {
    const [published, value] = [measured[what], computed[what]];
    return published === undefined ? [] : [{ id: `${id} ${what}`, what, published, computed: value ?? NaN }];
  });
}

describe("few requests at once, asked by the names that people use: within a fifth, and the first token within a factor of two", () => {
  const rows = asked.lowLoad.flatMap(({ id, measured, question }) =>
    comparedSpeeds(id, measured, answerTo(questionSchema.parse(question))),
  );
  it.each(titled(rows.filter(({ what }) => what !== "ttftMs")))("%s", (_title, row) => {
    expect(Math.abs(errorOf(row))).toBeLessThanOrEqual(20);
  });
  it.each(titled(rows.filter(({ what }) => what === "ttftMs")))("%s", (_title, row) => {
    expect(row.computed / row.published).toBeGreaterThan(0.5);
    expect(row.computed / row.published).toBeLessThan(2);
  });
});

/** How much memory the engine had is not published; with the share that is usual it would not hold one request of its context. */
const shortened: Readonly<Record<string, number>> = { "qwen3-32b-h100-2000": 8192 };

describe("every measured server is within a factor of two, and with few requests within a fifth", () => {
  const rows = speeds.cases.flatMap(({ id, kind, measured, ...row }) => {
    const question: FitQuestion = questionSchema.parse({
      model: row.model,
      gpu: row.gpu,
      quantization: row.weights,
      tensorParallel: row.tensor,
      engineVersion: row.version,
      maxModelLen: shortened[id] ?? row.context,
      maxNumSeqs: row.maxSequences,
      maxNumBatchedTokens: row.batchedTokens,
      concurrency: row.concurrency,
      inputTokens: row.inputTokens,
      outputTokens: row.outputTokens,
    });
    const { tokensPerSecond, interTokenMs } = measured;
    const numbers = {
      ...(tokensPerSecond === null ? {} : { outputTokensPerSecond: tokensPerSecond }),
      ...(interTokenMs === null ? {} : { interTokenMs }),
    };
    return comparedSpeeds(id, numbers, answerTo(question)).map((each) => ({ ...each, kind }));
  });
  it.each(titled(rows))("%s", (_title, row) => {
    const most = row.kind === "low-load" ? 1.2 : 2;
    expect(row.computed / row.published).toBeLessThanOrEqual(most);
    expect(row.computed / row.published).toBeGreaterThan(row.kind === "low-load" ? 0.8 : 0.5);
  });
});

describe("no estimate is above what was published for the whole GPU", () => {
  const rows = asked.ceilings.flatMap(({ id, question, points }) =>
    (["tensorrt-llm", "vllm"] as const).flatMap((engine) =>
      points.map(({ tokensPerSecondPerGpu: published, ...lengths }) => {
        const answer = answerTo(
          questionSchema.parse({ ...question, engine, ...lengths, maxModelLen: 16_384, concurrency: 4096 }),
        );
        const computed = answer.offlineCeilingTokensPerSecondPerGpu ?? NaN;
        return { id: `${id} with ${engine}`, published, computed, loaded: answer.decode?.perGpuOutputTokensPerSecond };
      }),
    ),
  );
  it.each(titled(rows))("%s", (_title, { computed, published, loaded }) => {
    expect(computed).toBeLessThanOrEqual(published * (1 + 1e-9));
    expect(loaded).toBeLessThanOrEqual(published * (1 + 1e-9));
  });
});
