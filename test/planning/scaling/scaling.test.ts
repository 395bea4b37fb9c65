import { describe, expect, test } from "vitest";
import { planEnvironment, type ScalingPlan } from "../../../planning";
import { headroom } from "../../../planning/sizing";
import { load, today } from "../../harness/environments";
import { planOf, release, usualLoad, type Written } from "../parsed";
import { scaledBetween, type Changes } from "./environments";

const bounds = { min: 1, max: 6 };

function scalingOf(written: Written): ScalingPlan {
  const { scaling } = release(planOf(written));
  if (scaling === undefined) throw new Error("nothing scales the release");
  return scaling;
}

function threshold(signal: string, changes: Changes): number | undefined {
  return scalingOf(scaledBetween(bounds, changes)).triggers.find((trigger) => trigger.signal === signal)?.threshold;
}

const few = { load: { ...usualLoad, requests: "1/min" } };
const promised = { slo: { ttftP95: "2s", interTokenP95: "60ms" } };

describe("a release with bounds", () => {
  test("is scaled by requests that wait for room, and by those that are worked on, of its own pods alone", () => {
    const { triggers, prometheus } = scalingOf(scaledBetween(bounds));
    expect(prometheus).toBe("http://prometheus-operated.monitoring.svc:9090");
    const own = 'namespace="test-serving",app_kubernetes_io_instance="chat"';
    expect(triggers.map(({ signal, query }) => [signal, query])).toEqual([
      ["waiting", `sum(vllm:num_requests_waiting_by_reason{${own},reason="capacity"})`],
      ["running", `sum(vllm:num_requests_running{${own}})`],
    ]);
  });

  test.each<[what: string, written: Written]>([
    ["whose bounds are one number", scaledBetween({ min: 2, max: 2 })],
    ["on a cluster without KEDA", scaledBetween(bounds, { cluster: { operators: ["prometheus-operator"] } })],
  ])("%s is not", (_, written) => {
    expect(release(planOf(written)).scaling).toBeUndefined();
  });

  test("has the operators that its objects are of in the plan", () => {
    expect(planOf(scaledBetween(bounds)).operators).toEqual(["keda", "prometheus-operator"]);
    expect(planOf(scaledBetween(bounds, { cluster: { operators: ["keda"] } })).operators).toEqual(["keda"]);
    expect(planOf(scaledBetween({ min: 2, max: 2 }, { cluster: { operators: ["keda"] } })).operators).toEqual([]);
  });
});

describe("one more pod is wanted", () => {
  test("when as many requests wait as one works off in half of the promised time", () => {
    const route = { slo: { ttftP95: "2s" } };
    const { speed } = release(planOf(scaledBetween(bounds, { route })));
    const expected = Math.floor((speed?.saturation.withinSlo ?? NaN) * 2 * 0.5);
    expect(expected).toBeGreaterThan(1);
    expect(threshold("waiting", { route })).toBe(expected);
  });

  test("when five wait, where no time to the first token is promised", () => {
    expect(threshold("waiting", {})).toBe(5);
    expect(threshold("waiting", { route: { slo: { interTokenP95: "60ms" } } })).toBe(5);
  });

  test("at 70 % of the sequences that the engine may have", () => {
    expect(threshold("running", { release: { maxSequences: 20 } })).toBe(14);
    const experts = { model: "Qwen/Qwen3-30B-A3B", tensorParallel: 2, dataParallel: 2 };
    expect(threshold("running", { release: { ...experts, maxSequences: 20 } })).toBe(28);
  });

  test("at 70 % of the requests that the KV cache holds, where those are fewer", () => {
    const long = { load: { requests: "1/min", inputTokens: 7000, outputTokens: 1000 } };
    const { memory } = release(planOf(scaledBetween(bounds, { route: long })));
    const held = (memory.kvTokens ?? NaN) / 8000;
    expect(held).toBeLessThan(64);
    expect(threshold("running", { route: long })).toBe(Math.floor(held * 0.7));
  });

  test("before a promise is broken, by the room in which pods are counted", () => {
    const { speed } = release(planOf(scaledBetween(bounds, { route: promised })));
    if (speed === null) throw new Error("the release has no speed");
    const inside = (speed.peak.running * speed.saturation.withinSlo) / (speed.load.peakRequestsPerSecond / bounds.max);
    expect(inside).toBeLessThan(0.7 * 64);
    expect(threshold("running", { route: promised })).toBe(Math.floor(inside / (1 + headroom)));
  });

  test("by what is written, where somebody knows better", () => {
    const scaling = { waiting: 2.5, running: 12 };
    expect(threshold("waiting", { release: { scaling } })).toBe(2.5);
    expect(threshold("running", { release: { scaling } })).toBe(12);
  });

  test("with a handful of requests at the least", () => {
    expect(threshold("running", { release: { maxSequences: 1 }, route: few })).toBe(1);
    expect(threshold("waiting", { route: { ...few, slo: { ttftP95: "250ms" } } })).toBe(1);
  });
});

describe("pods come and go", () => {
  const slow = { provisioning: "20m", nodes: { min: 0, max: 20 } };
  const plans = [
    ["on machines that are there", {}],
    ["on machines that take 20 minutes to come", { pool: slow }],
    ["with requests of half an hour", { release: { longestRequest: "30m" } }],
  ] as const satisfies readonly (readonly [string, Changes])[];

  test.each(plans)("%s no faster than a start and a drain allow, within what Kubernetes takes", (_, changes) => {
    const { scaling, seconds } = release(planOf(scaledBetween(bounds, changes)));
    if (scaling === undefined) throw new Error("nothing scales the release");
    const { up, down, cooldown } = scaling;
    expect(down.window).toBe(Math.min(3600, Math.max(300, Math.ceil(2 * seconds.coldStart))));
    expect(cooldown).toBe(down.window);
    expect(up.period).toBe(Math.min(1800, Math.ceil(seconds.coldStart)));
    expect(down.period).toBe(Math.min(1800, Math.max(300, seconds.grace)));
    expect([down.pods, up.percent]).toEqual([1, 100]);
  });

  test("differently on machines that have to come first", () => {
    const [here, later] = [{}, { pool: slow }].map((changes) => scalingOf(scaledBetween(bounds, changes)));
    expect(later?.down.window).toBeGreaterThan(here?.down.window ?? NaN);
  });

  test("not at all while a first pod starts and shows no metric", () => {
    const { scaling, seconds } = release(planOf(scaledBetween(bounds)));
    // Failures are counted when KEDA looks, and when Kubernetes asks it.
    const perSecond = 1 / 15 + 1 / (scaling?.pollingInterval ?? NaN);
    expect((scaling?.fallback.failures ?? NaN) / perSecond).toBeGreaterThanOrEqual(seconds.startup);
  });

  test("blind to what the expected load needs", () => {
    const { scaling, replicas } = release(planOf(scaledBetween(bounds, { route: promised })));
    expect(replicas.expected).toBeGreaterThan(1);
    expect(scaling?.fallback.replicas).toBe(replicas.expected);
  });
});

describe("a release that may have no pod", () => {
  const wake = { query: 'sum(gateway_requests_in_flight{route="large"}) or vector(0)', threshold: 4 };
  const asleep = scaledBetween({ min: 0, max: 3 }, { release: { scaling: { wake } } });

  test("is woken by the gateway", () => {
    expect(scalingOf(asleep).triggers.at(-1)).toEqual({ signal: "wake", ...wake });
  });

  test("shows no load while it has no pod, and nothing at all when a pod does not answer", () => {
    const { triggers } = scalingOf(asleep);
    const target = 'up{namespace="test-serving",app_kubernetes_io_instance="chat"}';
    for (const { query } of triggers.slice(0, -1))
      expect(query.replace(/^sum\(vllm:\w+\{[^}]*\}\)/, "")).toBe(` or sum(absent(${target}) - 1)`);
  });

  test("has one when nobody knows its load", () => {
    const { scaling, replicas } = release(planOf(asleep));
    expect(replicas).toMatchObject({ min: 0, max: 3 });
    expect(scaling?.fallback.replicas).toBeGreaterThanOrEqual(1);
  });

  test("counts with one pod at least in what is expected, with or without a load", () => {
    const quiet = scaledBetween({ min: 0, max: 3 }, { release: { scaling: { wake } }, route: { load: undefined } });
    expect(release(planOf(quiet)).replicas).toEqual({ min: 0, expected: 1, max: 3 });
    expect(planOf(asleep).cost.levels.min.usdPerHour).not.toBeNull();
  });
});

describe("metrics", () => {
  test("are collected from the port of the engine, with the labels that Prometheus selects by", () => {
    const monitorLabels = { release: "monitoring" };
    expect(release(planOf(scaledBetween(bounds, { cluster: { monitorLabels } }))).monitor).toEqual({
      port: "http",
      path: "/metrics",
      interval: 15,
      labels: monitorLabels,
    });
  });

  test("are read by the cluster's own Prometheus, which the network policy lets in", () => {
    const flow = (prometheus: string) =>
      release(planOf(scaledBetween(bounds, { cluster: { prometheus } }))).flows.filter(
        (each) => each.direction === "ingress" && "labels" in each.from,
      );
    const from = { namespace: "monitoring", labels: { "app.kubernetes.io/name": "prometheus" } };
    expect(flow("http://prometheus.monitoring.svc:9090")).toEqual([{ direction: "ingress", from, port: 8000 }]);
    expect(flow("http://prometheus.monitoring.svc.cluster.local")).toEqual([
      { direction: "ingress", from, port: 8000 },
    ]);
    expect(flow("https://prometheus.example.com/api")).toEqual([]);
  });
});

test("a budget below the most that the autoscaler may start is an error that says so", () => {
  const written = { ...scaledBetween(bounds, { pool: { nodes: { max: 1 } } }), budget: { atMaximum: "$10/hour" } };
  const found = planEnvironment(load(written).environment, today).findings.find(({ id }) => id === "budget-exceeded");
  expect(found).toMatchObject({ level: "error", at: ["budget", "atMaximum"] });
  expect(found?.message).toMatch(/\$16/);
});
