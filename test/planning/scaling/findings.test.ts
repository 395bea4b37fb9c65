import { describe, expect, test } from "vitest";
import { planEnvironment, type FindingId } from "../../../planning";
import { load, today } from "../../harness/environments";
import type { Written } from "../parsed";
import { scaledBetween } from "./environments";

const bounds = { min: 1, max: 3 };
const noPod = { min: 0, max: 3 };
const wake = { query: "sum(gateway_requests_in_flight) or vector(0)", threshold: 4 };
const production = { "policies/environments/test.yaml": "stage: production\n" };
const key = { apiKey: { secret: "keys", key: "chat" } };

function found(written: Written, more: Readonly<Record<string, string>> = {}) {
  return planEnvironment(load(written, more).environment, today).findings;
}

describe("what an autoscaler cannot do is found before anything is applied", () => {
  test.each<[id: FindingId, level: string, written: Written, at: string, message: RegExp, fix: RegExp]>([
    [
      "not-scaled",
      "warning",
      scaledBetween(bounds, { cluster: { operators: [] } }),
      "releases.chat.replicas",
      /nothing scales chat between 1 and 3 pods: the cluster is not said to have KEDA, so 1 run/,
      /add `keda` to `operators`/,
    ],
    [
      "operator-missing",
      "error",
      scaledBetween(bounds, { cluster: { operators: [] }, release: { scaling: { running: 9 } } }),
      "releases.chat.scaling",
      /chat is to be scaled, which KEDA does, and the cluster here is not said to have it/,
      /Install KEDA 2\.\d+\.\d+ there \(https:.*\), and add `keda` to `operators` of the cluster here/,
    ],
    [
      "scaling-impossible",
      "error",
      scaledBetween(bounds, { cluster: { prometheus: undefined } }),
      "clusters.here",
      /chat is to be scaled between 1 and 3 pods, and nobody has said where KEDA asks for its load/,
      /prometheus: http:/,
    ],
    [
      "metrics-not-collected",
      "warning",
      scaledBetween(bounds, { cluster: { operators: ["keda"] } }),
      "releases.chat.replicas",
      /without series that have the label app_kubernetes_io_instance="chat" KEDA is blind, and keeps \d+ pods/,
      /copy the pods' label app\.kubernetes\.io\/instance/,
    ],
    [
      "scale-to-zero-refused",
      "error",
      scaledBetween(noPod),
      "releases.chat.replicas.min",
      /chat may have no pod, and then nothing would ever start one: engines that do not run show no metric/,
      /scaling: \{ wake: \{ query/,
    ],
    [
      "spread-impossible",
      "error",
      scaledBetween(
        { min: 1, max: 2 },
        { release: { spread: { zones: "required" } }, pool: { zones: ["a", "b", "c"] } },
      ),
      "releases.chat.spread.zones",
      /2 pods of chat cannot stand in all 3 zones of the pool gpus \(a, b, c\)/,
      /`replicas: 3` or more/,
    ],
    [
      "spread-impossible",
      "error",
      scaledBetween(bounds, { release: { spread: { zones: "required" } } }),
      "releases.chat.spread.zones",
      /are to be spread over zones, and the pool gpus has one/,
      /Name its `zones`/,
    ],
  ])("%s (%s)", (id, level, written, at, message, fix) => {
    const finding = found(written).find((candidate) => candidate.id === id);
    expect(finding?.level).toBe(level);
    expect(finding?.at.join(".")).toBe(at);
    expect(finding?.message).toMatch(message);
    expect(finding?.fix).toMatch(fix);
  });

  test("no release is without a pod in production, whatever could wake it", () => {
    const written = scaledBetween(noPod, { release: { scaling: { wake }, ...key } });
    expect(found(written).filter(({ level }) => level === "error")).toEqual([]);
    const refused = found(written, production).find(({ id }) => id === "scale-to-zero-refused");
    expect(refused?.message).toMatch(/chat may have no pod, and this is production: whoever asks first waits \d+ s/);
    expect(refused?.fix).toBe("Write 1 or more.");
  });

  test("no release is without a pod where nothing could start one", () => {
    const written = scaledBetween(noPod, { release: { scaling: { wake } }, cluster: { operators: [] } });
    expect(found(written).map(({ id }) => id)).toContain("operator-missing");
  });

  test("nothing is found where everything is there", () => {
    expect(found(scaledBetween(bounds))).toEqual([]);
    const spread = { release: { spread: { zones: "required" } }, pool: { zones: ["a", "b", "c"] } };
    expect(found(scaledBetween(bounds, spread))).toEqual([]);
  });
});

test("an engine that shows no load is not scaled by it", () => {
  const container = {
    engine: "openai-compatible",
    image: `registry.example.com/server:1@sha256:${"0".repeat(64)}`,
    version: "1",
    servedModel: "own",
    user: { id: 1000 },
    probes: { ready: "/health" },
    resources: { cpu: 4, memory: "16GiB", disk: "10GiB", gpus: 1 },
    start: "2m",
    pool: "gpus",
    replicas: bounds,
  };
  const written = { ...scaledBetween(bounds), routes: {} };
  const shown = found({ ...written, releases: { own: container } }).find(({ id }) => id === "scaling-impossible");
  expect(shown?.message).toMatch(/nothing says when own needs another pod/);
  const metrics = { waiting: "server_waiting" };
  expect(found({ ...written, releases: { own: { ...container, metrics } } })).toEqual([]);
  const running = { metrics: { running: "server_running" }, scaling: { running: 8 } };
  expect(found({ ...written, releases: { own: { ...container, ...running } } })).toEqual([]);
});
