/**
 * Prints, as JSON, how many questions `fit` answers per second on one core: a mixed list of models, GPUs, formats, lengths
 * and loads, of which some do not fit.
 */
import { fit, replicaOf, type FitQuestion, type OnGpus } from "../../planning/fit";

const models = [
  "Qwen3-14B",
  "Llama-3.1-8B-Instruct",
  "Llama-3.3-70B-Instruct",
  "Qwen3-30B-A3B",
  "gpt-oss-20b",
  "gemma-3-27b-it",
  "DeepSeek-V2-Lite-Chat",
  "Qwen3.5-9B",
  "bge-m3",
];
const gpus = ["L4", "L40S", "A100-80GB", "H100-80GB", "B200", "RTX-4090"];
const changes: readonly FitQuestion[] = [
  {},
  { maxModelLen: 8192, concurrency: 16 },
  { maxModelLen: 8192, concurrency: 200, inputTokens: 2000, outputTokens: 500, prefixHit: 0.3 },
  { quantization: "fp8", maxModelLen: 4096, concurrency: 32, inputTokens: 220, outputTokens: 200 },
  { gpus: 2, maxModelLen: 8192, concurrency: 8 },
  { gpus: 4, kvCacheDtype: "fp8", maxModelLen: 8192, concurrency: 64 },
];

const questions = models.flatMap((model) =>
  gpus.flatMap((gpu) => changes.map((change): FitQuestion => ({ model, gpu, ...change }))),
);
const asked = questions.flatMap((question) => {
  const understood = replicaOf(question);
  return "replica" in understood ? [{ question, ...understood }] : [];
});

function answerAll(): number {
  let fitting = 0;
  for (const { question, replica, replicas } of asked satisfies readonly (OnGpus & { question: FitQuestion })[])
    // A copy, so that nothing is known of it from the round before.
    if (fit({ ...replica }, question, replicas).fits) fitting++;
  return fitting;
}

/** CPU time, not wall time: other programs of the machine do not count. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

const seconds = 2;
let fitting = 0;
for (const start = cpuSeconds(); cpuSeconds() - start < 1;) fitting = answerAll();
let answered = 0;
const start = cpuSeconds();
while (cpuSeconds() - start < seconds) {
  answerAll();
  answered += asked.length;
}
const evaluationsPerSecond = Math.round(answered / (cpuSeconds() - start));
process.stdout.write(`${JSON.stringify({ evaluationsPerSecond, questions: asked.length, fitting })}\n`);
