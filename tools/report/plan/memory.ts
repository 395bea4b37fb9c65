import type { Bar } from "../bar";
import type { PlanTable } from "../plan-tables";
import { left, releaseRows, right, type LanguageModelRelease, type Shown } from "./shown";

/** The parts of one GPU's memory, each with the path of its arithmetic; they add up to what the GPU has. */
function memoryParts({ memory }: LanguageModelRelease) {
  const { weightsGiB, overheadGiB, kvGiB, marginGiB, spareGiB } = memory;
  return [
    { name: "weights", mark: "W", value: weightsGiB, path: "memory.weightsGiB" },
    { name: "overhead", mark: "O", value: overheadGiB, path: "memory.overheadGiB" },
    { name: "KV cache", mark: "K", value: kvGiB - marginGiB, path: "memory.kvGiB" },
    { name: "margin", mark: "M", value: marginGiB, path: "memory.marginGiB" },
    { name: "spare", mark: "·", value: spareGiB, path: "memory.spareGiB" },
  ];
}

export function memoryTable(shown: Shown): PlanTable {
  const [first] = shown.languageModels;
  const partNames = first === undefined ? [] : memoryParts(first).map(({ name }) => name);
  const columns = [
    left("release"),
    left("memory of one GPU, GiB"),
    ...["total", ...partNames, "KV tokens", "full requests"].map(right),
  ];
  const rows = releaseRows(shown, shown.languageModels, (release, own) => {
    const { totalGiB, kvBytesPerToken, kvTokens, fullLengthRequests } = release.memory;
    // Where requests differ in what a token takes, one number of tokens would mislead.
    const tokens = kvBytesPerToken === null ? null : kvTokens;
    const parts = memoryParts(release);
    const bar: Bar = { unit: "GiB", segments: parts };
    return [
      release.name,
      bar,
      own("memory.totalGiB", totalGiB.toFixed(1)),
      ...parts.map(({ path, value }) => own(path, value.toFixed(1))),
      own("memory.kvTokens", tokens === null ? "–" : tokens.toLocaleString("en-US")),
      own("memory.fullLengthRequests", Number.isFinite(fullLengthRequests) ? fullLengthRequests.toFixed(1) : "–"),
    ];
  });
  return {
    caption: "Memory",
    columns,
    rows,
    glossary:
      "Margin is the part of the KV cache that is not counted on, because the overhead is an estimate. KV tokens, and full requests, which have the whole context, are what fits beside it at once.",
  };
}
