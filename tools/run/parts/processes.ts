import { spawn, spawnSync, type ChildProcessByStdio } from "node:child_process";
import fs from "node:fs";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

/** A process, named for good: an id alone is used again. */
export interface NamedProcess {
  readonly pid: number;
  /** When it started, from `processStart`. */
  readonly start: string;
}

/**
 * When a process started, in whatever unit the system keeps it, or undefined when no such process
 * runs. With the process id it names one process for good: an id alone is used again.
 */
export function processStart(pid: number): string | undefined {
  if (process.platform !== "linux") {
    const listed = spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" });
    return listed.status === 0 && listed.stdout.trim() !== "" ? listed.stdout.trim().replaceAll(" ", "-") : undefined;
  }
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in parentheses and may itself hold spaces and
    // parentheses; field 3 is the state, field 22 the start in clock ticks since boot (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

export function isAlive({ pid, start }: NamedProcess): boolean {
  return processStart(pid) === start;
}

const pollMilliseconds = 50;

/** Waits until processes are gone or the time is over; gives those that are left. */
export async function gone<Named extends NamedProcess>(
  processes: readonly Named[],
  milliseconds: number,
): Promise<readonly Named[]> {
  const deadline = performance.now() + milliseconds;
  let left = processes.filter(isAlive);
  while (left.length > 0 && performance.now() < deadline) {
    await sleep(pollMilliseconds);
    left = left.filter(isAlive);
  }
  return left;
}

/** A program that runs in a process group of its own, so that it can be ended with all its children. */
export type Running = ChildProcessByStdio<null, Readable, Readable>;

export interface StartOptions {
  readonly cwd?: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
  /** Ends the program and its children when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** Starts a program in its own group. Its children are ended with it by `endGroup` or the signal. */
export function start(file: string, args: readonly string[], options: StartOptions): Running {
  options.signal?.throwIfAborted();
  const child = spawn(file, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: options.environment,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const end = (): void => endGroup(child.pid);
  options.signal?.addEventListener("abort", end, { once: true });
  child.once("close", () => options.signal?.removeEventListener("abort", end));
  return child;
}

/**
 * Ends a process group at once. SIGKILL, because everything started here works in a folder of its
 * own that is thrown away, and nothing must outlive the command that started it.
 */
export function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The group is already gone.
  }
}

export interface RunOptions extends StartOptions {
  /** The longest it may take. */
  readonly seconds?: number | undefined;
  /** Called with every line of its standard error output. */
  readonly onErrorLine?: ((line: string) => void) | undefined;
  readonly onStart?: ((pid: number) => void) | undefined;
}

/** What a program that ran to its end printed. */
export interface Result {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** Text that is kept of each output: enough for every version and every error message. */
const keptCharacters = 64 * 1024;

/**
 * Runs a program to its end.
 * @throws Error when it cannot be started, was killed, or takes too long; the signal's reason when aborted
 */
export async function run(file: string, args: readonly string[], options: RunOptions): Promise<Result> {
  const child = start(file, args, options);
  if (child.pid !== undefined) options.onStart?.(child.pid);
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output = (output + text).slice(-keptCharacters)));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors = (errors + text).slice(-keptCharacters)));
  if (options.onErrorLine) followLines(child.stderr, options.onErrorLine);
  const code = await ended(child, options.seconds).finally(() => endGroup(child.pid));
  options.signal?.throwIfAborted();
  if (code === null) throw new Error("it was killed");
  return { code, output, errors };
}

function ended(child: Running, seconds: number | undefined): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(new Error(`it did not end within ${seconds} s`));
    const timer = seconds === undefined ? undefined : setTimeout(giveUp, seconds * 1000);
    child.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once("close", (code) => {
      clearTimeout(timer);
      resolve(code);
    });
  });
}

/** Calls back with each whole line of a stream. */
export function followLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = "";
  stream.on("data", (text: string | Buffer) => {
    const lines = (rest + text.toString()).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(onLine);
  });
}

/** The last lines of what a program complained about, on one line, for an error message. */
export function lastWords({ output, errors }: Pick<Result, "output" | "errors">): string {
  const lines = (errors.trim() === "" ? output : errors).split("\n").map((line) => line.trim());
  return lines.filter(Boolean).slice(-3).join(" / ").slice(-400);
}
