import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, statfsSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { PulumiError } from "./errors";

const Checkpoint = z.object({ version: z.number(), checkpoint: z.object({}) });

/** The state of a stack cannot be used; the message says all. */
export class StateError extends PulumiError {
  override readonly name = "StateError";
}

/** The folder of a file backend, the one that holds `.pulumi`; undefined for every other backend. */
export function stateFolder(backend: string | undefined): string | undefined {
  if (backend === undefined || !backend.startsWith("file://")) return undefined;
  const [path = ""] = backend.slice("file://".length).split("?", 1);
  if (path === "~" || path.startsWith("~/")) return join(homedir(), path.slice(1));
  return path.startsWith("/") ? fileURLToPath(`file://${path}`) : path;
}

/**
 * Stops before Pulumi touches a state file that is not whole. Pulumi would refuse it, too, but in the words of a
 * JSON parser, and without saying where the last good one is.
 *
 * @throws StateError
 */
export function requireWholeState(state: string, project: string, stack: string): void {
  const file = stackFile(state, project, stack);
  if (!existsSync(file) || isWhole(file)) return;
  const copies = goodCopies(state, project, stack);
  const [newest] = copies;
  const here = (path: string): string => relative(process.cwd(), path) || ".";
  const back =
    newest === undefined
      ? ["There is no good copy of it. Move it away, and the next up takes over the objects that bear our labels."]
      : [
          "Good copies, the newest first:",
          ...copies.slice(0, 3).map((copy) => `    ${here(copy.file)} of ${copy.time.toISOString()}`),
          "To go back to the newest, keep the damaged file and copy it into place; the next up compares it with the cluster:",
          `    mv ${here(file)} ${here(file)}.damaged && cp ${here(newest.file)} ${here(file)}`,
        ];
  throw new StateError(
    [`Pulumi's state of ${stack} is damaged: ${here(file)} is no whole checkpoint. Nothing was changed.`, ...back].join(
      "\n",
    ),
  );
}

/** What a state that is not whole was replaced by. */
export interface Restored {
  /** Where the state that is not whole is kept. */
  readonly damaged: string;
  /** The copy that was put into its place; undefined when there is no good one, and so no state any more. */
  readonly copy: string | undefined;
}

/**
 * Goes back to the newest good copy of a state that is not whole. To be called only when a run of ours is known to
 * have been interrupted: a write that found the disk full replaces the state by the half that was written (gocloud's
 * `WriteAll` closes its writer after an error, which renames it into place), often the copy beside it, too.
 *
 * @returns undefined when the state is whole
 */
export function restoreState(state: string, project: string, stack: string): Restored | undefined {
  const file = stackFile(state, project, stack);
  if (!existsSync(file) || isWhole(file)) return undefined;
  requireRoom(state, project, stack);
  const damaged = `${file}.damaged`;
  const copy = goodCopies(state, project, stack)[0]?.file;
  if (copy === undefined) renameSync(file, damaged);
  else {
    copyFileSync(file, damaged);
    // In one step: killed here, there must be a state all the same.
    const fresh = `${file}.${process.pid}`;
    copyFileSync(copy, fresh);
    renameSync(fresh, file);
  }
  return { damaged, copy };
}

/**
 * Removes the empty or half-written `.attrs` files that a killed CLI leaves below a folder of a file backend. They
 * hold nothing that is needed, but with one of them the state beside it cannot be read any more ("failed to load
 * checkpoint: EOF"): the backend writes the attributes in place, the state itself in one step.
 */
export function repairAttributes(folder: string): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile() && entry.name.endsWith(".attrs") && !isJson(file)) rmSync(file, { force: true });
  }
}

function isJson(file: string): boolean {
  try {
    JSON.parse(readFileSync(file, "utf8"));
    return true;
  } catch {
    return false;
  }
}

/** Bytes beyond what checkpoints take, for plugins and logs. */
const spareBytes = 4 * 1024 * 1024;
/** The state itself, the one before, one in the history, a backup and the one being written; twice, as it grows. */
const copiesOfState = 10;

/**
 * Stops before Pulumi begins what it could not record. On a full disk it retries every write for minutes, and may
 * leave half a state.
 *
 * @throws StateError
 */
export function requireRoom(state: string, project: string, stack: string): void {
  const file = stackFile(state, project, stack);
  const { bavail, bsize } = statfsSync(existsSync(state) ? state : dirname(state));
  const needed = spareBytes + copiesOfState * (existsSync(file) ? statSync(file).size : 0);
  const free = bavail * bsize;
  if (free >= needed) return;
  const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
  throw new StateError(
    `The disk that holds Pulumi's state is full: ${state} has ${megabytes(free)} left, and an update needs ${megabytes(needed)}. Nothing was changed. Make room, then run the same command again.`,
  );
}

function stackFile(state: string, project: string, stack: string): string {
  return join(state, ".pulumi", "stacks", project, `${stack}.json`);
}

interface Copy {
  readonly file: string;
  readonly time: Date;
}

/** Pulumi keeps the state before the last write beside it, and one of every update in its history. */
function goodCopies(state: string, project: string, stack: string): readonly Copy[] {
  const history = join(state, ".pulumi", "history", project, stack);
  const checkpoints = existsSync(history)
    ? readdirSync(history)
        .filter((name) => name.endsWith(".checkpoint.json"))
        .map((name) => join(history, name))
    : [];
  return [`${stackFile(state, project, stack)}.bak`, ...checkpoints]
    .filter((file) => existsSync(file) && isWhole(file))
    .map((file) => ({ file, time: statSync(file).mtime }))
    .sort((a, b) => b.time.getTime() - a.time.getTime());
}

function isWhole(file: string): boolean {
  try {
    return Checkpoint.safeParse(JSON.parse(readFileSync(file, "utf8"))).success;
  } catch {
    return false;
  }
}
