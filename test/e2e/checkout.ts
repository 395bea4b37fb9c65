import { execFile, execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(__dirname, "../..");

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A copy of this checkout, as its files stand now, in which stacks can be changed and environments brought up. */
export class Checkout {
  readonly folder = mkdtempSync(join(tmpdir(), "modelyard-e2e-"));

  constructor() {
    const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
      cwd: root,
      encoding: "utf8",
    });
    // Git goes on listing a file that was deleted until that is committed.
    for (const file of listed.split("\n").filter((line) => line !== "" && existsSync(join(root, line))))
      cpSync(join(root, file), join(this.folder, file), { errorOnExist: false });
    symlinkSync(join(root, "node_modules"), join(this.folder, "node_modules"));
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.folder, file), text);
  }

  /** An environment that only these tests have. */
  addEnvironment(name: string, stage: string, stack: string): void {
    this.write(`stacks/${name}.yaml`, stack);
    this.write(`policies/environments/${name}.yaml`, `stage: ${stage}\n`);
  }

  modelyard(...args: readonly string[]): Promise<CommandResult> {
    return this.run(process.execPath, [join(this.folder, "tools/cli/modelyard.cjs"), ...args]);
  }

  run(file: string, args: readonly string[], variables: NodeJS.ProcessEnv = process.env): Promise<CommandResult> {
    return new Promise((resolve) => {
      execFile(
        file,
        [...args],
        { cwd: this.folder, env: variables, maxBuffer: 64 * 1024 * 1024 },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
          resolve({ code, stdout, stderr });
        },
      );
    });
  }

  /** Processes whose command line names this checkout. */
  processes(): readonly string[] {
    const listed = execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" });
    return listed.split("\n").filter((line) => line.includes(this.folder) && !line.includes("ps -eo"));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Folder of an environment's simulation. */
export function simulationOf(checkout: Checkout, environment: string): string {
  return join(checkout.folder, ".modelyard", environment);
}
