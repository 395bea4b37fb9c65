import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { explained } from "../../../tools/run/explained";
import { politeStop } from "../../../tools/run/stop";

describe("stopping Pulumi", () => {
  test("asks it when it does not stop by itself", async () => {
    const outer = new AbortController();
    const stop = politeStop(outer.signal, 5);
    stop.hear("");
    expect(stop.signal.aborted).toBe(false);
    outer.abort();
    await sleep(30);
    expect(stop.signal.aborted).toBe(true);
    stop.end();
  });

  test("waits until it runs: before that, the Automation API would not pass it on", async () => {
    const outer = new AbortController();
    const stop = politeStop(outer.signal, 5);
    outer.abort();
    await sleep(30);
    expect(stop.signal.aborted).toBe(false);
    stop.hear("");
    await sleep(30);
    expect(stop.signal.aborted).toBe(true);
    stop.end();
  });

  test("does not ask twice when the terminal has asked already: that would make it drop everything", async () => {
    const outer = new AbortController();
    const stop = politeStop(outer.signal, 5);
    outer.abort();
    stop.hear("^C received; cancelling. If you would like to terminate immediately, press ^C again.\n");
    await sleep(30);
    expect(stop.signal.aborted).toBe(false);
    stop.end();
  });

  test("asks nobody after the operation has ended", async () => {
    const outer = new AbortController();
    const stop = politeStop(outer.signal, 5);
    stop.hear("");
    outer.abort();
    stop.end();
    await sleep(30);
    expect(stop.signal.aborted).toBe(false);
  });
});

test.each([
  ["get stack secrets manager: incorrect passphrase", /PULUMI_CONFIG_PASSPHRASE/],
  ["write /state/x.tmp: no space left on device", /disk .* is full/],
  ["the stack is currently locked by 1 lock(s)", /pulumi cancel/],
  ['policy pack "/p" failed to start: could not read plugin [/a]: exit status -1', /nothing more is changed/],
  ["failed to run remediation: error reading from server: connection reset by peer", /nothing more is changed/],
])("what Pulumi says gets what to do: %s", (message, advice) => {
  expect(explained(message).startsWith(message)).toBe(true);
  expect(explained(message)).toMatch(advice);
  expect(explained(explained(message))).toBe(explained(message));
});

test.each(["resource refused", 'policy pack "/p" failed to start: could not read plugin [/a]: exit status 1'])(
  "what is not known is passed on as it is: %s",
  (message) => {
    expect(explained(message)).toBe(message);
  },
);
