import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyNodes, nodesOf } from "../../../tools/simulator/nodes";
import { simulatedPool } from "../../harness/simulated-pool";
import { FakeApi } from "./harness";

const pool = { ...simulatedPool, nodes: 3 };

describe("the machines of a pool", () => {
  it("are Node objects as kubelet, cloud and GPU discovery would make them", () => {
    expect(nodesOf([pool])[0]).toEqual({
      apiVersion: "v1",
      kind: "Node",
      metadata: {
        name: "l40s-1",
        labels: {
          "kubernetes.io/arch": "amd64",
          "kubernetes.io/hostname": "l40s-1",
          "kubernetes.io/os": "linux",
          "modelyard.dev/pool": "l40s",
          "modelyard.dev/simulated": "true",
          "nvidia.com/gpu.count": "2",
          "nvidia.com/gpu.present": "true",
          "nvidia.com/gpu.product": "NVIDIA-L40S",
          "topology.kubernetes.io/zone": "a",
        },
        annotations: { "kwok.x-k8s.io/node": "fake" },
      },
      spec: { taints: [{ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" }] },
      status: {
        capacity: {
          cpu: "32000m",
          memory: "262144Mi",
          "ephemeral-storage": "409600Mi",
          pods: "110",
          "nvidia.com/gpu": "2",
        },
        allocatable: {
          cpu: "31390m",
          memory: "258560Mi",
          "ephemeral-storage": "367820Mi",
          pods: "110",
          "nvidia.com/gpu": "2",
        },
      },
    });
  });

  it("are spread over the zones in turn", () => {
    const zones = nodesOf([pool]).map(({ metadata }) => metadata.labels["topology.kubernetes.io/zone"]);
    expect(zones).toEqual(["a", "b", "a"]);
    expect(nodesOf([{ ...pool, zones: [] }])[0]?.metadata.labels).not.toHaveProperty(["topology.kubernetes.io/zone"]);
  });

  it("have no trace of NVIDIA where there is none", () => {
    for (const other of [
      { ...pool, gpus: 0 },
      { ...pool, gpuResource: "amd.com/gpu" },
    ]) {
      const [node] = nodesOf([other]);
      expect(Object.keys(node?.metadata.labels ?? {}).filter((key) => key.startsWith("nvidia.com/"))).toEqual([]);
    }
    expect(nodesOf([{ ...pool, gpus: 0 }])[0]?.status.capacity).not.toHaveProperty(["nvidia.com/gpu"]);
  });

  it("have the adapters and huge pages of their pool", () => {
    const devices = { "rdma/ib": "8", "hugepages-2Mi": "5120Mi" };
    const [node] = nodesOf([{ ...pool, devices }]);
    expect(node?.status).toMatchObject({ capacity: devices, allocatable: devices });
  });

  it("carry the pool's labels even where these say otherwise, but are always known as simulated", () => {
    const labels = { "kubernetes.io/arch": "arm64", "modelyard.dev/simulated": "false" };
    expect(nodesOf([{ ...pool, labels }])[0]?.metadata.labels).toMatchObject({
      "kubernetes.io/arch": "arm64",
      "modelyard.dev/simulated": "true",
    });
  });

  it("have names of their own, however the pools are called", () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,5}[a-z0-9])?$/), { maxLength: 6 });
    fc.assert(
      fc.property(names, fc.nat({ max: 12 }), (pools, nodes) => {
        const all = nodesOf(pools.map((name) => ({ ...pool, name, nodes }))).map(({ metadata }) => metadata.name);
        expect(new Set(all).size).toBe(pools.length * nodes);
      }),
    );
  });
});

describe("applying pools to a cluster", () => {
  const ready = (name: string) => ({ metadata: { name }, status: { conditions: [{ type: "Ready", status: "True" }] } });

  const podOn = (nodeName: string | undefined, name: string) => ({
    metadata: { name, namespace: "serving" },
    spec: nodeName === undefined ? {} : { nodeName },
  });

  it("sets every node and, separately, its status", async () => {
    const api = new FakeApi({ "/api/v1/nodes": { items: ["l40s-1", "l40s-2", "l40s-3"].map(ready) } });
    await applyNodes(api, [pool]);
    expect(api.applied.map(({ path }) => path).sort()).toEqual(
      [1, 2, 3].flatMap((n) => [`/api/v1/nodes/l40s-${n}`, `/api/v1/nodes/l40s-${n}/status`]),
    );
    const status = api.applied.find(({ path }) => path === "/api/v1/nodes/l40s-1/status");
    expect(status?.object).toMatchObject({ metadata: { name: "l40s-1" }, status: nodesOf([pool])[0]?.status });
    expect(api.removed).toEqual([]);
  });

  it("removes machines that are in no pool any more, and the pods on them", async () => {
    const api = new FakeApi({
      "/api/v1/nodes": { items: [ready("l40s-1"), ready("old-1")] },
      "/api/v1/pods": { items: [podOn("old-1", "chat-x"), podOn("l40s-1", "chat-y"), podOn(undefined, "chat-z")] },
    });
    expect(await applyNodes(api, [{ ...pool, nodes: 1 }])).toEqual(["old-1"]);
    expect(api.removed).toEqual([
      { path: "/api/v1/nodes/old-1", options: undefined },
      { path: "/api/v1/namespaces/serving/pods/chat-x", options: { gracePeriodSeconds: 0 } },
    ]);
  });

  it("asks only for nodes that are its own", async () => {
    const asked: string[] = [];
    const api = new FakeApi({});
    const get = api.get.bind(api);
    api.get = (path) => {
      asked.push(decodeURIComponent(path));
      return get(path);
    };
    await applyNodes(api, []);
    expect([...new Set(asked)]).toEqual(["/api/v1/nodes?labelSelector=modelyard.dev/simulated=true"]);
  });

  it("waits until every machine is ready", async () => {
    const notYet = { metadata: { name: "l40s-1" }, status: { conditions: [{ type: "Ready", status: "False" }] } };
    const api = new FakeApi({ "/api/v1/nodes": { items: [notYet] } });
    let done = false;
    const applied = applyNodes(api, [{ ...pool, nodes: 1 }]).then(() => (done = true));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(done).toBe(false);
    api.answers = { "/api/v1/nodes": { items: [ready("l40s-1")] } };
    await applied;
  });
});
