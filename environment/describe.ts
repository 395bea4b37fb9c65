import type { Path } from "./file";
import { environmentJsonSchema } from "./json-schema";

/** What a setting means, in the words of the schema; undefined when there is no such setting. */
export function describeSetting(path: Path): string | undefined {
  const found = path.reduce<readonly unknown[]>(
    (nodes, step) => nodes.flatMap((node) => children(node, String(step))),
    [environmentJsonSchema()],
  );
  return found
    .flatMap((node) => alternatives(node))
    .map((node) => text(node, "description"))
    .find((description) => description !== undefined);
}

function children(node: unknown, key: string): readonly unknown[] {
  return alternatives(node).flatMap((alternative) => {
    const named = field(field(alternative, "properties"), key);
    const any =
      field(alternative, "additionalProperties") ?? (/^\d+$/.test(key) ? field(alternative, "items") : undefined);
    return named !== undefined ? [named] : typeof any === "object" ? [any] : [];
  });
}

/** A node and, where it is a choice, all that can be chosen. */
function alternatives(node: unknown): readonly unknown[] {
  const choices = [field(node, "oneOf"), field(node, "anyOf")].flatMap((list): readonly unknown[] =>
    Array.isArray(list) ? list : [],
  );
  return [node, ...choices.flatMap(alternatives)];
}

function text(node: unknown, key: string): string | undefined {
  const value = field(node, key);
  return typeof value === "string" ? value : undefined;
}

function field(node: unknown, key: string): unknown {
  if (typeof node !== "object" || node === null || !Object.hasOwn(node, key)) return undefined;
  const found: unknown = Reflect.get(node, key);
  return found;
}
