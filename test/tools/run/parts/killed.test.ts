import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { isMissing } from "../../../../tools/run/parts";
import { ensure } from "../../../../tools/run/parts/obtain";
import { processStart } from "../../../../tools/run/parts/processes";
import { recipes } from "../../../../tools/run/parts/recipes";
import { Machine, until } from "./fixtures";

const repository = path.resolve(__dirname, "../../../..");
const program = `
  const { ensureParts } = require("${repository}/tools/run/parts");
  const { silentProgress } = require("${repository}/tools/report/progress");
  ensureParts(["kwok"], { progress: silentProgress }).catch((error) => console.error(error.message));
`;

/** A whole process that is in the middle of building kwok, with a compiler that would take for ever. */
async function building(machine: Machine): Promise<{ tool: ChildProcess; compiler: number }> {
  const pidFile = path.join(machine.root, "compiler-pid");
  machine.installGo(`echo half > "$2kwok"; echo $$ > ${pidFile}.new; mv ${pidFile}.new ${pidFile}; exec sleep 300`);
  const tool = spawn(process.execPath, ["--require", "tsx/cjs", "-e", program], {
    cwd: repository,
    env: machine.environment,
    stdio: "inherit",
  });
  await until(() => fs.existsSync(pidFile));
  return { tool, compiler: Number(fs.readFileSync(pidFile, "utf8")) };
}

describe("a build whose process gets", () => {
  it.each(["SIGINT", "SIGTERM"] as const)("%s ends its compiler, cleans up and dies of that signal", async (signal) => {
    const machine = new Machine();
    const { tool, compiler } = await building(machine);
    tool.kill(signal);
    const [, died] = await once(tool, "exit");
    expect(died).toBe(signal);
    await until(() => processStart(compiler) === undefined);
    expect(machine.kept()).toEqual([]);
  });

  it("SIGKILL leaves nothing that is trusted, and the next run cleans up and ends the compiler", async () => {
    const machine = new Machine();
    const { tool, compiler } = await building(machine);
    tool.kill("SIGKILL");
    await once(tool, "exit");
    expect(processStart(compiler)).toBeDefined();
    expect(machine.kept()).toHaveLength(2);
    machine.installGo("exit 1");
    const { kwok } = recipes();
    const [answer] = await ensure(["kwok"], machine.context(kwok));
    expect(answer && isMissing(answer)).toBe(true);
    await until(() => processStart(compiler) === undefined);
    expect(machine.kept()).toEqual([]);
  });
});
