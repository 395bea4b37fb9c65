import { describe, expect, test } from "vitest";
import { sglang, withSglang } from "../../harness/openai-compatible";
import { findingOf, planOf, usualLoad, type Written } from "../parsed";

function planned(changes: Written = {}, more: Written = {}) {
  const plan = planOf(withSglang(changes, more));
  const release = plan.releases["other"];
  if (release === undefined) throw new Error("no release");
  return { release, why: plan.why, cost: plan.cost };
}

const routed = (requests: string) => ({
  routes: { chat: { targets: [{ release: "other" }], load: { ...usualLoad, requests } } },
});

describe("a container that we do not know", () => {
  test("is a release like any other: resources, probes, metrics, signals", () => {
    const { release } = planned();
    expect(release).toMatchObject({
      kind: "openai-compatible",
      model: "qwen3-8b",
      resources: { cpu: 8, memoryGiB: 64, diskGiB: 20, gpus: 1 },
      endpoint: {
        service: "other",
        protocol: "openai",
        port: 30000,
        probes: { ready: "/health_generate", live: "/health" },
        metrics: { port: 30000, path: "/metrics" },
      },
      apiKey: null,
    });
    expect(release.endpoint.signals.map(({ query }) => query)).toEqual([
      'sum(sglang:num_queue_reqs{namespace="test-serving",app_kubernetes_io_instance="other"})',
      'sum(sglang:num_running_reqs{namespace="test-serving",app_kubernetes_io_instance="other"})',
    ]);
  });

  test("writes where it is told it may, and reads volumes", () => {
    const { container, volumes } = planned().release.pod;
    expect(container.mounts).toEqual([
      { volume: "shm", path: "/dev/shm", readOnly: false },
      { volume: "scratch-0", path: "/tmp", readOnly: false },
      { volume: "volume-0", path: "/models", readOnly: true },
    ]);
    expect(volumes["volume-0"]).toEqual({ kind: "claim", claim: "models", readOnly: true });
  });

  test("costs what its GPUs do, and its start is the one that was measured", () => {
    const { release, cost } = planned({ replicas: 2 });
    expect(release.usdPerHour).toBe(4);
    expect(cost.releases["other"]?.max?.expected).toBe(4);
    expect(release.seconds.podStart).toBe(240);
  });

  test.each([
    ["finishes its requests after SIGTERM", true, { preStop: 15, drain: 300 }],
    ["aborts them: the pause before waits for the longest", false, { preStop: 315, drain: 0 }],
  ])("that %s", (_, drains, seconds) => {
    expect(planned({ drains }).release.seconds).toMatchObject({ ...seconds, grace: 330 });
  });

  test("has as many pods as its load needs at the capacity that was measured", () => {
    expect(planned({ capacity: "4/s" }, routed("5/s")).release.replicas).toEqual({ min: 2, expected: 2, max: 2 });
    expect(planned({ capacity: "2/s" }, routed("5/s")).release.replicas.max).toBe(3);
  });
});

describe("is refused or warned of", () => {
  test("fewer pods than the load needs", () => {
    expect(findingOf(withSglang({ capacity: "2/s", replicas: 1 }, routed("5/s")), "load-not-met")).toMatchObject({
      level: "error",
      at: ["releases", "other", "replicas"],
      message:
        "the routes chat ask 5 requests/s at the worst moment; at 2 requests/s a pod that needs 3 pods, and there are 1 at most",
    });
  });

  test("a load where nobody has said what a pod serves", () => {
    expect(findingOf(withSglang({}, routed("5/s")), "capacity-unknown")).toMatchObject({
      level: "warning",
      fix: "Measure it, and write `capacity`, such as `capacity: 4/s`.",
    });
  });

  test.each<[string, Written, string]>([
    ["an image that is not pinned", { image: "sglang:latest" }, "registry/repository:tag@sha256:digest"],
    ["root", { user: { id: 0 } }, "user.id"],
    [
      "shared memory as large as the pod's memory",
      { resources: { ...sglang.resources, sharedMemory: "64GiB" } },
      "hared memory is part of the pod's memory",
    ],
    ["a folder that climbs", { scratch: [{ path: "/tmp/../etc", size: "1GiB" }] }, "without `..`"],
  ])("%s", (_, changes, said) => {
    expect(() => planOf(withSglang(changes))).toThrow(said);
  });
});
