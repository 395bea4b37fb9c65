import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { silentProgress } from "../../../../tools/report/progress";
import { withLock } from "../../../../tools/run/parts/lock";
import { thisProcess, type Owner } from "../../../../tools/run/parts/owner";
import { processStart } from "../../../../tools/run/parts/processes";
import { RecordingProgress, temporaryFolder, until } from "./fixtures";

const title = "getting the toy";
const quiet = { progress: silentProgress, title };

function lockFile(holder?: Owner | string): string {
  const file = path.join(temporaryFolder(), "locks", "toy.lock");
  if (holder !== undefined) {
    fs.mkdirSync(path.dirname(file));
    fs.writeFileSync(file, typeof holder === "string" ? holder : JSON.stringify(holder));
  }
  return file;
}

describe("a lock", () => {
  it("is held during the work, and gone without a trace after it", async () => {
    const file = lockFile();
    const during = await withLock(
      file,
      quiet,
      async (): Promise<unknown> => JSON.parse(fs.readFileSync(file, "utf8")) as unknown,
    );
    expect(during).toEqual({ ...thisProcess(), title: "getting the toy" });
    expect(fs.readdirSync(path.dirname(file))).toEqual([]);
  });

  it("is released when the work fails", async () => {
    const file = lockFile();
    await expect(withLock(file, quiet, () => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
    expect(fs.existsSync(file)).toBe(false);
  });

  it("is released at once when the work is aborted, even if the process ends before the work does", async () => {
    const file = lockFile();
    const controller = new AbortController();
    const work = withLock(file, { ...quiet, signal: controller.signal }, async () => {
      controller.abort(new Error("stop"));
      return fs.existsSync(file);
    });
    expect(await work).toBe(false);
  });

  it.each([
    ["whose process is dead", { ...thisProcess(), pid: 2 ** 22 + 1 }],
    ["whose process id belongs to another process now", { ...thisProcess(), start: "1" }],
    ["of another machine", { ...thisProcess(), host: "00000000" }],
    ["that is empty", ""],
    ["that is garbage", "{"],
  ])("%s does not count", async (_title, holder) => {
    const file = lockFile(holder);
    expect(await withLock(file, quiet, async () => "done")).toBe("done");
    expect(fs.readdirSync(path.dirname(file))).toEqual([]);
  });

  it.each([
    ["says what for", { title: "an update of local" }, "an update of local, "],
    ["does not say what for", {}, ""],
  ])("of a living process that %s is waited for, and taken once that process is dead", async (_title, says, said) => {
    const other = spawn("sleep", ["300"]);
    await once(other, "spawn");
    const pid = other.pid ?? 0;
    const file = lockFile(JSON.stringify({ ...thisProcess(), pid, start: processStart(pid) ?? "", ...says }));
    const progress = new RecordingProgress();
    let taken = false;
    const work = withLock(file, { progress, title }, async () => void (taken = true));
    await until(() => progress.lines.length > 0);
    expect(progress.lines).toEqual([`start waiting for another run (${said}process ${pid})`]);
    expect(taken).toBe(false);
    other.kill("SIGKILL");
    await work;
    expect(taken).toBe(true);
    expect(progress.lines).toHaveLength(2);
  });

  it("is no longer waited for when the signal aborts", async () => {
    const file = lockFile(thisProcess());
    const controller = new AbortController();
    const progress = new RecordingProgress();
    const options = { progress, title, signal: controller.signal };
    const waiting = expect(withLock(file, options, async () => undefined)).rejects.toThrow();
    await until(() => progress.lines.length > 0);
    controller.abort();
    await waiting;
    expect(fs.existsSync(file)).toBe(true);
  });

  it("lets only one work at a time, however many come and whatever was left before", async () => {
    const leftovers = fc.constantFrom(undefined, "", { ...thisProcess(), start: "1" });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 4 }), leftovers, async (workers, leftover) => {
        const file = lockFile(leftover);
        let inside = 0;
        let most = 0;
        const work = async (): Promise<void> => {
          most = Math.max(most, ++inside);
          await new Promise((resolve) => setTimeout(resolve, 1));
          inside--;
        };
        await Promise.all(Array.from({ length: workers }, () => withLock(file, quiet, work)));
        expect(most).toBe(1);
      }),
      { numRuns: 4 },
    );
  });
});
