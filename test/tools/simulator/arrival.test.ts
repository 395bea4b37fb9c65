import { describe, expect, it } from "vitest";
import { awaitPods } from "../../../tools/simulator/arrival";
import { FakeApi } from "./harness";

const podsPath = "/api/v1/namespaces/serving/pods";
const eventsPath = "/api/v1/namespaces/serving/events";

function pods(...phases: readonly string[]) {
  const labels = { "app.kubernetes.io/instance": "chat" };
  return {
    items: phases.map((phase, index) => ({
      metadata: { name: `chat-${index}`, uid: String(index), labels },
      status: { phase },
    })),
  };
}

function awaiting(api: FakeApi, seconds: number, signal = new AbortController().signal) {
  return awaitPods({ api, namespaces: ["serving"], expected: { chat: 2 }, seconds, signal });
}

describe("the wait for the pods of releases", () => {
  it("is over at once when all of them run; those of jobs that ended do not count", async () => {
    const api = new FakeApi({ [podsPath]: pods("Running", "Running", "Succeeded") });
    expect(await awaiting(api, 60)).toEqual({ running: 2, all: 2, lacking: [] });
  });

  it.each([
    ["was not made yet", ["Running"]],
    ["does not run yet", ["Running", "Pending"]],
    ["is one too many and does not run", ["Running", "Running", "Pending"]],
  ])("goes on while a pod %s", async (_case, phases) => {
    const api = new FakeApi({ [podsPath]: pods(...phases) });
    setTimeout(() => (api.answers = { [podsPath]: pods("Running", "Running") }), 50);
    expect(await awaiting(api, 60)).toEqual({ running: 2, all: 2, lacking: [] });
  });

  it("outlives a look that fails", async () => {
    const api = new FakeApi({ [podsPath]: { items: "busy" } });
    setTimeout(() => (api.answers = { [podsPath]: pods("Running", "Running") }), 50);
    expect(await awaiting(api, 60)).toMatchObject({ lacking: [] });
  });

  it("ends with the releases that lack pods, and what the cluster complained of last", async () => {
    const event = { involvedObject: { kind: "RayCluster", name: "chat" }, reason: "Failed", message: "no idea" };
    const ofPod = { involvedObject: { kind: "Pod", name: "chat-0" }, reason: "FailedScheduling", message: "no claim" };
    const api = new FakeApi({ [podsPath]: pods("Running"), [eventsPath]: { items: [event, ofPod, event] } });
    expect(await awaiting(api, 0)).toEqual({
      running: 1,
      all: 2,
      lacking: ["chat: 1 of 2 pods run", "  RayCluster/chat: Failed: no idea"],
    });
  });

  it("ends with what keeps pods from running, where that is known", async () => {
    const conditions = [{ type: "ReplicaFailure", status: "True", message: "no quota left" }];
    const replicaSet = { metadata: { name: "chat-7d9f", uid: "7" }, status: { conditions } };
    const api = new FakeApi({ "/apis/apps/v1/namespaces/serving/replicasets": { items: [replicaSet] } });
    expect((await awaiting(api, 0)).lacking).toEqual([
      "chat: 0 of 2 pods run",
      "  pods of chat-7d9f are not accepted: no quota left",
    ]);
  });

  it("ends at once when it is told to", async () => {
    const controller = new AbortController();
    const over = awaiting(new FakeApi({}), 3600, controller.signal);
    controller.abort();
    expect(await over).toMatchObject({ running: 0, all: 2 });
  });
});
