import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { environmentJsonSchema } from "../../environment/json-schema";

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
  const branches = [...((node["oneOf"] ?? []) as Node[]), ...((node["anyOf"] ?? []) as Node[])];
  return [
    ...properties.flatMap(([key, child]) => [[`${path}/${key}`, child] as const, ...settings(child, `${path}/${key}`)]),
    ...[...ofNames, ...branches].flatMap((child) => settings(child, path)),
  ];
}

test("every setting is described, and none is required: it may stand in the file that is extended", () => {
  const schema = environmentJsonSchema() as Node;
  const named = settings(schema, "");
  const undescribed = named.filter(([, node]) => node["description"] === undefined).map(([path]) => path);
  expect(named.length).toBeGreaterThan(25);
  expect(undescribed).toEqual([]);
  expect(JSON.stringify(schema)).not.toContain('"required"');
});
