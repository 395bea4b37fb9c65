import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { isDead, ownerInName, temporaryName, thisProcess } from "../../../../tools/run/parts/owner";
import { lastWords, processStart, run } from "../../../../tools/run/parts/processes";
import { temporaryFolder, until } from "./fixtures";

const environment = process.env;

/** A shell command that writes the id of a grandchild down and then lasts longer than any test. */
function family(): { file: string; command: string; grandchild: () => number } {
  const file = path.join(temporaryFolder(), "pid");
  const grandchild = (): number => Number(fs.readFileSync(file, "utf8"));
  return { file, command: `sleep 300 & echo $! > ${file}.new; mv ${file}.new ${file}; wait`, grandchild };
}

describe("the start of a process", () => {
  it("is the same each time it is asked for, and differs between processes", async () => {
    const child = spawn("sleep", ["300"]);
    await once(child, "spawn");
    const start = processStart(child.pid ?? 0);
    expect(start).toBeDefined();
    expect(processStart(child.pid ?? 0)).toBe(start);
    expect(processStart(process.pid)).not.toBe(start);
    child.kill("SIGKILL");
    await once(child, "close");
    expect(processStart(child.pid ?? 0)).toBeUndefined();
  });
});

describe("an owner", () => {
  it("can be read from a temporary name again", () => {
    expect(ownerInName(temporaryName("kwok-0.8.0-linux-amd64-0123456789ab"))).toEqual(thisProcess());
  });

  it.each(["kwok-0.8.0-linux-amd64-0123456789ab", "kwok.lock", "kwok.tmp-x"])("is not in the name %s", (name) => {
    expect(ownerInName(name)).toBeUndefined();
  });

  it("is alive while its process runs, dead when its id belongs to a process of another start", () => {
    expect(isDead(thisProcess())).toBe(false);
    expect(isDead({ ...thisProcess(), start: "1" })).toBe(true);
  });

  it("on another machine is not known to be dead", () => {
    expect(isDead({ pid: 1, start: "1", host: "00000000" })).toBe(false);
  });
});

describe("a program that is run", () => {
  it("gives its code and both outputs, and its error lines as they come", async () => {
    const lines: string[] = [];
    const result = await run("/bin/sh", ["-c", "echo out; echo a >&2; printf 'b\\nc' >&2; exit 3"], {
      environment,
      onErrorLine: (line) => lines.push(line),
    });
    expect(result).toEqual({ code: 3, output: "out\n", errors: "a\nb\nc" });
    expect(lines).toEqual(["a", "b"]);
  });

  it("that does not exist is an error with its name", async () => {
    await expect(run("/no/such/program", [], { environment })).rejects.toThrow("/no/such/program");
  });

  it("is ended with its children when the signal aborts", async () => {
    const { file, command, grandchild } = family();
    const controller = new AbortController();
    const running = run("/bin/sh", ["-c", command], { environment, signal: controller.signal });
    const stopped = expect(running).rejects.toThrow("enough");
    await until(() => fs.existsSync(file));
    controller.abort(new Error("enough"));
    await stopped;
    await until(() => processStart(grandchild()) === undefined);
  });

  it("is ended with its children when it takes too long", async () => {
    const { file, command, grandchild } = family();
    const running = run("/bin/sh", ["-c", command], { environment, seconds: 1 });
    await expect(running).rejects.toThrow("did not end within 1 s");
    expect(fs.existsSync(file)).toBe(true);
    await until(() => processStart(grandchild()) === undefined);
  });

  it("is not started when the signal has already aborted", async () => {
    const running = run("/no/such/program", [], { environment, signal: AbortSignal.abort(new Error("enough")) });
    await expect(running).rejects.toThrow("enough");
  });
});

describe("the last words of a program", () => {
  it.each([
    [{ output: "out", errors: "one\ntwo\n\nthree\nfour\n" }, "two / three / four"],
    [{ output: "only out\n", errors: " \n" }, "only out"],
    [{ output: "", errors: "" }, ""],
  ])("of %o are %j", (result, words) => expect(lastWords(result)).toBe(words));
});
