import { mkdirSync, renameSync, symlinkSync } from "node:fs";
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
  /** A folder of ours for a link to it, in the layout that the Automation API expects. */
  readonly installation: string;
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

/** Pulumi refused before it ran anything: not logged in, a wrong passphrase, a state that cannot be read. */
export class PulumiError extends Error {
  override readonly name = "PulumiError";
}

/**
 * Opens a stack of the real Pulumi, whose program runs in this process.
 *
 * @throws PulumiError with what the CLI said
 */
export async function openStack(target: Target): Promise<Stack> {
  try {
    return await open(target);
  } catch (error) {
    throw new PulumiError(`Pulumi cannot open the stack ${target.stack}: ${reason(error)}`);
  }
}

async function open(target: Target): Promise<Stack> {
  const pulumiCommand = await PulumiCommand.get({ root: linked(target) });
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
  const stderr = /stderr: ([\s\S]*?)(?:\n\s*err\?: [\s\S]*)?$/.exec(message)?.[1] ?? "";
  const said = stderr
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("Command failed with exit code"));
  return said.length === 0
    ? message
    : said
        .join("\n")
        .replace(/^error: /, "")
        .trim();
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
function linked({ pulumi, installation }: Target): string {
  const folder = join(installation, "bin");
  mkdirSync(folder, { recursive: true });
  const link = join(folder, "pulumi");
  // Renamed into place: another command may be starting the CLI through the link at this moment.
  const fresh = `${link}.${process.pid}`;
  symlinkSync(pulumi, fresh);
  renameSync(fresh, link);
  return installation;
}
