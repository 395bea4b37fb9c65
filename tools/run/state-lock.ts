import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { processStart } from "./parts/processes";

/**
 * What Pulumi's file backend writes into a lock (`lockContent` in pkg/backend/diy/lock.go, 3.246.0). The file stays
 * when the CLI is killed.
 */
const StateLock = z.object({
  pid: z.number(),
  username: z.string(),
  hostname: z.string(),
  timestamp: z.iso.datetime({ offset: true }),
});
export type StateLock = Readonly<z.infer<typeof StateLock>>;

/** What runs under a process id now. */
export interface RunningProcess {
  /** Its program's name. */
  readonly program: string;
  /** Wall clock, milliseconds since 1970; undefined where the system does not tell. */
  readonly startedAt: number | undefined;
}

/** Clocks of a process and of a file's content differ by less. */
const toleranceMilliseconds = 2_000;

/**
 * Whether the process that wrote a lock is known to be gone. Of another machine's nothing is known. An id may
 * have been used again: by another program, or by a Pulumi that started after the lock was written.
 */
export function isStale(lock: StateLock, here: string, running: RunningProcess | undefined): boolean {
  if (lock.hostname !== here) return false;
  if (running === undefined || running.program !== "pulumi") return true;
  return running.startedAt !== undefined && running.startedAt > Date.parse(lock.timestamp) + toleranceMilliseconds;
}

/** Writing a lock takes a millisecond; a temporary file that is older than this was never finished. */
const writingMilliseconds = 1_000;

/**
 * Removes the locks of a stack whose processes are dead. Others stay, and Pulumi says whose they are.
 *
 * @param state - the folder of a file backend, the one that holds `.pulumi`
 * @returns how many were removed
 */
export async function removeStaleLocks(state: string, project: string, stack: string): Promise<number> {
  const folder = join(state, ".pulumi", "locks", "organization", project, stack);
  if (!existsSync(folder)) return 0;
  // Pulumi takes a half-written lock for a lock that it cannot read.
  if (readdirSync(folder).some(isTemporary)) await sleep(writingMilliseconds);
  const stale = readdirSync(folder).filter((name) => {
    if (isTemporary(name)) return Date.now() - statSync(join(folder, name)).mtimeMs >= writingMilliseconds;
    if (!name.endsWith(".json")) return false;
    const lock = readLock(join(folder, name));
    return lock !== undefined && isStale(lock, hostname(), runningProcess(lock.pid));
  });
  for (const name of stale) {
    for (const each of [name, `${name}.attrs`]) rmSync(join(folder, each), { force: true });
  }
  return stale.length;
}

function isTemporary(name: string): boolean {
  return name.endsWith(".tmp");
}

/** Undefined when it was given free meanwhile, or cannot be read: then Pulumi has to judge it. */
function readLock(file: string): StateLock | undefined {
  try {
    return StateLock.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}

/** Kernels count a process's start in hundredths of a second since boot (`USER_HZ`, proc(5)). */
const ticksPerSecond = 100;

function runningProcess(pid: number): RunningProcess | undefined {
  const start = processStart(pid);
  if (start === undefined) return undefined;
  if (process.platform !== "linux") return { program: "pulumi", startedAt: Date.parse(start.replaceAll("-", " ")) };
  try {
    const program = readFileSync(`/proc/${pid}/comm`, "utf8").trim();
    const boot = /^btime (\d+)$/m.exec(readFileSync("/proc/stat", "utf8"))?.[1];
    const startedAt = boot === undefined ? undefined : (Number(boot) + Number(start) / ticksPerSecond) * 1000;
    return { program, startedAt };
  } catch {
    return undefined;
  }
}
