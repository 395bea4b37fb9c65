import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import type { ReportedResource } from "../../../tools/report/collect";
import { declaredIn, manifestFiles, manifestStream } from "../../../tools/report/formats/manifests";
import { objectYaml } from "../../../tools/report/manifests";
import { secretPlaceholder } from "../../../tools/run/record";

function object(kind: string, name: string, more: Readonly<Record<string, unknown>> = {}, namespace?: string) {
  const group = kind === "Deployment" ? "apps/v1" : "v1";
  const type = `kubernetes:${group === "v1" ? "core/v1" : group}:${kind}`;
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
  const resource: ReportedResource = {
    urn: `urn:pulumi:test::modelyard::${type}::${name}-declared`,
    type,
    name: `${name}-declared`,
    props: { apiVersion: group, kind, metadata, ...more },
  };
  return resource;
}

const component: ReportedResource = { urn: "u", type: "modelyard:releases:VllmRelease", name: "chat", props: {} };

describe("an object", () => {
  test.each([
    "yes",
    "no",
    "on",
    "y",
    "null",
    "~",
    "0777",
    "0o17",
    "1e3",
    "1_000",
    "12:30",
    "2026-11-21",
    "0x1f",
    ".5",
    "=",
  ])("keeps the text %j a text for readers of YAML 1.1 and 1.2", (value) => {
    const text = objectYaml({ spec: { value, list: [value], [value]: "key" } });
    for (const version of ["1.1", "1.2"] as const)
      expect(parse(text, { version })).toEqual({ spec: { value, list: [value], [value]: "key" } });
  });

  test("is read again as it was by both", () => {
    const leaf = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(...Array.from("0123456789.-_:eEyYnNoOfxX~ ")) }),
      fc.integer(),
      fc.boolean(),
    );
    const any = fc.record({
      spec: fc.dictionary(fc.string(), fc.oneof(leaf, fc.array(leaf), fc.dictionary(fc.string(), leaf))),
    });
    fc.assert(
      fc.property(any, (value) => {
        const text = objectYaml(value);
        for (const version of ["1.1", "1.2"] as const)
          expect(parse(text, { version })).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe("manifests", () => {
  const resources = [
    object("Service", "b", {}, "x"),
    component,
    object("Deployment", "chat", { spec: { replicas: 1 } }, "x"),
    object("Namespace", "x"),
    object("Deployment", "another", {}, "x"),
  ];

  test("begin with namespaces, then go by kind and name, whatever the order of declaration", () => {
    for (const order of [resources, [...resources].reverse()]) {
      const documents = parseAllDocuments(manifestStream("test", order)).map(
        (document) => document.toJS() as { kind: string; metadata: { name: string } },
      );
      expect(documents.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
        "Namespace x",
        "Deployment another",
        "Deployment chat",
        "Service b",
      ]);
      expect(manifestFiles("test", order).map(({ name }) => name)).toEqual([
        "0-namespace_x.yaml",
        "deployment_x_another.yaml",
        "deployment_x_chat.yaml",
        "service_x_b.yaml",
        "left-out.txt",
      ]);
    }
  });

  test("stand in files that kubectl reads in the same order: by name", () => {
    const names = manifestFiles("test", resources)
      .map(({ name }) => name)
      .filter((name) => name.endsWith(".yaml"));
    expect(names).toEqual([...names].sort());
  });

  test("name in a comment what is no Kubernetes object, and above each object by which name Pulumi knows it", () => {
    const stream = manifestStream("test", [
      ...resources,
      { ...component, type: "kubernetes:helm.sh/v4:Chart", name: "keda" },
    ]);
    const [first = ""] = stream.split("\n---\n");
    expect(first.split("\n").every((line) => line.startsWith("# "))).toBe(true);
    expect(first).toContain("#   modelyard:releases:VllmRelease chat");
    expect(first).toContain("#   kubernetes:helm.sh/v4:Chart keda");
    expect(declaredIn(stream.slice(stream.indexOf("Declared as kubernetes:apps")))).toEqual({
      type: "kubernetes:apps/v1:Deployment",
      name: "another-declared",
    });
  });

  test("hold no value of a Secret, marked as secret or not, and say so", () => {
    const stream = manifestStream("test", [
      object("Secret", "marked", { stringData: secretPlaceholder }),
      object("Secret", "unmarked", { data: { key: "aHVudGVyMg==" }, stringData: { key: "hunter2" }, type: "Opaque" }),
    ]);
    expect(stream).not.toMatch(/hunter2|aHVudGVyMg|\[secret\]/);
    expect(stream.match(/stringData is left out: it is secret/g)).toHaveLength(2);
    expect(stream).toContain("data is left out");
    expect(parseAllDocuments(stream).at(-1)?.toJS()).toMatchObject({ type: "Opaque", metadata: { name: "unmarked" } });
  });

  test("leave out a whole section that is secret in any object", () => {
    const stream = manifestStream("test", [object("ConfigMap", "x", { data: secretPlaceholder })]);
    expect(stream).toContain("# data is left out: it is secret");
    expect(parse(stream.split("---\n")[1] ?? "")).not.toHaveProperty("data");
  });

  test("name each place of another object where a secret would stand", () => {
    const env = [
      { name: "A", value: "open" },
      { name: "B", value: secretPlaceholder },
    ];
    expect(manifestStream("test", [object("Deployment", "chat", { spec: { env } })])).toContain(
      "# spec.env[1].value is a placeholder: it is secret",
    );
  });

  test("keep two objects that would have the same file in one file", () => {
    const twice = [object("Deployment", "a:b"), object("Deployment", "a_b")];
    const files = manifestFiles("test", twice).filter(({ name }) => name.endsWith(".yaml"));
    expect(files.map(({ name, text }) => [name, parseAllDocuments(text).length])).toEqual([["deployment_a-b.yaml", 2]]);
  });

  test("let no name out of a comment", () => {
    const stream = manifestStream("te\nst", [{ ...component, name: "x\napiVersion: v1\u0085y\u2028z" }]);
    expect(stream.split(/[\n\u0085\u2028]/).every((line) => line.startsWith("# "))).toBe(true);
  });
});
