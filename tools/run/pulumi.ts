import { mkdirSync, renameSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import {
  LocalWorkspace,
  PulumiCommand,
  type LocalWorkspaceOptions,
  type EngineEvent,
  type PulumiFn,
  type Stack,
  type UpOptions,
} from "@pulumi/pulumi/automation";
import { PulumiError } from "./errors";
import { EventCollector, type RunReport } from "./events";
import { explained } from "./explained";
import { repairAttributes, requireWholeState, stateFolder } from "./state-file";
import { politeStop } from "./stop";

export { PulumiError } from "./errors";

/** The name in Pulumi.yaml. */
export const project = "modelyard";

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

export type Operation = "preview" | "up" | "refresh" | "destroy";

export interface RunOptions {
  readonly onProgress?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/** Resources are awaited side by side; waiting costs nothing. */
const parallel = 64;

/**
 * Opens a stack of the real Pulumi, whose program runs in this process.
 *
 * @throws PulumiError with what the CLI said, or when the state is not whole
 */
export async function openStack(target: Target): Promise<Stack> {
  const folder = stateFolder(backendOf(target));
  if (folder !== undefined) {
    repairAttributes(join(folder, ".pulumi", "stacks", project));
    requireWholeState(folder, project, target.stack);
  }
  try {
    return await open(target);
  } catch (error) {
    throw new PulumiError(`Pulumi cannot open the stack ${target.stack}: ${reason(error)}`);
  }
}

/** The backend's URL where the environment says it; undefined where only the CLI's own login does. */
export function backendOf(target: Target): string | undefined {
  return target.variables["PULUMI_BACKEND_URL"] ?? process.env["PULUMI_BACKEND_URL"];
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
  return LocalWorkspace.createOrSelectStack({ stackName: stack, projectName: project, program }, options);
}

/** Runs one operation to its end. What went wrong inside it is in the report, not thrown. */
export async function run(
  stack: Stack,
  operation: Operation,
  target: Target,
  options: RunOptions = {},
): Promise<RunReport> {
  const collector = new EventCollector(options.onProgress);
  const stop = politeStop(options.signal);
  const onEvent = (event: EngineEvent): void => {
    stop.hear(event.stdoutEvent?.message ?? "");
    collector.listen(event);
  };
  try {
    await operate(stack, operation, target, { onEvent, color: "never", parallel, signal: stop.signal });
    return collector.report();
  } catch (error) {
    const report = collector.report();
    const isExplained =
      report.errors.length > 0 || report.violations.some((violation) => violation.level === "mandatory");
    const errors = isExplained ? report.errors.map(explained) : [reason(error)];
    return { ...report, errors };
  } finally {
    stop.end();
  }
}

type Common = Pick<UpOptions, "onEvent" | "color" | "parallel" | "signal">;

async function operate(stack: Stack, operation: Operation, target: Target, common: Common): Promise<void> {
  const policyPacks = [...target.policyPacks];
  if (operation === "preview") await stack.preview({ ...common, policyPacks });
  else if (operation === "up") await stack.up({ ...common, policyPacks });
  else if (operation === "refresh") await stack.refresh({ ...common, clearPendingCreates: true });
  else await stack.destroy(common);
}

/** The Automation API's errors carry all that the CLI printed; the last lines say what was wrong. */
function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const stderr = /stderr: ([\s\S]*?)(?:\n\s*err\?: [\s\S]*)?$/.exec(message)?.[1] ?? "";
  const said = stderr
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("Command failed with exit code"));
  const words = said
    .join("\n")
    .replace(/^error: /, "")
    .trim();
  return explained(words === "" ? message : words);
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
