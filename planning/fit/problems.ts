import { gpus } from "../../catalog/gpus";
import { impossible, type Impossibility, type ImpossibilityId } from "../memory";
import type { Replica } from "../replica";
import type { FitQuestion, QuestionProblem } from "./question";

/**
 * Everything about a replica that cannot work, by the key of the question that says so.
 *
 * @param counts - which impossibilities are looked at, where a part of the replica only stands in for an unknown one
 */
export function problemsOf(
  replica: Replica,
  question: FitQuestion,
  counts: (reason: Impossibility) => boolean = () => true,
): readonly QuestionProblem[] {
  return [
    ...impossible(replica)
      .filter(counts)
      .map((reason) => problemOf(reason, replica, question)),
    ...lengthProblems(replica, question),
  ];
}

function problemOf(reason: Impossibility, replica: Replica, question: FitQuestion): QuestionProblem {
  const allowed = reason.id === "gpu-too-old" ? newEnough(replica) : reason.allowed.map(String);
  const message = allowed.length === 0 ? reason.message : `${reason.message}; allowed: ${allowed.join(", ")}`;
  return { key: keyOf(reason.id, question), message };
}

/** GPUs that the engine still runs on, and the newest version that runs on this one. */
function newEnough(replica: Replica): readonly string[] {
  const isTooOld = (candidate: Replica): boolean => impossible(candidate).some(({ id }) => id === "gpu-too-old");
  const others = gpus.filter((gpu) => !isTooOld({ ...replica, gpu })).map(({ id }) => id);
  const { engine } = replica;
  if (engine.kind !== "vllm") return others;
  const [, newest = "0"] = engine.version.split(".");
  const minors = Array.from({ length: Number(newest) + 1 }, (_, older) => Number(newest) - older);
  const works = minors.find((minor) => !isTooOld({ ...replica, engine: { ...engine, version: `0.${minor}.0` } }));
  return works === undefined ? others : [...others, `or vLLM up to 0.${works}`];
}

function lengthProblems({ model, context }: Replica, question: FitQuestion): readonly QuestionProblem[] {
  const { inputTokens, outputTokens, requestsPerSecond, concurrency, maxNumBatchedTokens: step } = question;
  const encodes = model.kind !== "decoder";
  const output = encodes ? 0 : (outputTokens ?? 1);
  const key = inputTokens === undefined ? "outputTokens" : "inputTokens";
  const said = encodes ? `${inputTokens ?? 1} input tokens` : `${inputTokens ?? 1} input and ${output} output tokens`;
  return [
    ...((inputTokens ?? 1) + output > context
      ? [{ key, message: `${said} exceed the context of ${context}; allowed: ${context} together` } as const]
      : []),
    ...(requestsPerSecond !== undefined && concurrency !== undefined
      ? [{ key: "requestsPerSecond", message: "say either requests per second or concurrency, not both" } as const]
      : []),
    ...(encodes && step !== undefined && step < context
      ? [
          {
            key: "maxNumBatchedTokens",
            message: `an encoder takes each text in one step, so a step of ${step} tokens cannot hold a text of ${context}; allowed: from ${context}`,
          } as const,
        ]
      : []),
  ];
}

/** The key of a question that a replica is impossible by. */
function keyOf(id: ImpossibilityId, question: FitQuestion): QuestionProblem["key"] {
  if (id.startsWith("tensor-parallel"))
    return question.tensorParallel === undefined && question.gpus !== undefined ? "gpus" : "tensorParallel";
  if (id.startsWith("decode-context")) return "decodeContextParallel";
  if (id.startsWith("weight-format")) return "quantization";
  if (id.startsWith("kv-format")) return "kvCacheDtype";
  return keys[id] ?? "model";
}

const keys: Partial<Record<ImpossibilityId, QuestionProblem["key"]>> = {
  "pipeline-layers": "pipelineParallel",
  "parallel-whole": "gpus",
  "data-parallel-dense": "dataParallel",
  "expert-parallel-dense": "expertParallel",
  "gpu-too-old": "gpu",
  "utilisation-range": "gpuMemoryUtilization",
  "context-range": "maxModelLen",
  "sequences-range": "maxNumSeqs",
};
