import { readFileSync } from "node:fs";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { terminalProgress } from "../../tools/report/progress";
import { ensureParts } from "../../tools/run/parts";
import { Checkout, simulationOf } from "./checkout";

let checkout: Checkout;
let kubectl: (environment: string, ...args: string[]) => Promise<unknown>;

beforeAll(async () => {
  checkout = new Checkout();
  const parts = await ensureParts(["pulumi", "kubernetes-provider", "control-plane", "kwok"], {
    progress: terminalProgress(process.stderr),
  });
  kubectl = async (environment, ...args) => {
    const kubeconfig = join(simulationOf(checkout, environment), "kubeconfig");
    const { stdout, stderr, code } = await checkout.run(parts.program("kubectl"), [
      "--kubeconfig",
      kubeconfig,
      ...args,
      "-o",
      "json",
    ]);
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as unknown;
  };
});

afterAll(async () => {
  for (const environment of ["local", "blocked", "stuck", "prod"])
    await checkout.modelyard("destroy", environment, "--simulate");
  checkout.remove();
});

interface KubernetesObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly generation?: number;
    readonly resourceVersion: string;
  };
  readonly spec: { readonly nodeName?: string };
  readonly status: { readonly phase?: string };
}

async function objects(environment: string, ...args: string[]): Promise<readonly KubernetesObject[]> {
  const listed = (await kubectl(environment, "get", ...args)) as { items: readonly KubernetesObject[] };
  return listed.items;
}

/** The resources in an environment's Pulumi state. */
function state(environment: string): readonly { readonly urn: string }[] {
  const folder = join(simulationOf(checkout, environment), "pulumi/state/.pulumi/stacks/modelyard");
  const [file] = readdirSync(folder).filter((name) => name.endsWith(".json"));
  if (file === undefined) throw new Error(`no state of ${environment}`);
  const checkpoint = JSON.parse(readFileSync(join(folder, file), "utf8")) as {
    checkpoint: { latest?: { resources?: { urn: string }[] } };
  };
  return checkpoint.checkpoint.latest?.resources ?? [];
}

describe("an environment on the simulator, by the real Pulumi", () => {
  test("comes up, with every pod Running on a GPU machine of its pool", async () => {
    const { code, stdout, stderr } = await checkout.modelyard("up", "local", "--simulate");
    expect(stderr).toContain("29 created");
    expect(stdout).toContain("pods: 3 of 3 Running");
    expect(stdout).toMatch(/\d+ rules checked, no violation/);
    expect(stdout).toContain("$7.44/h");
    expect(code).toBe(0);
    const pods = await objects("local", "pods", "--namespace", "local-serving");
    expect(pods.map(({ status }) => status.phase)).toEqual(["Running", "Running", "Running"]);
    for (const { spec } of pods) expect(spec.nodeName).toMatch(/^l40s-[12]$/);
  });

  test("was placed by the real scheduler", async () => {
    const events = (await objects("local", "events", "--namespace", "local-serving")) as readonly unknown[];
    const scheduled = events.filter((event) => (event as { reason?: string }).reason === "Scheduled") as readonly {
      reportingComponent?: string;
      source?: { component?: string };
    }[];
    expect(scheduled).toHaveLength(3);
    for (const event of scheduled)
      expect(event.reportingComponent ?? event.source?.component).toBe("default-scheduler");
  });

  test("changes nothing when it is brought up again", async () => {
    const before = await objects("local", "deployments,services,secrets,networkpolicies", "--all-namespaces");
    const { code, stderr } = await checkout.modelyard("up", "local", "--simulate");
    expect(stderr).toContain("nothing changed (29 resources)");
    expect(code).toBe(0);
    const after = await objects("local", "deployments,services,secrets,networkpolicies", "--all-namespaces");
    const generations = (list: readonly KubernetesObject[]) =>
      list.map(({ metadata }) => [metadata.namespace, metadata.name, metadata.generation]);
    expect(generations(after)).toEqual(generations(before));
  });

  test("takes a change of one release to that release alone", async () => {
    const generation = async (name: string) =>
      (await objects("local", "deployments", "--namespace", "local-serving")).find(
        ({ metadata }) => metadata.name === name,
      )?.metadata.generation;
    const chat = await generation("chat");
    const summary = await generation("summary");
    const stack = readFileSync(join(checkout.folder, "stacks/local.yaml"), "utf8");
    checkout.write("stacks/local.yaml", stack.replace("context: 32768", "context: 16000"));
    const { code, stderr } = await checkout.modelyard("up", "local", "--simulate");
    expect(stderr).toContain("1 updated, 28 unchanged");
    expect(code).toBe(0);
    expect(await generation("chat")).toBe(chat);
    expect(await generation("summary")).toBe((summary ?? 0) + 1);
  });

  test("refuses a plan that cannot work, and leaves what runs as it is", async () => {
    const stack = readFileSync(join(checkout.folder, "stacks/local.yaml"), "utf8");
    checkout.write("stacks/local.yaml", stack.replace("replicas: 2", "replicas: 5"));
    const { code, stderr } = await checkout.modelyard("up", "local", "--simulate");
    checkout.write("stacks/local.yaml", stack);
    expect(stderr).toMatch(/^stacks\/local\.yaml:\d+:\d+: error: 2 of 5 pods find no place .*\[pool-too-small\]/m);
    expect(stderr).not.toContain("    at ");
    expect(code).toBe(1);
    expect(await objects("local", "pods", "--namespace", "local-serving")).toHaveLength(3);
  });

  test("leaves an empty state and no process when it is destroyed", async () => {
    const { code, stderr } = await checkout.modelyard("destroy", "local", "--simulate");
    expect(stderr).toContain("29 deleted");
    expect(code).toBe(0);
    expect(state("local")).toEqual([]);
    expect(checkout.processes()).toEqual([]);
  });
});

test("a mandatory violation stops `up` before anything is created", async () => {
  const images = `{ vllm: "registry.example.com/vllm/vllm-openai:latest@sha256:${"a".repeat(64)}" }`;
  checkout.addEnvironment(
    "blocked",
    "development",
    `extends: local.yaml\nclusters: { laptop: { context: modelyard-blocked } }\nimages: ${images}\n`,
  );
  const { code, stdout, stderr } = await checkout.modelyard("up", "blocked", "--simulate");
  expect(stderr).toContain("image-no-latest-tag");
  expect(stderr).toContain("whose tag moves");
  expect(stderr).not.toContain("bringing up");
  expect(stdout).not.toContain("Running");
  expect(code).toBe(1);
  expect(state("blocked")).toEqual([]);
  const namespaces = await objects("blocked", "namespaces");
  expect(namespaces.map(({ metadata }) => metadata.name)).not.toContain("blocked-serving");
});

test("a pod that finds no place ends `up` within a minute, with what the scheduler says", async () => {
  const override = "{ pool-too-small: { reason: a machine more is said to come, expires: 2099-12-31 } }";
  checkout.addEnvironment(
    "stuck",
    "development",
    `extends: local.yaml\nclusters: { laptop: { context: modelyard-stuck } }\nreleases: { chat: { replicas: 6, overrides: ${override} } }\n`,
  );
  const start = performance.now();
  const { code, stderr } = await checkout.modelyard("up", "stuck", "--simulate");
  expect(stderr).toMatch(/overridden until 2099-12-31: 3 of 6 pods find no place/);
  expect(stderr).toMatch(/chat-\S+ cannot be scheduled: .*Insufficient nvidia\.com\/gpu/);
  expect(code).toBe(2);
  expect((performance.now() - start) / 1000).toBeLessThan(120);
});

test("production comes up as well, its volumes with weights being empty stand-ins", async () => {
  const { code, stdout } = await checkout.modelyard("up", "prod", "--simulate");
  expect(stdout).toContain("pods: 5 of 5 Running");
  expect(stdout).toContain("stand-in: the volume claim model-weights: an empty volume");
  expect(code).toBe(0);
});
