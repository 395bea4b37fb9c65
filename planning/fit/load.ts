import type { Replica } from "../replica";
import type { FitQuestion } from "./question";

/** The requests that a question is answered for. */
export interface Load {
  /** Requests in flight; null where they arrive by themselves. */
  readonly concurrency: number | null;
  readonly requestsPerSecond: number | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly prefixHit: number;
}

/** What a question that says nothing of its requests is answered for: one request of a chat. */
export const usual = { concurrency: 1, inputTokens: 1024, outputTokens: 256, region: "us-east-1" } as const;

/** The requests of a question; usual lengths shrink to what the context holds. */
export function loadOf(context: number, kind: Replica["model"]["kind"], question: FitQuestion): Load {
  const { requestsPerSecond = null, prefixHit = 0 } = question;
  const encodes = kind !== "decoder";
  const asked = encodes ? 0 : question.outputTokens;
  const half = encodes ? context : Math.ceil(context / 2);
  const inputTokens =
    question.inputTokens ?? Math.max(1, Math.min(usual.inputTokens, asked === undefined ? half : context - asked));
  const outputTokens = asked ?? Math.min(usual.outputTokens, Math.max(1, context - inputTokens));
  const concurrency = requestsPerSecond === null ? (question.concurrency ?? usual.concurrency) : null;
  return { concurrency, requestsPerSecond, inputTokens, outputTokens, prefixHit };
}
