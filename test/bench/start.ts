/**
 * Prints how long it takes until the first line of the stacks' program runs, inline, under the real Pulumi: from
 * the start of a fresh process, and from the call of `preview` in it. Each run is a process of its own.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentProgress } from "../../tools/report/progress";
import { ensureParts } from "../../tools/run/parts";

const runs = 5;

export interface FirstLine {
  readonly fromProcessStart: number;
  readonly fromPreview: number;
}

async function main(): Promise<void> {
  const parts = await ensureParts(["pulumi"], { progress: silentProgress });
  const folder = mkdtempSync(join(tmpdir(), "modelyard-bench-"));
  const child = [
    "--require",
    join(__dirname, "../../tools/run/typescript.cjs"),
    join(__dirname, "first-line.ts"),
    parts.program("pulumi"),
    folder,
  ];
  const results: FirstLine[] = [];
  // The first makes the stack; the others find it, as every run but the first one does.
  for (let count = 0; count <= runs; count++)
    results.push(JSON.parse(execFileSync(process.execPath, child, { encoding: "utf8" })) as FirstLine);
  rmSync(folder, { recursive: true, force: true });
  const milliseconds = (key: keyof FirstLine) => {
    const sorted = results
      .slice(1)
      .map((result) => Math.round(result[key]))
      .sort((a, b) => a - b);
    return { least: sorted[0], median: sorted[Math.floor(runs / 2)], most: sorted.at(-1) };
  };
  process.stdout.write(
    `${JSON.stringify({ firstLineMilliseconds: { fromProcessStart: milliseconds("fromProcessStart"), fromPreview: milliseconds("fromPreview") } })}\n`,
  );
}

void main();
