import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import type { Progress } from "../report/progress";
import { gone, isAlive, processStart, type NamedProcess } from "./parts/processes";

/**
 * Every process that works on an environment carries this variable, handed down from the CLI to its plugins: the
 * path of the environment's folder.
 */
export const runVariable = "MODELYARD_RUN";

export interface Leftover extends NamedProcess {
  readonly command: string;
}

/** A CLI that lost the program it was running for ends by itself once it has recorded what it did. */
const graceMilliseconds = 30_000;
const killMilliseconds = 5_000;

/**
 * Ends what a killed run of an environment left running: Pulumi's CLI, its providers, its policy analyzers. The
 * CLI is asked to stop first, because what it has begun is in no state yet. The caller has the environment's
 * turn, so nothing that is found can belong to a run that still lives.
 *
 * @returns what was ended
 */
export async function endLeftovers(run: string, progress: Progress): Promise<readonly Leftover[]> {
  const found = processesOf(run);
  if (found.length === 0) return found;
  const step = progress.step(`ending ${found.length} processes that an interrupted run left`);
  const engines = found.filter(({ command }) => isEngine(command));
  send(engines, "SIGINT");
  await gone(engines, graceMilliseconds);
  // The CLI may have started others meanwhile, and ends those that it knows.
  const rest = [...found, ...processesOf(run)];
  send(rest, "SIGKILL");
  const left = await gone(rest, killMilliseconds);
  if (left.length === 0) step.done();
  else step.fail(`processes ${left.map(({ pid }) => pid).join(", ")} do not end`);
  return found;
}

/** The processes that carry the mark of an environment's runs, this one excluded. */
export function processesOf(run: string): readonly Leftover[] {
  const mark = `${runVariable}=${run}`;
  const all = process.platform === "linux" ? fromProc(mark) : fromPs(mark);
  return all.flatMap(({ pid, command }) => {
    const start = pid === process.pid ? undefined : processStart(pid);
    return start === undefined ? [] : [{ pid, start, command }];
  });
}

function isEngine(command: string): boolean {
  return /(^|\/)pulumi( |$)/.test(command);
}

function fromProc(mark: string): readonly Pick<Leftover, "pid" | "command">[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const marked = readOr(`/proc/${name}/environ`).split("\0").includes(mark);
      const command = readOr(`/proc/${name}/cmdline`).replaceAll("\0", " ");
      return marked ? [{ pid: Number(name), command }] : [];
    });
}

/** It may have ended since the folder was listed, or belong to someone else. */
function readOr(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** With -E, the command is followed by the environment of one's own processes. */
function fromPs(mark: string): readonly Pick<Leftover, "pid" | "command">[] {
  const { stdout } = spawnSync("ps", ["-axww", "-E", "-o", "pid=,command="], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout.split("\n").flatMap((line) => {
    const [, pid, command] = /^\s*(\d+)\s+(.+)$/.exec(line) ?? [];
    if (pid === undefined || command === undefined) return [];
    const marked = command.endsWith(` ${mark}`) || command.includes(` ${mark} `);
    return marked ? [{ pid: Number(pid), command }] : [];
  });
}

function send(processes: readonly Leftover[], signal: NodeJS.Signals): void {
  for (const each of processes.filter(isAlive)) {
    try {
      process.kill(each.pid, signal);
    } catch {
      // It ended by itself, or is another user's: then it is named as one that does not end.
    }
  }
}
