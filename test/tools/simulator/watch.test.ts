import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PodProblem } from "../../../tools/simulator/pods";
import { watchForUnschedulable, type Watch } from "../../../tools/simulator/watch";
import { FakeApi } from "./harness";

const podsPath = "/api/v1/namespaces/serving/pods";
const conditions = [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: "no room" }];
const stuck = (name: string) => ({ metadata: { name, uid: name }, status: { phase: "Pending", conditions } });

let api: FakeApi;
let watch: Watch;
let calls: (readonly PodProblem[])[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  api = new FakeApi({});
  calls = [];
});
afterEach(() => {
  watch.stop();
  vi.useRealTimers();
});

function start(seconds?: number): void {
  const onUnschedulable = (problems: readonly PodProblem[]): void => void calls.push(problems);
  watch = watchForUnschedulable({
    api,
    namespaces: ["serving"],
    onUnschedulable,
    ...(seconds === undefined ? {} : { seconds }),
  });
}

function show(...items: readonly object[]): void {
  api.answers = { [podsPath]: { items } };
}

describe("the watch for pods without a place", () => {
  it("calls once when a pod has had none for 20 seconds", async () => {
    show(stuck("chat-x"));
    start();
    await vi.advanceTimersByTimeAsync(19_500);
    expect(calls).toEqual([]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls.map((problems) => problems.map(({ name }) => name))).toEqual([["chat-x"]]);
  });

  it("begins to count again when a pod has found a place, or is another one", async () => {
    start(5);
    for (const name of ["a", "b", "c", "d"]) {
      show(stuck(name));
      await vi.advanceTimersByTimeAsync(4000);
    }
    show();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(calls).toEqual([]);
  });

  it("does not count pods that have a place and only start slowly", async () => {
    const waiting = [{ state: { waiting: { reason: "ImagePullBackOff" } } }];
    show({ metadata: { name: "slow", uid: "slow" }, status: { phase: "Pending", containerStatuses: waiting } });
    start(5);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(calls).toEqual([]);
  });

  it("goes on when the cluster does not answer for a while", async () => {
    show(stuck("chat-x"));
    start(5);
    const get = api.get.bind(api);
    api.get = () => Promise.reject(new Error("busy"));
    await vi.advanceTimersByTimeAsync(3000);
    api.get = get;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(calls).toHaveLength(1);
  });

  it("does not call any more when it was stopped, not even for a look that was under way", async () => {
    show(stuck("chat-x"));
    start(1);
    await vi.advanceTimersByTimeAsync(500);
    const answers: ((value: unknown) => void)[] = [];
    api.get = (path) =>
      path === podsPath ? new Promise((resolve) => answers.push(resolve)) : Promise.resolve({ items: [] });
    await vi.advanceTimersByTimeAsync(5000);
    watch.stop();
    expect(answers).toHaveLength(1);
    answers[0]?.({ items: [stuck("chat-x")] });
    await vi.advanceTimersByTimeAsync(5000);
    expect(calls).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
