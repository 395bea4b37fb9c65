import { describe, expect, it } from "vitest";
import { ApiError } from "../../../tools/simulator/api";
import { problemText, readPods, type PodProblem } from "../../../tools/simulator/pods";
import { FakeApi } from "./harness";

function pod(name: string, status: object, release?: string) {
  const labels = release === undefined ? {} : { labels: { "app.kubernetes.io/instance": release } };
  return { metadata: { name, uid: `uid-${name}`, ...labels }, status };
}

function cluster(
  pods: readonly object[],
  replicaSets: readonly object[] = [],
  events: readonly object[] = [],
  others: Readonly<Record<string, object>> = {},
): FakeApi {
  return new FakeApi({
    ...others,
    "/api/v1/namespaces/serving/pods": { items: pods },
    "/apis/apps/v1/namespaces/serving/replicasets": { items: replicaSets },
    "/api/v1/namespaces/serving/events": { items: events },
  });
}

function unschedulable(message: string) {
  const conditions = [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }];
  return { phase: "Pending", conditions };
}

async function lines(api: FakeApi): Promise<readonly string[]> {
  return (await readPods(api, ["serving"])).problems.map(problemText);
}

describe("pods of namespaces", () => {
  it("are counted by release", async () => {
    const pods = [
      pod("chat-1", { phase: "Running" }, "chat"),
      pod("chat-2", { phase: "Pending" }, "chat"),
      pod("chat-3", { phase: "Failed" }, "chat"),
      pod("loose", { phase: "Running" }),
    ];
    const { releases, problems } = await readPods(cluster(pods), ["serving", "elsewhere"]);
    expect(releases).toEqual({
      chat: { running: 1, pending: 1, other: 1 },
      "": { running: 1, pending: 0, other: 0 },
    });
    expect(problems).toEqual([]);
  });

  it.each([
    // Messages of kube-scheduler 1.35 and 1.31.
    [
      "0/2 nodes are available: 2 Insufficient nvidia.com/gpu. no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
      "0/2 nodes are available: 2 Insufficient nvidia.com/gpu",
    ],
    [
      "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint {nvidia.com/gpu: present}. preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod.",
      "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint {nvidia.com/gpu: present}",
    ],
    ["no nodes available to schedule pods", "no nodes available to schedule pods"],
  ])(
    "that cannot be scheduled are named with the scheduler's reason, without its words on preemption",
    async (message, reason) => {
      const api = cluster([pod("chat-x", unschedulable(message), "chat")]);
      expect(await lines(api)).toEqual([`chat-x cannot be scheduled: ${reason}`]);
    },
  );

  it("that do not start are named with the reason and the last events", async () => {
    const waiting = { state: { waiting: { reason: "CrashLoopBackOff", message: "back-off 10s" } } };
    const status = { phase: "Running", containerStatuses: [{ state: {} }, waiting] };
    const event = (reason: string, uid = "uid-chat-x") => ({
      involvedObject: { uid },
      type: "Warning",
      reason,
      message: "said so",
    });
    const events = [event("One"), event("Two"), event("Three"), event("Other", "uid-other"), event("Three")];
    expect(await lines(cluster([pod("chat-x", status)], [], events))).toEqual([
      "chat-x does not start: CrashLoopBackOff: back-off 10s (Two: said so; Three: said so)",
    ]);
  });

  it.each(["ContainerCreating", "PodInitializing"])("that are just starting (%s) are no problem", async (reason) => {
    const status = { phase: "Pending", initContainerStatuses: [{ state: { waiting: { reason } } }] };
    expect(await lines(cluster([pod("chat-x", status)]))).toEqual([]);
  });

  it("that are over are no problem, whatever their last words were", async () => {
    const waiting = [{ state: { waiting: { reason: "Error" } } }];
    expect(await lines(cluster([pod("job", { phase: "Succeeded", containerStatuses: waiting })]))).toEqual([]);
  });

  it("that may not be made at all are reported for their ReplicaSet", async () => {
    const condition = (status: string) => ({
      type: "ReplicaFailure",
      status,
      reason: "FailedCreate",
      message: 'violates PodSecurity "restricted"',
    });
    const set = (name: string, status: string) => ({
      metadata: { name, uid: name },
      status: { conditions: [condition(status)] },
    });
    expect(await lines(cluster([], [set("rogue-1", "True"), set("healed-1", "False")]))).toEqual([
      'pods of rogue-1 are not accepted: violates PodSecurity "restricted"',
    ]);
  });
});

describe("pods that an operator may not make", () => {
  it("are reported for KubeRay's cluster, which says so itself", async () => {
    // KubeRay 1.5.1.
    const message = 'FailedCreateHeadPod\npods "chat-head" is forbidden: exceeded quota: pods';
    const conditions = [{ type: "ReplicaFailure", status: "True", reason: "FailedCreateHeadPod", message }];
    const rayCluster = { metadata: { name: "chat-abcde", uid: "1" }, status: { conditions } };
    const api = cluster([], [], [], {
      "/apis/ray.io/v1/namespaces/serving/rayclusters": { items: [rayCluster] },
    });
    expect(await lines(api)).toEqual([
      'pods of chat-abcde are not accepted: FailedCreateHeadPod: pods "chat-head" is forbidden: exceeded quota: pods',
    ]);
  });

  it.each([
    ["lacks pods", 1, ["pods of chat-0 are not accepted: no quota left"]],
    ["has all of them by now", 2, []],
  ])("are reported for a StatefulSet that %s, by its last failure", async (_case, replicas, expected) => {
    const set = { metadata: { name: "chat-0", uid: "1" }, spec: { replicas: 2 }, status: { replicas } };
    const event = (reason: string, message: string, uid: string) => ({ involvedObject: { uid }, reason, message });
    const events = [
      event("FailedCreate", "quota unknown", "1"),
      event("FailedCreate", "no quota left", "1"),
      event("RecreateFailed", "something else", "1"),
      event("FailedCreate", "of another", "2"),
    ];
    const api = cluster([], [], events, { "/apis/apps/v1/namespaces/serving/statefulsets": { items: [set] } });
    expect(await lines(api)).toEqual(expected);
  });

  it("are none where the cluster knows no such operator", async () => {
    const api = cluster([pod("chat-1", { phase: "Running" }, "chat")]);
    const get = (path: string) =>
      path.includes("ray.io")
        ? Promise.reject(new ApiError("no such kind", 404))
        : FakeApi.prototype.get.call(api, path);
    const { problems, releases } = await readPods(Object.assign(api, { get }), ["serving"]);
    expect({ problems, releases: Object.keys(releases) }).toEqual({ problems: [], releases: ["chat"] });
  });
});

describe("a problem in words", () => {
  it("has no events where the reason says it all", () => {
    const problem: PodProblem = {
      id: "1",
      kind: "unschedulable",
      namespace: "serving",
      name: "chat-x",
      reason: "no room",
      events: ["FailedScheduling: no room"],
    };
    expect(problemText(problem)).toBe("chat-x cannot be scheduled: no room");
    expect(problemText({ ...problem, kind: "not-starting" })).toBe(
      "chat-x does not start: no room (FailedScheduling: no room)",
    );
  });
});
