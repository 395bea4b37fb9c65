import type { TextEmbeddingsPlan } from "../../../planning";
import type { PlanTable } from "../plan-tables";
import { rateText, significant } from "../quantities";
import { left, releaseRows, right, type Shown } from "./shown";

/** Releases that make vectors and scores on processors: what one pod is, and how it answers. */
export function encoderTable(shown: Shown): PlanTable {
  const encoders = shown.releases.filter((release) => release.kind === "text-embeddings-inference");
  const rows = releaseRows(shown, encoders, (release, own) => {
    const { encoding, batch, hostMemory } = release;
    const { weightsGiB, activationsGiB, tokenizersGiB, processGiB } = hostMemory;
    const memoryGiB = weightsGiB + activationsGiB + tokenizersGiB + processGiB;
    return [
      release.name,
      release.task,
      own("batch.longestText", batch.longestText.toLocaleString("en-US")),
      own("hostMemory.activationsGiB", `${activationsGiB.toFixed(1)} of ${memoryGiB.toFixed(1)}`),
      ...(encoding === null ? ["–", "–", "–", "–", "–"] : encodingCells(encoding, own)),
    ];
  });
  const titles = ["longest text", "batch, GiB", "requests/s", "one alone", "p95", "busy"];
  const columns = [left("release"), left("task"), ...titles.map(right), left("estimate")];
  return {
    caption: "Encoders",
    columns,
    rows,
    glossary:
      "What the largest batch needs is part of a pod's memory; the rest is weights, tokenizers and the process. One alone is a request that nobody waits for, p95 the time within which 95 of 100 are answered, busy the share of time that pods work, all at the expected load.",
  };
}

function encodingCells<Cell>(
  { requestsPerSecond, requestSeconds, expected, confidence }: NonNullable<TextEmbeddingsPlan["encoding"]>,
  own: (path: string, text: string) => Cell,
) {
  return [
    own("encoding.requestsPerSecond", rateText(requestsPerSecond)),
    own("encoding.requestSeconds", secondsText(requestSeconds)),
    own("encoding.expected.answered95", secondsText(expected.answered95)),
    own("encoding.expected.utilization", `${(expected.utilization * 100).toFixed(0)} %`),
    confidence,
  ];
}

function secondsText(seconds: number): string {
  return seconds < 1 ? `${(seconds * 1000).toFixed(0)} ms` : `${significant(seconds)} s`;
}
