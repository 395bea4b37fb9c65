/**
 * `npm run bench`: prints, as JSON, wall time and peak memory of planning and of declaring at the size of prod
 * and at 10, 100 and 1,000 releases, against a bare Pulumi program that registers the same resources in the same
 * run; the time that planning takes in a warm process, and that the policies take; the questions that `fit` answers per second; and the starts of the program
 * and of the policy pack. Every figure comes from a process of its own. Compare figures of one run: machines are noisy.
 */
import { execFileSync, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { folderOf, onManyPools, onOnePool } from "./environments";

const root = join(__dirname, "../..");
const runs = Number(process.env["MODELYARD_BENCH_RUNS"] ?? 3);
const node = ["--require", join(root, "tools/run/typescript.cjs")];

interface Measured {
  readonly milliseconds: number;
  readonly megabytes: number;
  readonly [more: string]: unknown;
}

/** The median run of a process that prints its own peak memory. */
function measure(...args: readonly string[]): Measured {
  const measured = Array.from({ length: runs }, () => {
    const start = performance.now();
    const printed = execFileSync(process.execPath, [...node, join(__dirname, "measured.ts"), ...args], {
      encoding: "utf8",
      maxBuffer: 1 << 30,
    });
    return {
      ...(JSON.parse(printed.trim().split("\n").at(-1) ?? "{}") as { megabytes: number }),
      milliseconds: Math.round(performance.now() - start),
    };
  });
  return (
    measured.sort((a, b) => a.milliseconds - b.milliseconds)[Math.floor(runs / 2)] ?? { milliseconds: 0, megabytes: 0 }
  );
}

/** Planning alone, of 1,000 releases in 100 pools against 100 in 10: decided, and explained. */
function planning(): Measured {
  const folders = [100, 1000].map((releases) => folderOf(onManyPools(releases)));
  const measured = measure("planning", ...folders);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  return measured;
}

function sizes(): Readonly<Record<string, unknown>> {
  const prod = { folder: root, environment: "prod" };
  const results: Record<string, unknown> = { prod: size(prod.folder, prod.environment) };
  for (const releases of [10, 100, 1000]) {
    const folder = folderOf(onOnePool(releases));
    results[`${releases} releases`] = size(folder, "bench");
    rmSync(folder, { recursive: true, force: true });
  }
  return results;
}

function size(folder: string, environment: string) {
  const plan = measure("plan", folder, environment);
  const declare = measure("declare", folder, environment);
  const bare = measure("bare", folder, environment);
  const ratio = (a: Measured, b: Measured): number => Number((a.milliseconds / b.milliseconds).toFixed(2));
  rmSync(join(tmpdir(), `modelyard-bench-${environment}-${process.pid}.json`), { force: true });
  return { plan, declare, bare, planToBare: ratio(plan, bare), declareToBare: ratio(declare, bare) };
}

/** Milliseconds until the pack's process prints its port, as the engine waits for it. */
function packStart(): Promise<number> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const analyzer = join(root, "tools/run/analyzer/pulumi-analyzer-policy-nodejs");
    const variables = {
      ...process.env,
      MODELYARD_NODE: process.execPath,
      PULUMI_NODEJS_STACK: "prod",
      PULUMI_NODEJS_PROJECT: "modelyard",
      PULUMI_CONFIG: "{}",
    };
    const child = spawn(analyzer, ["127.0.0.1:0", join(root, "policies")], {
      env: variables,
      stdio: ["ignore", "pipe", "inherit"],
      detached: true,
    });
    child.stdout.once("data", () => {
      resolve(Math.round(performance.now() - start));
      if (child.pid !== undefined) process.kill(-child.pid);
    });
    child.once("error", reject);
  });
}

async function main(): Promise<void> {
  const starts: number[] = [];
  for (let count = 0; count < runs; count++) starts.push(await packStart());
  const start = JSON.parse(
    execFileSync(process.execPath, [...node, join(__dirname, "start.ts")], { encoding: "utf8" }),
  ) as object;
  const fit = JSON.parse(
    execFileSync(process.execPath, [...node, join(__dirname, "fit.ts")], { encoding: "utf8" }),
  ) as object;
  const packStartMilliseconds = starts.sort((a, b) => a - b)[Math.floor(runs / 2)];
  process.stdout.write(
    `${JSON.stringify({ formatVersion: 1, runs, sizes: sizes(), planning: planning(), packStartMilliseconds, fit, ...start }, null, 2)}\n`,
  );
}

void main();
