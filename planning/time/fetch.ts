import type { Arithmetic, By, Term } from "../plan";
import { imageSeconds, nodeSeconds, weightsRate } from "./parts";
import type { TimeQuestion } from "./question";
import { deadlineMargin, fetchMargin, leastStartup } from "./rules";

/** What decides how long it takes to bring weights into a volume, on a machine that may have to be made. */
export type FetchQuestion = Pick<TimeQuestion, "weights" | "image" | "node">;

export interface FetchSeconds {
  /** Without a margin. */
  readonly expected: number;
  /** It is given up after this long. */
  readonly deadline: number;
  /** Whoever waits for it gives up after this long: not before it does itself. */
  readonly wait: number;
}

/** How long a download into a volume takes, and when to give it up. */
export function planFetch(question: FetchQuestion): FetchSeconds {
  const { node, image, transfer } = partsOf(question);
  const expected = node + image + transfer;
  const deadline = Math.max(leastStartup, Math.ceil(expected * fetchMargin)) + deadlineMargin;
  return { expected, deadline, wait: deadline + deadlineMargin };
}

function partsOf(question: FetchQuestion) {
  const { weights } = question;
  return {
    node: Math.ceil(nodeSeconds(question.node)),
    image: Math.ceil(imageSeconds(question)),
    transfer: Math.ceil(weights.gigabytes / weightsRate(weights).value),
  };
}

/** The arithmetic of both durations, by their names. */
export function explainFetch(question: FetchQuestion, { expected, deadline, wait }: FetchSeconds): By<Arithmetic> {
  const { node, image } = partsOf(question);
  const rate = weightsRate(question.weights);
  const s = (name: string, value: number): Term => ({ name, value, unit: "s" });
  return {
    expected: {
      formula: "machine + image + weights ÷ throughput, rounded up",
      terms: [
        s("machine", node),
        s("image", image),
        { name: "weights", value: question.weights.gigabytes, unit: "GB" },
        { name: "throughput", value: rate.value, unit: rate.unit, source: rate.source },
      ],
      result: expected,
      unit: "s",
    },
    deadline: {
      formula: `the larger of ${leastStartup} s and expected × margin, + scheduling`,
      terms: [s("expected", expected), { name: "margin", value: fetchMargin }, s("scheduling", deadlineMargin)],
      result: deadline,
      unit: "s",
    },
    wait: {
      formula: "deadline + margin",
      terms: [s("deadline", deadline), s("margin", deadlineMargin)],
      result: wait,
      unit: "s",
    },
  };
}
