import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { simulationOf, type Checkout, type CommandResult } from "./checkout";

/** A command of ours that runs, and can be hit. */
export interface Command {
  readonly pid: number;
  readonly ended: Promise<CommandResult>;
  /** What it wrote to standard error so far. */
  stderr(): string;
  isOver(): boolean;
}

export function begin(checkout: Checkout, args: readonly string[], variables = process.env): Command {
  const child = spawn(process.execPath, [join(checkout.folder, "tools/cli/modelyard.cjs"), ...args], {
    cwd: checkout.folder,
    env: variables,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr, over] = ["", "", false];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = new Promise<CommandResult>((resolve) => {
    // Not "close": a process that outlives the command may hold its output open.
    child.on("exit", (code) => {
      over = true;
      setTimeout(() => resolve({ code: code ?? -1, stdout, stderr }), 50);
    });
  });
  if (child.pid === undefined) throw new Error("the command cannot be started");
  return { pid: child.pid, ended, stderr: () => stderr, isOver: () => over };
}

/** Waits until a command has said something; false when it ended without. */
export async function says(command: Command, text: string): Promise<boolean> {
  while (!command.stderr().includes(text)) {
    if (command.isOver()) return false;
    await sleep(10);
  }
  return true;
}

/** Whom a kill can hit in each operation; the policies are not asked when something is destroyed. */
const victims = {
  up: ["cli", "ourselves", "provider", "analyzer"],
  destroy: ["cli", "ourselves", "provider"],
} as const;
export type Victim = (typeof victims)["up"][number];

export function victimsOf(operation: keyof typeof victims): readonly Victim[] {
  return victims[operation];
}

/** By what a victim is known among the processes of a checkout. */
const programs: Readonly<Record<Exclude<Victim, "ourselves">, string>> = {
  cli: "/.modelyard/pulumi-cli/bin/pulumi ",
  provider: "/pulumi-resource-kubernetes ",
  analyzer: "/tools/run/analyzer/analyzer.cjs ",
};

/** Kills the victim as soon as there is one; false when the command ended before. */
export async function kill(checkout: Checkout, command: Command, victim: Victim): Promise<boolean> {
  while (!command.isOver()) {
    const pid = victim === "ourselves" ? command.pid : pidOf(checkout, programs[victim]);
    if (pid !== undefined) {
      process.kill(pid, "SIGKILL");
      return true;
    }
    await sleep(10);
  }
  return false;
}

function pidOf(checkout: Checkout, program: string): number | undefined {
  const line = checkout.processes().find((each) => each.includes(program));
  return line === undefined ? undefined : Number(/^\s*(\d+)/.exec(line)?.[1]);
}

/** Processes of Pulumi, its plugins and our commands that work on the checkout: everything but control planes. */
export function workers(checkout: Checkout): readonly string[] {
  return checkout.processes().filter((line) => !line.includes("/cluster/clusters/") && !line.includes("kwokctl"));
}

interface StateResource {
  readonly type: string;
  readonly inputs?: {
    readonly kind?: string;
    readonly metadata?: { readonly name?: string; readonly namespace?: string };
  };
}

export interface State {
  /** Objects of the cluster as "Kind namespace/name". */
  readonly objects: readonly string[];
  readonly resources: number;
  readonly pending: number;
}

/** Where Pulumi keeps the state of a simulated environment. */
export function stateFile(checkout: Checkout, environment: string): string {
  return join(simulationOf(checkout, environment), `pulumi/state/.pulumi/stacks/modelyard/${environment}.json`);
}

export function readState(checkout: Checkout, environment: string): State {
  const read = JSON.parse(readFileSync(stateFile(checkout, environment), "utf8")) as {
    checkpoint: { latest?: { resources?: StateResource[]; pending_operations?: unknown[] } };
  };
  const { resources = [], pending_operations: pending = [] } = read.checkpoint.latest ?? {};
  const objects = resources
    .filter(({ type }) => type.startsWith("kubernetes:"))
    .map(({ inputs }) => objectName(inputs?.kind ?? "?", inputs?.metadata ?? {}));
  return { objects: objects.sort(), resources: resources.length, pending: pending.length };
}

export function objectName(kind: string, { name = "?", namespace }: { name?: string; namespace?: string }): string {
  return namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}

/** Pulumi's lock files of an environment. */
export function locks(checkout: Checkout, environment: string): readonly string[] {
  const folder = join(simulationOf(checkout, environment), "pulumi/state/.pulumi/locks");
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /\.(json|tmp)$/.test(name));
}

/** Numbers between 0 and 1 that follow from a seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
