import { describe, expect, test } from "vitest";
import { loadEnvironment, environmentNames } from "../../environment";
import { valueAt } from "../../environment/messages";
import { isLanguageModel, planEnvironment, type Plan } from "../../planning";
import { root } from "../../tools/cli/root";
import { everything, filesOfEverything } from "../environment/everything";
import { load, smallest, today, withPool, withReleases } from "../harness/environments";
import { deepSeek, llama405, superPod, withGroups } from "../harness/groups";
import { usualLoad } from "./parsed";

/** Every number inside a value, by its path. */
function numbersOf(value: unknown, path: readonly string[] = []): readonly (readonly [path: string, value: number])[] {
  if (typeof value === "number") return [[path.join("."), value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => numbersOf(inner, [...path, key]));
}

const own = environmentNames(root).map((name) => [name, () => loadEnvironment(root, name).environment] as const);

const rentedPools = {
  cheapest: {
    cluster: "here",
    instances: ["p5.48xlarge", "g6e.2xlarge", "g6e.24xlarge"],
    region: "us-east-1",
    purchase: ["spot", "on-demand"],
    nodes: { min: 1, max: 6 },
    zones: ["a", "b"],
  },
  reserved: {
    cluster: "here",
    instance: "g6e.12xlarge",
    region: "us-west-2",
    purchase: ["reserved", "on-demand"],
    reservations: 2,
    nodes: { max: 6 },
  },
};

/** Environments with everything that the repository's own have none of. */
const made = [
  [
    "an environment in which every setting has a value",
    () => {
      const { releases, pools } = everything;
      const chat = { ...releases.chat, replicas: { min: 1, max: 9 } };
      const gpus = { ...pools.gpus, nodes: { min: 1, max: 9 } };
      const budget = { atMaximum: "$500/hour", expected: "$400000/month" };
      const roomier = { ...everything, budget, releases: { ...releases, chat }, pools: { ...pools, gpus } };
      return load(roomier, filesOfEverything).environment;
    },
  ],
  [
    "rented pools, layouts that are left open, routes without tenants and a budget",
    () => {
      const { chat } = smallest.releases;
      const releases = {
        chat: { ...chat, pool: "cheapest", quantization: "auto" },
        large: {
          ...chat,
          model: "Qwen/Qwen3-32B",
          quantization: "auto",
          pool: "cheapest",
          replicas: { min: 1, max: 8 },
        },
        other: { ...chat, pool: "reserved" },
      };
      const routes = {
        both: {
          targets: [{ release: "chat", weight: 3 }, { release: "large" }],
          load: usualLoad,
          slo: { ttftP95: "2s", interTokenP95: "100ms" },
        },
        chat: { targets: [{ release: "chat" }], load: { ...usualLoad, peak: "9/s", prefixHit: "25%" } },
      };
      const budget = { atMaximum: "$5000/hour" };
      return load({ ...smallest, pools: rentedPools, releases, routes, budget }).environment;
    },
  ],
  [
    "replicas over several machines, rented ones among them",
    () => {
      const image = `mirror.example.com/vllm-efa:v1@sha256:${"0".repeat(64)}`;
      const rented = {
        cluster: "here",
        instance: "p5.48xlarge",
        region: "us-east-1",
        nodes: { max: 4 },
        fabric: { kind: "efa" },
      };
      const pools = { gpus: { ...superPod, nodes: { max: 4 } }, rented };
      const releases = { owned: { ...llama405, replicas: 2 }, rented: { ...deepSeek, pool: "rented" } };
      const routes = { big: { targets: [{ release: "owned" }], load: { ...usualLoad, requests: "1/s" } } };
      return load({ ...withGroups(releases), pools, routes, images: { vllm: image } }).environment;
    },
  ],
  [
    "a price that nobody knows",
    () => {
      const overrides = { "price-unknown": { reason: "the contract is signed next month", expires: "2027-01-31" } };
      const pool = { cluster: "here", instance: "p5e.48xlarge", region: "us-east-1", nodes: { max: 2 }, overrides };
      return load({ ...smallest, pools: { gpus: pool } }).environment;
    },
  ],
] as const;

describe.each([...own, ...made])("of %s", (_, environmentOf) => {
  const environment = environmentOf();
  const { plan, findings } = planEnvironment(environment, today);
  const { why = {}, ...decided } = plan ?? {};

  test("every number of the plan has its arithmetic, or is the setting of the same name", () => {
    const numbers = numbersOf(decided);
    expect(findings.filter(({ level }) => level === "error").map(({ message }) => message)).toEqual([]);
    expect(numbers.length).toBeGreaterThan(50);
    const unexplained = numbers.filter(
      ([path, value]) => why[path] === undefined && valueAt(environment, path.split(".")) !== value,
    );
    expect(unexplained).toEqual([]);
  });

  test("every arithmetic ends in the value that the plan has at its path", () => {
    const results = Object.entries(why).map(([path, { result }]) => [path, result === "unknown" ? null : result]);
    expect(results).toEqual(Object.keys(why).map((path) => [path, valueAt(decided, path.split("."))]));
  });

  test("every arithmetic has terms, or says in words why there is nothing to calculate", () => {
    for (const { formula, terms, result } of Object.values(why)) {
      expect(formula).toMatch(/\w/);
      for (const { name, value } of terms)
        expect([name, typeof value === "number" && Number.isNaN(value)]).toEqual([name, false]);
      // A formula with an operation has something to do it with.
      if (/ [×÷+−] /.test(formula) && result !== 0) expect([formula, terms.length]).not.toEqual([formula, 0]);
    }
  });

  test("every choice of a release has its arithmetic", () => {
    for (const release of Object.values(plan?.releases ?? {}))
      for (const choice of [...(isLanguageModel(release) ? ["tensorParallel", "dataType"] : []), "rollout.kind"])
        expect(why).toHaveProperty([`releases.${release.name}.${choice}`]);
  });
});

describe("the number of GPUs", () => {
  function whyOf(plan: Plan | undefined) {
    const { formula, terms } = plan?.why["releases.chat.tensorParallel"] ?? {};
    return { formula, terms: terms?.map((term) => term.name) };
  }
  const large = { model: "Qwen/Qwen3-32B" };
  const override = {
    "context-does-not-fit": { reason: "measured on this very machine: it fits", expires: "2026-12-31" },
  };

  test("says which were too few", () => {
    expect(whyOf(planEnvironment(load(withReleases({ chat: large })).environment, today).plan)).toEqual({
      formula: "the cheapest layout whose KV cache holds one request of full length and that meets the load",
      terms: ["one request of full length", "1 × L40S, bf16", "2 × L40S (tensor 2), bf16"],
    });
  });

  test("does not claim to fit where that was overridden", () => {
    const releases = withReleases({ chat: { context: 40960, overrides: override } })["releases"];
    const written = withPool(
      { accelerator: "RTX-4090", gpusPerNode: 1 },
      releases as Readonly<Record<string, unknown>>,
    );
    expect(whyOf(planEnvironment(load(written).environment, today).plan).formula).toMatch(/none of them works/);
  });
});
