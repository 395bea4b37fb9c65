import { unknownCheckingProxy } from "@pulumi/policy/proxy";
import { describe, expect, test } from "vitest";
import { evaluate, type DeclaredResource, type Outcome, type Rule } from "../../policies/rule";
import { rules } from "../../policies/rules";

/** The marker that the SDK puts in place of a string that is not known yet. */
const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

type Container = Readonly<Record<string, unknown>>;
type Sort = "containers" | "initContainers" | "ephemeralContainers";

const digest = `sha256:${"a".repeat(64)}`;
const clean: Container = {
  name: "main",
  image: `registry.example.com/vllm/vllm-openai:v0.31.0@${digest}`,
  securityContext: { privileged: false },
};

function deployment(container: Container, sort: Sort = "containers"): DeclaredResource {
  const pod = sort === "containers" ? { containers: [container] } : { containers: [clean], [sort]: [container] };
  return resource("kubernetes:apps/v1:Deployment", { spec: { template: { spec: pod } } });
}

function resource(type: string, props: Readonly<Record<string, unknown>>): DeclaredResource {
  const checked = unknownCheckingProxy(props);
  return { type, name: "it", urn: `urn:pulumi:test::modelyard::${type}::it`, props: checked };
}

interface Fixtures {
  readonly fails: Readonly<Record<string, Container>>;
  readonly passes: Readonly<Record<string, Container>>;
  /** A container in which the value that the rule reads is not known yet. */
  readonly unknown: Container;
  readonly field: string;
}

/** Each rule by name: what breaks it, what keeps it, and what cannot be decided yet. */
const fixtures: Readonly<Record<string, Fixtures>> = {
  "pod-no-privileged": {
    fails: { "a privileged container": { ...clean, securityContext: { privileged: true } } },
    passes: { "an unprivileged one": clean, "one that says nothing": { name: "main", image: clean["image"] } },
    unknown: { ...clean, securityContext: { privileged: unknownText } },
    field: "securityContext.privileged",
  },
  "image-digest-pinned": {
    fails: {
      "a tag only": { ...clean, image: "registry.example.com/vllm:v0.31.0" },
      "a short digest": { ...clean, image: "registry.example.com/vllm@sha256:abc" },
      "a digest of another sort": { ...clean, image: `registry.example.com/vllm@md5:${"a".repeat(64)}` },
      "no image": { name: "main" },
    },
    passes: { "tag and digest": clean, "a digest only": { ...clean, image: `vllm@${digest}` } },
    unknown: { ...clean, image: unknownText },
    field: "image",
  },
  "image-no-latest-tag": {
    fails: {
      latest: { ...clean, image: "vllm/vllm-openai:latest" },
      nightly: { ...clean, image: `vllm/vllm-openai:nightly@${digest}` },
      "no tag": { ...clean, image: "vllm/vllm-openai" },
      "a registry's port is not a tag": { ...clean, image: "registry:5000/vllm" },
      "no image": { name: "main" },
    },
    passes: {
      "a version": { ...clean, image: "vllm/vllm-openai:v0.31.0" },
      "a version behind a registry's port": { ...clean, image: "registry:5000/vllm:v1" },
    },
    unknown: { ...clean, image: unknownText },
    field: "image",
  },
};

test("every rule has fixtures, and no fixture is without its rule", () => {
  expect(Object.keys(fixtures).sort()).toEqual(rules.map((rule) => rule.name).sort());
});

function fixturesOf(rule: Rule): Fixtures {
  const found = fixtures[rule.name];
  if (found === undefined) throw new Error(`no fixtures for ${rule.name}`);
  return found;
}

describe.each(rules.map((rule) => [rule.name, rule] as const))("%s", (_, rule) => {
  const { fails, passes, unknown, field } = fixturesOf(rule);
  const outcome = (container: Container, sort?: Sort): Outcome => evaluate(rule, deployment(container, sort));

  test.each(Object.entries(fails))("is broken by %s", (_what, container) => {
    const result = outcome(container);
    expect(result).toMatchObject({
      state: "violation",
      violations: [{ field: `spec.template.spec.containers[0].${field}` }],
    });
  });

  test.each(["initContainers", "ephemeralContainers"] as const)("looks at %s, too", (sort) => {
    const [container = clean] = Object.values(fails);
    expect(outcome(container, sort)).toMatchObject({
      state: "violation",
      violations: [{ field: `spec.template.spec.${sort}[0].${field}` }],
    });
  });

  test.each(Object.entries(passes))("is kept by %s", (_what, container) => {
    expect(outcome(container)).toEqual({ state: "pass" });
  });

  test("is indeterminate, not passed, while its value is unknown", () => {
    expect(outcome(unknown).state).toBe("indeterminate");
  });

  test("decides while other values are unknown", () => {
    const [container = clean] = Object.values(fails);
    const elsewhere = {
      spec: { replicas: unknownText, template: { spec: { containers: [container], nodeName: unknownText } } },
    };
    expect(evaluate(rule, resource("kubernetes:apps/v1:Deployment", elsewhere)).state).toBe("violation");
  });

  test.each([
    ["kubernetes:core/v1:Pod", (spec: object) => ({ spec })],
    ["kubernetes:apps/v1:StatefulSet", (spec: object) => ({ spec: { template: { spec } } })],
    ["kubernetes:apps/v1:DaemonSet", (spec: object) => ({ spec: { template: { spec } } })],
    ["kubernetes:batch/v1:Job", (spec: object) => ({ spec: { template: { spec } } })],
    ["kubernetes:batch/v1:CronJob", (spec: object) => ({ spec: { jobTemplate: { spec: { template: { spec } } } } })],
  ] as const)("finds the pods of a %s", (type, around) => {
    const [container = clean] = Object.values(fails);
    expect(evaluate(rule, resource(type, around({ containers: [container] }))).state).toBe("violation");
  });

  test("has nothing to say of what runs no pod", () => {
    expect(
      evaluate(rule, resource("kubernetes:core/v1:Service", { spec: { containers: Object.values(fails) } })),
    ).toEqual({ state: "pass" });
  });

  test("is described for those who have to sign it", () => {
    expect(rule.name).toMatch(/^[a-z]+(-[a-z]+)+$/);
    expect(rule.description).toMatch(/^[A-Z].*\.$/);
    expect(rule.remediation).toMatch(/\.$/);
    expect(rule.references.length).toBeGreaterThan(0);
    expect(rule.levels.production).toBe("mandatory");
  });
});

test("an error inside a rule is not taken for an unknown value", () => {
  const [first] = rules;
  if (first === undefined) throw new Error("no rules");
  const broken: Rule = {
    ...first,
    check: () => {
      throw new TypeError("defect");
    },
  };
  expect(() => evaluate(broken, deployment(clean))).toThrow("defect");
});
