import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import type { ObjectRef } from "./ownership";

const Ref: z.ZodType<ObjectRef> = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  name: z.string(),
  namespace: z.string().exactOptional(),
});
const Mark = z.object({ format: z.literal(1), intended: z.array(Ref) });

/** That a run has begun and not yet come to its end, and which objects it meant to create. */
export type Mark = Pick<Readonly<z.infer<typeof Mark>>, "intended">;

/** Beside the environments' folders: it outlives the deletion of one. */
function markFile(run: string): string {
  return join(dirname(run), ".runs", `${basename(run)}.json`);
}

/** The mark that an earlier run left because it did not come to its end. */
export function readMark(run: string): Mark | undefined {
  try {
    return Mark.parse(JSON.parse(readFileSync(markFile(run), "utf8")));
  } catch (error) {
    // A mark that cannot be read still says that a run did not end; one that is not there says that all did.
    return error instanceof Error && "code" in error && error.code === "ENOENT" ? undefined : { intended: [] };
  }
}

/** Writes the mark in one step. */
export function writeMark(run: string, intended: readonly ObjectRef[]): void {
  const file = markFile(run);
  mkdirSync(dirname(file), { recursive: true });
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, JSON.stringify({ format: 1, intended }));
  renameSync(fresh, file);
}

/** To be called when a run has come to its end with nothing left to do. */
export function removeMark(run: string): void {
  rmSync(markFile(run), { force: true });
}
