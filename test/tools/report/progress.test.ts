import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { durationText, silentProgress, stepIfSlow, terminalProgress } from "../../../tools/report/progress";

class Recorder {
  text = "";
  constructor(
    readonly isTTY: boolean,
    readonly columns?: number,
  ) {}
  write(text: string): void {
    this.text += text;
  }
  /** What is left on the screen once every "cursor up, erase below" has been carried out. */
  screen(): string[] {
    const lines = [""];
    for (const piece of this.text.split(/(\u001b\[\d+A\u001b\[0J|\n)/)) {
      const erase = /^\u001b\[(\d+)A/.exec(piece);
      if (erase) lines.splice(lines.length - 1 - Number(erase[1]), Infinity, "");
      else if (piece === "\n") lines.push("");
      else lines.push(`${lines.pop() ?? ""}${piece}`);
    }
    return lines.slice(0, -1);
  }
}

const plain = { NO_COLOR: "1", TERM: "xterm" };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a duration", () => {
  it.each([
    [0, "0.0 s"],
    [3.72, "3.7 s"],
    [9.97, "10 s"],
    [62.4, "62 s"],
    [179.4, "179 s"],
    [179.6, "3 min"],
    [260, "4 min 20 s"],
  ])("of %d seconds reads %s", (seconds, text) => expect(durationText(seconds)).toBe(text));
});

describe("progress on a terminal", () => {
  it("keeps one live line per running step, with elapsed time and estimate", () => {
    const stream = new Recorder(true);
    const progress = terminalProgress(stream, plain);
    progress.step("building the Pulumi CLI with Go", 170);
    progress.step("waiting");
    vi.advanceTimersByTime(62_000);
    expect(stream.screen()).toEqual(["  building the Pulumi CLI with Go … 62 s of about 170 s", "  waiting … 62 s"]);
  });

  it("says so when a step takes longer than expected", () => {
    const stream = new Recorder(true);
    terminalProgress(stream, plain).step("building", 10);
    vi.advanceTimersByTime(25_000);
    expect(stream.screen()).toEqual(["  building … 25 s, usually about 10 s"]);
  });

  it("shows the latest note", () => {
    const stream = new Recorder(true);
    const step = terminalProgress(stream, plain).step("building");
    step.note("1 package");
    step.note("2 packages");
    expect(stream.screen()).toEqual(["  building … 0 s (2 packages)"]);
  });

  it("turns the line of a finished step into a lasting one and leaves the others live", () => {
    const stream = new Recorder(true);
    const progress = terminalProgress(stream, plain);
    const first = progress.step("first");
    progress.step("second");
    vi.advanceTimersByTime(4000);
    first.fail("no network");
    vi.advanceTimersByTime(1000);
    expect(stream.screen()).toEqual(["✗ first: no network (4.0 s)", "  second … 5 s"]);
  });

  it("cuts live lines to the width, because a wrapped line cannot be erased", () => {
    const stream = new Recorder(true, 20);
    terminalProgress(stream, plain).step("a title that is much too long");
    expect(stream.screen()).toEqual(["  a title that is …"]);
  });

  it("writes nothing while nothing changes", () => {
    const stream = new Recorder(true);
    terminalProgress(stream, plain).step("step");
    const before = stream.text;
    vi.advanceTimersByTime(900);
    expect(stream.text).toBe(before);
  });

  it("stops drawing when the last step is over, and ignores what comes after the end", () => {
    const stream = new Recorder(true);
    const step = terminalProgress(stream, plain).step("step");
    step.done("built");
    const before = stream.text;
    step.note("late");
    step.done();
    step.fail("late");
    vi.advanceTimersByTime(60_000);
    expect(stream.text).toBe(before);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    [{ TERM: "xterm" }, true],
    [{ TERM: "xterm", NO_COLOR: "1" }, false],
  ])("with %o colours: %s", (environment, colored) => {
    const stream = new Recorder(true);
    terminalProgress(stream, environment).step("step").done();
    expect(stream.text.includes("\u001b[32m")).toBe(colored);
  });
});

describe.each([
  ["a file or a CI log", new Recorder(false), { TERM: "xterm" }],
  ["a dumb terminal", new Recorder(true), { TERM: "dumb" }],
])("progress on %s", (_name, stream, environment) => {
  it("writes a line at the start, one every 15 seconds and one at the end, without escape codes", () => {
    const step = terminalProgress(stream, environment).step("building", 170);
    step.note("17 packages");
    vi.advanceTimersByTime(31_000);
    step.done("built");
    vi.advanceTimersByTime(60_000);
    expect(stream.text.split("\n")).toEqual([
      "building (about 170 s)",
      "building: 15 s of about 170 s, 17 packages",
      "building: 30 s of about 170 s, 17 packages",
      "building: built (31 s)",
      "",
    ]);
  });
});

describe("work that is usually quick", () => {
  const work = (milliseconds: number) => () =>
    new Promise<string>((resolve) => void setTimeout(() => resolve("result"), milliseconds));

  it("has no step when it is over within a second", async () => {
    const stream = new Recorder(false);
    const result = stepIfSlow(terminalProgress(stream), "looking", work(900));
    await vi.advanceTimersByTimeAsync(5000);
    expect(await result).toBe("result");
    expect(stream.text).toBe("");
  });

  it("has one when it takes longer", async () => {
    const stream = new Recorder(false);
    const result = stepIfSlow(terminalProgress(stream), "looking", work(3000));
    await vi.advanceTimersByTimeAsync(5000);
    await result;
    expect(stream.text).toBe("looking\nlooking: done (2.0 s)\n");
  });

  it("passes on the error and says that the step failed", async () => {
    const stream = new Recorder(false);
    const failing = (): Promise<never> =>
      new Promise((_resolve, reject) => void setTimeout(() => reject(new Error("no such host")), 2000));
    const result = expect(stepIfSlow(terminalProgress(stream), "looking", failing)).rejects.toThrow("no such host");
    await vi.advanceTimersByTimeAsync(5000);
    await result;
    expect(stream.text).toBe("looking\nlooking: failed, no such host (1.0 s)\n");
  });
});

describe("silent progress", () => {
  it("accepts a whole step and leaves no timer", () => {
    const step = silentProgress.step("step", 10);
    step.note("note");
    step.done();
    step.fail("late");
    expect(vi.getTimerCount()).toBe(0);
  });
});
