import { z } from "zod";

/** A JSON Patch (RFC 6902) with the operations that publishers' kustomizations use. */
export const Patch = z.array(
  z.discriminatedUnion("op", [
    z.object({ op: z.enum(["add", "replace"]), path: z.string(), value: z.unknown() }),
    z.object({ op: z.literal("remove"), path: z.string() }),
  ]),
);

export type Patch = z.infer<typeof Patch>;

/**
 * A copy of a JSON document with a patch applied.
 * @throws Error naming the path that leads nowhere
 */
export function applyPatch(document: unknown, patch: Patch): unknown {
  const copy: unknown = structuredClone(document);
  for (const operation of patch) apply(copy, operation);
  return copy;
}

function apply(document: unknown, operation: Patch[number]): void {
  const keys = operation.path.split("/").slice(1).map(unescaped);
  const last = keys.pop();
  const parent = keys.reduce<unknown>((value, key) => childOf(value, key), document);
  const nowhere = new Error(`the patch "${operation.op} ${operation.path}" leads nowhere`);
  if (last === undefined || typeof parent !== "object" || parent === null) throw nowhere;
  if (operation.op !== "add" && childOf(parent, last) === undefined) throw nowhere;
  if (Array.isArray(parent)) applyToList(parent, last, operation);
  else if (operation.op === "remove") Reflect.deleteProperty(parent, last);
  else Object.assign(parent, { [last]: operation.value });
}

function applyToList(list: unknown[], key: string, operation: Patch[number]): void {
  const index = key === "-" ? list.length : Number(key);
  if (operation.op === "add") list.splice(index, 0, operation.value);
  else if (operation.op === "remove") list.splice(index, 1);
  else list[index] = operation.value;
}

function childOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

/** RFC 6901: "~1" stands for "/", "~0" for "~". */
function unescaped(key: string): string {
  return key.replaceAll("~1", "/").replaceAll("~0", "~");
}
