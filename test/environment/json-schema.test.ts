import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { environmentJsonSchema } from "../../environment/json-schema";
import { everything } from "./everything";

const stacks = join(__dirname, "../../stacks");

test("the committed schema is what the loader accepts: run `npm run schema` after a change", () => {
  const committed: unknown = JSON.parse(readFileSync(join(stacks, "environment.schema.json"), "utf8"));
  expect(committed).toEqual(JSON.parse(JSON.stringify(environmentJsonSchema())));
});

test("every environment file names it, so that editors find it", () => {
  const files = readdirSync(stacks).filter((file) => file.endsWith(".yaml") && !file.startsWith("Pulumi."));
  expect(files.length).toBeGreaterThan(2);
  for (const file of files)
    expect(readFileSync(join(stacks, file), "utf8").split("\n")[0]).toBe(
      "# yaml-language-server: $schema=environment.schema.json",
    );
});

type Node = Readonly<Record<string, unknown>>;

/** Every setting of the schema, by its path; the branches of a choice are the same setting. */
function settings(node: Node, path: string): readonly (readonly [string, Node])[] {
  const properties = Object.entries((node["properties"] ?? {}) as Record<string, Node>);
  const ofNames = typeof node["additionalProperties"] === "object" ? [node["additionalProperties"] as Node] : [];
  const items = node["items"] === undefined ? [] : [node["items"] as Node];
  const branches = [...((node["oneOf"] ?? []) as Node[]), ...((node["anyOf"] ?? []) as Node[])];
  return [
    ...properties.flatMap(([key, child]) => [[`${path}/${key}`, child] as const, ...settings(child, `${path}/${key}`)]),
    ...[...ofNames, ...items, ...branches].flatMap((child) => settings(child, path)),
  ];
}

/** The settings that a value has, by the paths that the schema has for them. */
function pathsOf(value: unknown, node: Node, path: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => pathsOf(item, (node["items"] ?? {}) as Node, path));
  if (typeof value !== "object" || value === null) return [];
  const branches = [...((node["oneOf"] ?? []) as Node[]), ...((node["anyOf"] ?? []) as Node[])];
  const properties = (node["properties"] ?? {}) as Record<string, Node>;
  return [
    ...branches.flatMap((branch) => pathsOf(value, branch, path)),
    ...Object.entries(value).flatMap(([key, child]): readonly string[] => {
      const named = properties[key];
      if (named !== undefined) return [`${path}/${key}`, ...pathsOf(child, named, `${path}/${key}`)];
      return typeof node["additionalProperties"] === "object"
        ? pathsOf(child, node["additionalProperties"] as Node, path)
        : [];
    }),
  ];
}

test("an environment with every setting is valid by it, and one with a unit left out is not", () => {
  const valid = new Ajv({ strict: false, validateFormats: false }).compile(environmentJsonSchema());
  expect(valid(everything) ? [] : valid.errors).toEqual([]);
  expect(valid({ ...everything, budget: { atMaximum: 95 } })).toBe(false);
});

test("no setting is missing in the environment that has them all", () => {
  const described = settings(environmentJsonSchema() as Node, "").map(([path]) => path);
  const set = new Set(pathsOf(everything, environmentJsonSchema() as Node, ""));
  expect(described.filter((path) => path !== "/extends" && !set.has(path))).toEqual([]);
});

test("every setting is described, and none is required: it may stand in the file that is extended", () => {
  const schema = environmentJsonSchema() as Node;
  const named = settings(schema, "");
  const undescribed = named.filter(([, node]) => node["description"] === undefined).map(([path]) => path);
  expect(named.length).toBeGreaterThan(140);
  expect(undescribed).toEqual([]);
  expect(JSON.stringify(schema)).not.toContain('"required":');
});
