import { execFileSync } from "node:child_process";
import { closeSync, openSync, readFileSync, rmSync, statfsSync, statSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test, type TestContext } from "vitest";
import { simulationOf } from "./checkout";
import { begin, readState, says, stateFile } from "./interrupting";
import { SimulatedEnvironment } from "./simulated-environment";

let local: SimulatedEnvironment;

beforeAll(async () => {
  local = await SimulatedEnvironment.prepare();
});

afterAll(() => local.end());

/** Does something while Pulumi's state is on a small disk of its own; without the right to mount one, skips. */
async function onSmallDisk(context: TestContext, work: (folder: string) => Promise<void>): Promise<void> {
  await local.startCluster();
  const folder = join(simulationOf(local.checkout, local.name), "pulumi/state");
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", folder], { stdio: "pipe" });
  } catch {
    context.skip("a small disk cannot be mounted here: this was not tested");
  }
  try {
    await work(folder);
  } finally {
    // What is left of the environment is on the small disk.
    room(folder);
    await local.destroy();
    execFileSync("umount", [folder]);
  }
}

/** Makes the disk so small that only this much is left. */
function leave(folder: string, kibibytes: number): void {
  const { blocks, bfree, bsize } = statfsSync(folder);
  const usedKiB = ((blocks - bfree) * bsize) / 1024;
  execFileSync("mount", ["-o", `remount,size=${usedKiB + kibibytes}k`, folder]);
}

/** Writes until nothing more can be written. */
function fill(file: string): void {
  const descriptor = openSync(file, "a");
  const page = Buffer.alloc(4096);
  try {
    for (;;) writeSync(descriptor, page);
  } catch (error) {
    expect(error).toMatchObject({ code: "ENOSPC" });
  } finally {
    closeSync(descriptor);
  }
}

const room = (folder: string): void => leave(folder, 32 * 1024);

test("a full disk stops `up` before it begins what it could not record", async (context) => {
  await onSmallDisk(context, async (folder) => {
    expect((await local.up()).code).toBe(0);
    local.changeStack((text) => text.replace("32768", "16000"));
    leave(folder, 96);
    const state = readFileSync(stateFile(local.checkout, local.name), "utf8");
    const { code, stderr } = await local.up();
    expect(stderr).toMatch(/The disk that holds Pulumi's state is full: .* has 0\.1 MiB left/);
    expect(stderr).not.toContain("bringing up");
    expect(code).toBe(2);
    expect(readFileSync(stateFile(local.checkout, local.name), "utf8")).toBe(state);
    room(folder);
    await local.expectUp(await local.up());
  });
});

/** Pulumi tries to write each checkpoint ten times, for half a minute; there may be one for every object that it was making. */
const patience = 900_000;

test(
  "a disk that fills in the middle of `up` ends it with what to do; with room, `up` goes on and nothing is lost",
  async (context) => {
    await onSmallDisk(context, async (folder) => {
      const filler = join(folder, "filler");
      const command = begin(local.checkout, ["up", local.name, "--simulate"]);
      expect(await says(command, "bringing up")).toBe(true);
      while (readState(local.checkout, local.name).objects.length < 10 && !command.isOver()) await sleep(10);
      fill(filler);
      const { code, stderr } = await command.ended;
      expect(stderr).toContain("The disk that holds Pulumi's state is full.");
      expect(stderr).not.toContain("    at ");
      expect(code).toBe(2);
      const made = await local.labelled();
      expect(made.length).toBeGreaterThanOrEqual(3);
      rmSync(filler);
      // Whether the last write replaced state and copy by half of themselves depends on the moment: the worst is taken.
      const state = stateFile(local.checkout, local.name);
      for (const file of [state, `${state}.bak`]) truncateSync(file, Math.floor(statSync(file).size / 2));
      const namespace = await local.kubectl("get", "namespace/local-serving", "--output=jsonpath={.metadata.uid}");
      const next = await local.up();
      expect(next.stderr).toContain("going back to a good copy of the state, of which an interrupted run wrote half");
      await local.expectUp(next);
      expect(await local.kubectl("get", "namespace/local-serving", "--output=jsonpath={.metadata.uid}")).toBe(
        namespace,
      );
      expect(await local.labelled()).toEqual(expect.arrayContaining([...made]));
    });
  },
  patience,
);
