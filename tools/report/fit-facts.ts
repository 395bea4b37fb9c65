import type { Source } from "../../catalog/fact";
import { weightFormats } from "../../catalog/formats";
import { processorSharesSource, rentGpus, tensorRtBatchSource, type Asked, type FitAnswer } from "../../planning/fit";
import { gpusOf } from "../../planning/replica";
import type { Column, Row } from "./table";

/** A fact that an answer stands on. */
interface UsedFact extends Source {
  readonly what: string;
}

export const factColumns: readonly Column[] = ["fact", "standing", "of", "from"].map((title) => ({ title }));

/** The facts that an answer stands on, with how far each can be trusted. */
export function factRows(asked: Asked, answer: FitAnswer): readonly Row[] {
  return usedFacts(asked, answer).map(({ what, standing, date, source }) => [what, standing, date, source]);
}

function usedFacts(asked: Asked, answer: FitAnswer): readonly UsedFact[] {
  if (asked.on === "cpu")
    return [
      { what: "shape of the model", ...asked.model.source },
      { what: "bandwidth and arithmetic", ...asked.cpu.derivation },
      { what: "shares of both that are reached", ...processorSharesSource },
    ];
  const { model, gpu, weights, engine, cudaTotalGiB, parallel } = asked.replica;
  const { region } = answer.resolved;
  const rented = rentGpus(gpu.id, gpusOf(parallel), region);
  return [
    ...(cudaTotalGiB === gpu.cudaTotalGiB
      ? [{ what: `memory of ${gpu.id}, ${cudaTotalGiB} GiB`, ...gpu.cudaTotalSource }]
      : []),
    { what: `speed of ${gpu.id}`, ...gpu.source },
    { what: "shape of the model", ...model.source },
    { what: `weights in ${weights}`, ...weightFormats[weights].source },
    ...(engine.kind === "tensorrt-llm" ? [{ what: "sequences and tokens of a step", ...tensorRtBatchSource }] : []),
    ...(rented === undefined ? [] : [{ what: `price in ${region}`, ...rented.source }]),
  ];
}
