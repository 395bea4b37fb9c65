import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Progress, Step } from "../../report/progress";
import { isDead, isElsewhere, temporaryName, thisProcess, type Owner } from "./owner";

/** Who holds a lock, and for what. */
interface Holder extends Owner {
  readonly title?: string;
}

const Holder: z.ZodType<Holder> = z.object({
  pid: z.number(),
  start: z.string(),
  host: z.string(),
  title: z.string().exactOptional(),
});

const pollMilliseconds = 100;

export interface LockOptions {
  readonly progress: Progress;
  /** What is done under the lock, for people who wait for it: "an update of local". */
  readonly title: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Does `work` while no other process on this machine does work under the same lock file. A lock
 * whose process is dead does not count, nor does one of another machine: nobody can tell whether
 * its process still lives. The lock saves doing the work twice; that two results do not mix is
 * ensured by the atomic rename of `publish`, with or without a lock.
 */
export async function withLock<T>(file: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  await acquire(file, options);
  const release = (): void => fs.rmSync(file, { force: true });
  // An interrupted process ends without coming back here.
  options.signal?.addEventListener("abort", release, { once: true });
  try {
    return await work();
  } finally {
    options.signal?.removeEventListener("abort", release);
    release();
  }
}

async function acquire(file: string, { progress, title, signal }: LockOptions): Promise<void> {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  let waiting: Step | undefined;
  try {
    while (!tryLock(file, title)) {
      const text = readLock(file);
      const holder = parseHolder(text);
      if (text !== undefined && (!holder || isDead(holder) || isElsewhere(holder))) breakLock(file, text);
      else if (holder) {
        waiting ??= progress.step(`waiting for another run (${holderText(holder)})`);
        await sleep(pollMilliseconds, undefined, { signal });
      }
    }
    waiting?.done("it has ended");
  } catch (error) {
    waiting?.fail("stopped");
    throw error;
  }
}

function holderText({ title, pid }: Holder): string {
  return title === undefined ? `process ${pid}` : `${title}, process ${pid}`;
}

/** A hard link appears in one step with its content, and only where no file is. */
function tryLock(file: string, title: string): boolean {
  const mine = temporaryName(file);
  fs.writeFileSync(mine, JSON.stringify({ ...thisProcess(), title } satisfies Holder), { mode: 0o600 });
  try {
    fs.linkSync(mine, file);
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  } finally {
    fs.rmSync(mine, { force: true });
  }
}

/**
 * Takes a stale lock away. Two processes may come to this at once, and the slower one may find the
 * quicker one's new lock in its hands: it is put back.
 */
function breakLock(file: string, stale: string): void {
  const taken = temporaryName(file);
  try {
    fs.renameSync(file, taken);
    if (fs.readFileSync(taken, "utf8") !== stale) fs.linkSync(taken, file);
  } catch (error) {
    if (!isCode(error, "ENOENT") && !isCode(error, "EEXIST")) throw error;
  } finally {
    fs.rmSync(taken, { force: true });
  }
}

function readLock(file: string): string | undefined {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

function parseHolder(text: string | undefined): Holder | undefined {
  try {
    return Holder.parse(JSON.parse(text ?? ""));
  } catch {
    return undefined;
  }
}

/** Whether an error is the system's error of that code ("ENOENT"). */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
