import type { z } from "zod";
import { statement } from "../../messages";
import type { DraftSettings } from "./vllm-draft";
import type { QueueLimitSettings } from "./vllm-limits";

/** Settings of a vLLM release that are checked against each other. */
interface Checked {
  readonly weights: { readonly from: string };
  readonly draft?: DraftSettings | undefined;
  readonly task: "generate" | "embed" | "rerank";
  readonly context: number;
  readonly batchedTokens: number;
  readonly chunkedPrefill: boolean;
  readonly maxSequences: number;
  readonly dataParallel: number;
  readonly gpuMemoryUtilization?: number | undefined;
  readonly kvCacheMemory?: number | undefined;
  readonly structuredOutputs: string;
  readonly toolCallParser?: string | undefined;
  readonly reasoningParser?: string | undefined;
  readonly queueLimits: QueueLimitSettings;
}

/** What is wrong, where, and what to write instead. */
type Wrong = readonly [path: readonly string[], what: string, fix: string];

/** Settings that vLLM refuses together when it starts, or of which one does nothing beside the other. */
export function checkVllm(release: Checked, context: z.RefinementCtx): void {
  const { draft } = release;
  if (needsRevision(release)) {
    const message = "expected the commit of the draft's repository: what was tested is what is served";
    context.addIssue({ code: "custom", path: ["draft", "revision"], message });
  }
  if (draft?.method === "draft-model" && release.weights.from !== "hub" && draft.path === undefined) {
    const message = "expected the draft's directory beside the model's weights";
    context.addIssue({ code: "custom", path: ["draft", "path"], message });
  }
  for (const [path, what, fix] of [...memory(release), ...prefill(release), ...queue(release), ...pooling(release)])
    context.addIssue({ code: "custom", path: [...path], message: statement.write(what, fix) });
}

function needsRevision({ draft, weights }: Checked): boolean {
  return draft !== undefined && "model" in draft && draft.revision === undefined && weights.from === "hub";
}

function memory({ gpuMemoryUtilization, kvCacheMemory }: Checked): readonly Wrong[] {
  if (gpuMemoryUtilization === undefined || kvCacheMemory === undefined) return [];
  const what = "cannot stand beside `kvCacheMemory`: vLLM ignores the share where the cache has a size of its own";
  return [[["gpuMemoryUtilization"], what, "Write one of the two."]];
}

function prefill({ chunkedPrefill, batchedTokens, context }: Checked): readonly Wrong[] {
  if (chunkedPrefill || batchedTokens >= context) return [];
  const what = `is ${batchedTokens}, and without \`chunkedPrefill\` one step reads a whole prompt of up to ${context} tokens`;
  return [[["batchedTokens"], what, `Write \`batchedTokens: ${context}\` or more, or leave \`chunkedPrefill\` on.`]];
}

function queue({ queueLimits: { requests }, maxSequences, dataParallel }: Checked): readonly Wrong[] {
  const worked = maxSequences * dataParallel;
  if (requests === undefined || requests >= worked) return [];
  const what = `is ${requests}, and a pod works on ${worked} requests at once: the limit counts those too`;
  return [[["queueLimits", "requests"], what, `Write ${worked} or more, or lower \`maxSequences\`.`]];
}

/** A model that gives vectors or scores writes no text. */
function pooling(release: Checked): readonly Wrong[] {
  if (release.task === "generate") return [];
  const written = [
    ...(release.draft === undefined ? [] : ["draft"]),
    ...(release.toolCallParser === undefined ? [] : ["toolCallParser"]),
    ...(release.reasoningParser === undefined ? [] : ["reasoningParser"]),
    ...(release.structuredOutputs === "auto" ? [] : ["structuredOutputs"]),
  ];
  return written.map((setting) => [
    [setting],
    `is for text, and \`task: ${release.task}\` writes none`,
    "Remove it, or write `task: generate`.",
  ]);
}
