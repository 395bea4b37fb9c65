import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planEnvironment, type Plan } from "../../planning";
import { cheapest, type Option } from "../../planning/cheapest";
import { smallest, today } from "../harness/environments";
import { bestOf, diskGiB, type Problem } from "./brute-force";
import { parsed, release, type Written } from "./parsed";

const models = [
  "Qwen/Qwen3-0.6B",
  "Qwen/Qwen3-8B",
  "Qwen/Qwen3-32B",
  "Qwen/Qwen2.5-7B-Instruct",
  "Qwen/Qwen3-30B-A3B",
  "meta-llama/Llama-3.1-70B-Instruct",
  "mistralai/Mixtral-8x7B-Instruct-v0.1",
  "openai/gpt-oss-20b",
];

const owned = fc.record({
  accelerator: fc.constantFrom("T4", "A10G", "L4", "L40S", "RTX-4090", "A100-40GB", "A100-80GB", "H100-80GB"),
  gpusPerNode: fc.constantFrom(1, 2, 4, 8),
  cpu: fc.constantFrom(20, 64, 256),
  memoryGiB: fc.constantFrom(64, 256, 2048),
  usdPerGpuHour: fc.integer({ min: 1, max: 500 }).map((cents) => cents / 100),
});
const rented = fc.record({
  instances: fc.uniqueArray(
    fc.constantFrom("g5.12xlarge", "g6.24xlarge", "g6e.2xlarge", "g6e.24xlarge", "p4d.24xlarge", "p5.48xlarge"),
    { minLength: 1, maxLength: 3 },
  ),
  purchase: fc.constantFrom("on-demand" as const, "spot" as const),
});
const load = fc.record({
  requests: fc.integer({ min: 1, max: 400 }).map((tenths) => tenths / 10),
  more: fc.constantFrom(1, 1.1, 2),
  input: fc.integer({ min: 50, max: 2500 }),
  output: fc.integer({ min: 10, max: 800 }),
});
const problem: fc.Arbitrary<Problem> = fc.record({
  model: fc.constantFrom(...models),
  context: fc.constantFrom(4096, 16384, 32768),
  tensorParallel: fc.constantFrom(undefined, undefined, undefined, 1 as const, 2 as const, 8 as const),
  quantization: fc.constantFrom("native", "auto", "fp8"),
  replicas: fc.constantFrom("auto" as const, "auto" as const, 1, 3),
  nodes: fc.constantFrom(1, 8, 40),
  machines: fc.oneof(owned, rented),
  load: fc.option(
    load.map(({ more, requests, ...rest }) => ({ ...rest, requests, peak: requests * more })),
    { freq: 3 },
  ),
  slo: fc.constantFrom({}, { ttftP95Seconds: 2 }, { ttftP95Seconds: 0.4, interTokenP95Seconds: 0.04 }),
});

function written({ machines, load: asked, slo, nodes, ...open }: Problem): Written {
  const { ttftP95Seconds: ttft, interTokenP95Seconds: between } = slo;
  const { model, context, tensorParallel, quantization, replicas } = open;
  const chosen =
    "accelerator" in machines ? ownedPool(machines) : { ...machines, region: "us-east-1", disk: `${diskGiB}GiB` };
  return {
    clusters: smallest.clusters,
    pools: { gpus: { cluster: "here", nodes: { max: nodes }, ...chosen } },
    releases: {
      chat: {
        ...smallest.releases.chat,
        weights: { from: "pvc", claim: "weights", path: "model" },
        model,
        context,
        tensorParallel,
        quantization,
        replicas,
      },
    },
    routes: {
      large: {
        targets: [{ release: "chat" }],
        ...(asked === null ? {} : { load: loadOf(asked) }),
        slo: {
          ...(ttft === undefined ? {} : { ttftP95: `${ttft}s` }),
          ...(between === undefined ? {} : { interTokenP95: `${between}s` }),
        },
      },
    },
  };
}

function ownedPool({
  accelerator,
  gpusPerNode,
  cpu,
  memoryGiB,
  usdPerGpuHour,
}: Exclude<Problem["machines"], { instances: unknown }>) {
  return {
    accelerator,
    gpusPerNode,
    interconnect: "pcie",
    machine: { cpu, memory: `${memoryGiB}GiB`, disk: `${diskGiB}GiB` },
    price: `$${usdPerGpuHour}/GPU-hour`,
  };
}

function loadOf({ requests, peak, input, output }: NonNullable<Problem["load"]>) {
  return { requests: `${requests}/s`, peak: `${peak}/s`, inputTokens: input, outputTokens: output };
}

function taken(plan: Plan | undefined) {
  if (plan === undefined) return undefined;
  const { tensorParallel, quantization, replicas } = release(plan);
  return { instance: plan.pools["gpus"]?.rented?.instance ?? null, tensorParallel, quantization, pods: replicas.max };
}

/** How often something turned up: a property that never meets it says nothing of it. */
class Tally {
  private readonly counts = new Map<string, number>();

  note(what: string, happened: boolean): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + (happened ? 1 : 0));
  }

  get rarest(): number {
    return Math.min(...this.counts.values());
  }
}

/** A thousand plans take seconds, and a busy machine takes several times as long. */
const patience = 120_000;

describe("of everything that an environment leaves open", { timeout: patience }, () => {
  test("the cheapest that works is taken, in a thousand random problems, and nothing where nothing works", () => {
    const tally = new Tally();
    fc.assert(
      fc.property(problem, (each) => {
        const best = bestOf(each);
        const { plan, findings } = planEnvironment(parsed(written(each)), today);
        const expected =
          best === undefined
            ? undefined
            : {
                instance: best.instance,
                tensorParallel: best.tensorParallel,
                quantization: best.quantization,
                pods: best.pods,
              };
        const unpriced = best !== undefined && !Number.isFinite(best.usdPerHour.machines);
        expect(taken(plan)).toEqual(unpriced ? undefined : expected);
        expect(findings.some(({ level }) => level === "error")).toBe(unpriced || best === undefined);
        expect(findings.some(({ id }) => id === "price-unknown")).toBe(unpriced);
        tally.note("nothing works", best === undefined);
        tally.note("several GPUs", (best?.tensorParallel ?? 1) > 1);
        tally.note("fp8 where it was left open", best?.quantization === "fp8" && each.quantization === "auto");
        tally.note("several pods for the load", each.replicas === "auto" && (best?.pods ?? 1) > 1);
        tally.note(
          "not the first kind of machine",
          "instances" in each.machines && best !== undefined && best.instance !== each.machines.instances[0],
        );
      }),
      { numRuns: 1000, seed: 7 },
    );
    expect(tally.rarest).toBeGreaterThan(20);
  });

  test("every layout and every kind of machine that is not taken is listed once, with the reason", () => {
    const tally = new Tally();
    fc.assert(
      fc.property(problem, (each) => {
        const { plan } = planEnvironment(parsed(written(each)), today);
        if (plan === undefined) return;
        const { runnersUp, tensorParallel, quantization, usdPerHour, replicas } = release(plan);
        const usdPerGpuHour = (usdPerHour ?? NaN) / tensorParallel / replicas.max;
        const { runnersUp: machines = [], accelerator, gpusPerNode } = plan.pools["gpus"] ?? {};
        const listed = runnersUp.map(({ name }) => name);
        expect(new Set(listed).size).toBe(listed.length);
        expect(listed.length + 1).toBe(layoutsOn(each, accelerator, gpusPerNode));
        expect(listed.some((name) => name.startsWith(`${tensorParallel} × `) && name.endsWith(quantization))).toBe(
          false,
        );
        expect(machines.length).toBe("instances" in each.machines ? each.machines.instances.length - 1 : 0);
        for (const { reason } of [...runnersUp, ...machines]) expect(reason).toMatch(/\w+/);
        for (const { name, reason, usdPerHour: other } of runnersUp) {
          const alone = reason.includes(": one pod alone is ");
          tally.note("one pod alone is dearer", alone && reason.startsWith("dearer"));
          tally.note("one pod alone is no cheaper", alone && reason.startsWith("no cheaper"));
          tally.note("dearer in all", !alone && reason.startsWith("dearer"));
          if (!/^(as dear|dearer|no cheaper)/.test(reason)) continue;
          const same = Math.abs((other ?? 0) - (usdPerHour ?? 0)) < 1e-9;
          expect(/^(as dear|no cheaper)/.test(reason)).toBe(same);
          if (!same) expect(other).toBeGreaterThan(usdPerHour ?? NaN);
          if (alone) expect(other).toBeCloseTo(Number.parseInt(name) * usdPerGpuHour, 6);
          if (!reason.startsWith("as dear")) expect(reason).toContain(` $${other?.toFixed(2)}/h`);
        }
      }),
      { numRuns: 300, seed: 8 },
    );
    expect(tally.rarest).toBeGreaterThan(0);
  });
});

/** Layouts that a problem leaves open on machines of one kind. */
function layoutsOn(
  { tensorParallel, quantization, model }: Problem,
  accelerator: string | null = null,
  gpusPerNode = 0,
): number {
  const degrees = [1, 2, 4, 8, 16].filter((degree) => degree <= gpusPerNode);
  const count = tensorParallel === undefined ? degrees.length : 1;
  // Weights that are published in fewer bits stay as they are, and Turing has no FP8.
  const alsoFp8 = quantization === "auto" && !model.startsWith("openai/") && accelerator !== "T4";
  return count * (alsoFp8 ? 2 : 1);
}

describe("of equally cheap ways", () => {
  const of = (name: string, usdPerHour: number | null, gpus: number, out: string | null = null): Option<string> => ({
    thing: name,
    name,
    usdPerHour,
    gpus,
    out,
    price: { formula: "", terms: [] },
  });
  const leastOf = (...least: Parameters<typeof of>): Option<string> => ({ ...of(...least), part: "one pod alone" });
  const rows: readonly (readonly [
    what: string,
    options: readonly Option<string>[],
    taken: string | undefined,
    reasons: readonly string[],
  ])[] = [
    ["the one with fewer GPUs is taken", [of("a", 4, 4), of("b", 4, 2)], "b", ["as dear, on 4 GPUs"]],
    ["then the one that comes first", [of("a", 4, 2), of("b", 4, 2)], "a", ["as dear, and comes later"]],
    ["never one that does not work", [of("a", 1, 1, "too small"), of("b", 4, 2)], "b", ["too small"]],
    ["never one of unknown price", [of("a", null, 1), of("b", 4, 2)], "b", ["its price is unknown"]],
    ["unless no price is known", [of("a", null, 4), of("b", null, 2)], "b", ["needs 4 GPUs"]],
    ["not one whose part is dearer", [of("a", 4, 4), leastOf("b", 6, 6)], "a", ["dearer: one pod alone is $6.00/h"]],
    [
      "nor one whose part is as dear",
      [of("a", 4, 4), leastOf("b", 4, 4)],
      "a",
      ["no cheaper: one pod alone is $4.00/h"],
    ],
    ["none, where none works", [of("a", 1, 1, "too small"), of("b", 2, 1, "too slow")], undefined, ["too slow"]],
  ];
  test.each(rows)("%s", (_, options, taken, reasons) => {
    const decision = cheapest(options, () => "a");
    expect(decision.taken?.name).toBe(taken);
    expect(decision.runnersUp.map(({ reason }) => reason)).toEqual(reasons);
  });
});
