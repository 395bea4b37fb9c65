import { spawn, type ChildProcess } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { isAlive } from "../../../tools/run/parts/processes";
import { endNow, endProcesses, processesIn } from "../../../tools/simulator/processes";
import { script, temporaryFolder } from "./harness";

const started: ChildProcess[] = [];

/** Runs a sleep that is called by the name of another program in the folder, as kwokctl calls its own. */
function startAs(folder: string, name: string): ChildProcess {
  fs.mkdirSync(folder, { recursive: true });
  fs.symlinkSync("/bin/sleep", path.join(folder, name));
  const child = spawn(path.join(folder, name), ["60"], { stdio: "ignore" });
  started.push(child);
  return child;
}

afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

describe("processes of a control plane", () => {
  it("are known by the path of their program, and no others are", () => {
    const folder = temporaryFolder();
    const etcd = startAs(path.join(folder, "one", "bin"), "etcd");
    startAs(path.join(folder, "one-more", "bin"), "etcd");
    expect(processesIn(path.join(folder, "one"))).toMatchObject([{ name: "bin/etcd", pid: etcd.pid }]);
    expect(processesIn(path.join(folder, "one", "bin"))).toMatchObject([{ name: "etcd", pid: etcd.pid }]);
    expect(processesIn(path.join(folder, "on"))).toEqual([]);
  });

  it("are gone when they have been ended", async () => {
    const folder = temporaryFolder();
    for (const name of ["etcd", "kube-apiserver"]) startAs(folder, name);
    const found = processesIn(folder);
    expect(found).toHaveLength(2);
    await endProcesses(found);
    expect(found.filter(isAlive)).toEqual([]);
    expect(processesIn(folder)).toEqual([]);
  });

  it("are asked to end before they are killed when they have data to write, and only then", async () => {
    const folder = temporaryFolder();
    const said = path.join(folder, "said");
    const program = `trap "echo \${0##*/} >> ${said}; exit" TERM; while :; do sleep 0.02; done`;
    for (const name of ["etcd", "kube-apiserver"]) {
      const shell = script(path.join(folder, name), program);
      started.push(spawn("/bin/sh", [shell], { stdio: "ignore", argv0: shell }));
    }
    await expect.poll(() => processesIn(folder)).toHaveLength(2);
    await expect
      .poll(() =>
        processesIn(folder)
          .map(({ name }) => name)
          .sort(),
      )
      .toEqual(["etcd", "kube-apiserver"]);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await endProcesses(processesIn(folder));
    expect(fs.readFileSync(said, "utf8")).toBe("etcd\n");
  });

  it("are left alone when the id has gone to another process", async () => {
    const folder = temporaryFolder();
    startAs(folder, "etcd");
    const [found] = processesIn(folder);
    expect(found).toBeDefined();
    if (!found) return;
    const former = { ...found, start: `${found.start}0` };
    endNow([former]);
    await endProcesses([former]);
    expect(isAlive(found)).toBe(true);
  });
});
