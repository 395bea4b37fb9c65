import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import {
  LocalWorkspace,
  PulumiCommand,
  type LocalWorkspaceOptions,
  type PulumiFn,
  type Stack,
} from "@pulumi/pulumi/automation";
import { EventCollector, type RunReport } from "./events";

/** Where Pulumi runs and what it is told from outside the program. */
export interface Target {
  /** The environment's name, which is the stack's. */
  readonly stack: string;
  readonly program: PulumiFn;
  /** Folder of the Pulumi.yaml. */
  readonly folder: string;
  /** The Pulumi CLI. */
  readonly pulumi: string;
  /** Environment variables beside those of this process. */
  readonly variables: Readonly<Record<string, string>>;
  /** Makes a Pulumi.yaml in the folder in place of one that is there. */
  readonly projectSettings?: LocalWorkspaceOptions["projectSettings"];
  /** Folders of policy packs. */
  readonly policyPacks: readonly string[];
}

export type Operation = "preview" | "up" | "destroy";

export interface RunOptions {
  readonly onProgress?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/** Resources are awaited side by side; waiting costs nothing. */
const parallel = 64;

/** Opens a stack of the real Pulumi, whose program runs in this process. */
export async function openStack(target: Target): Promise<Stack> {
  const pulumiCommand = await PulumiCommand.get({ root: installationOf(target.pulumi, target.folder) });
  const options: LocalWorkspaceOptions = {
    workDir: target.folder,
    pulumiCommand,
    envVars: environment(target),
    ...(target.projectSettings === undefined ? {} : { projectSettings: target.projectSettings }),
  };
  const { stack, program } = target;
  return LocalWorkspace.createOrSelectStack({ stackName: stack, projectName: "modelyard", program }, options);
}

/** Runs one operation to its end. What went wrong inside it is in the report, not thrown. */
export async function run(
  stack: Stack,
  operation: Operation,
  target: Target,
  options: RunOptions = {},
): Promise<RunReport> {
  const collector = new EventCollector(options.onProgress);
  const common = {
    onEvent: collector.listen,
    color: "never" as const,
    parallel,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  const policyPacks = [...target.policyPacks];
  try {
    if (operation === "preview") await stack.preview({ ...common, policyPacks });
    else if (operation === "up") await stack.up({ ...common, policyPacks });
    else await stack.destroy(common);
    return collector.report();
  } catch (error) {
    const report = collector.report();
    const explained =
      report.errors.length > 0 || report.violations.some((violation) => violation.level === "mandatory");
    return explained ? report : { ...report, errors: [reason(error)] };
  }
}

/** The Automation API's errors carry all that the CLI printed; the last lines say what was wrong. */
function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const stderr = /stderr: ([\s\S]*?)(?:\n\s*err\?: [\s\S]*)?$/.exec(message)?.[1]?.trim();
  return stderr === undefined || stderr === "" ? message : stderr;
}

function environment(target: Target): Record<string, string> {
  const analyzer = join(__dirname, "analyzer");
  return {
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_ERROR_OUTPUT_STRING: "true",
    MODELYARD_NODE: process.execPath,
    ...target.variables,
    PATH: [analyzer, target.variables["PATH"] ?? process.env["PATH"] ?? ""].join(delimiter),
  };
}

/** The Automation API wants an installation's root, with the CLI as `bin/pulumi` in it. */
function installationOf(pulumi: string, folder: string): string {
  const root = join(folder, ".pulumi-cli");
  mkdirSync(join(root, "bin"), { recursive: true });
  const link = join(root, "bin", "pulumi");
  rmSync(link, { force: true });
  symlinkSync(pulumi, link);
  return root;
}
