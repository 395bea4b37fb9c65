import type { Stack } from "@pulumi/pulumi/automation";
import { beginDestroy, beginUpdate, endDestroy, endUpdate, type ClusterTarget, type Recovered } from "../run/recovery";
import { inTurn } from "../run/turn";
import type { RunReport } from "../run/events";
import { run, type Operation, type Target } from "../run/pulumi";
import { findingTexts, type ReadPlan } from "../../stacks/read-plan";
import type { ExitCode, OptionValues, Terminal } from "./command";
import { root } from "./root";
import { chooseTarget, type ChosenTarget } from "./target";
import { changesText, hasMandatoryViolation, policyText, violationText } from "./run-report";

export interface StepResult {
  readonly code: ExitCode;
  readonly report: RunReport;
}

/** Runs a command while no other works on the environment. Told to stop, it comes to an orderly end with code 2. */
export function takeTurn(
  environment: string,
  title: string,
  { progress }: Terminal,
  work: (signal: AbortSignal) => Promise<ExitCode>,
): Promise<ExitCode> {
  return inTurn({ root, environment, title, progress }, async (signal) => {
    const code = await work(signal);
    if (code !== 0) signal.throwIfAborted();
    return code;
  });
}

/** Says what planning found, and runs a command on the environment's cluster or a simulated one, in its turn. */
export function takeTurnOn(
  read: ReadPlan,
  title: string,
  options: OptionValues,
  terminal: Terminal,
  work: (chosen: ChosenTarget, signal: AbortSignal) => Promise<ExitCode>,
): Promise<ExitCode> {
  for (const text of findingTexts(read)) terminal.err(text);
  return takeTurn(read.plan.environment, title, terminal, async (signal) =>
    work(await chooseTarget(read, options["simulate"] === true, terminal), signal),
  );
}

/** What would change, and whether the policies allow it. Policies stop a preview cleanly; in an update some resources already exist. */
export async function previewStep(
  stack: Stack,
  target: Target,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<StepResult> {
  const result = await operate("preview", "previewing with the policy pack", stack, target, terminal, signal);
  for (const violation of result.report.violations) terminal.err(violationText(violation));
  return result;
}

/** Brings up what was previewed, unless an object that would be created exists and is somebody else's. */
export async function updateStep(
  recovered: Recovered,
  { report: { creates } }: StepResult,
  target: ClusterTarget,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<StepResult> {
  await beginUpdate(recovered, creates, target, terminal.progress);
  const result = await operate("up", "bringing up", recovered.stack, target, terminal, signal);
  if (result.code === 0) await endUpdate(recovered, target, terminal.progress);
  return result;
}

export async function destroyStep(
  recovered: Recovered,
  target: ClusterTarget,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<StepResult> {
  beginDestroy(recovered, target);
  const result = await operate("destroy", "destroying", recovered.stack, target, terminal, signal);
  if (result.code === 0) await endDestroy(recovered, target, terminal.progress);
  return result;
}

async function operate(
  operation: Operation,
  title: string,
  stack: Stack,
  target: Target,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<StepResult> {
  signal.throwIfAborted();
  const step = terminal.progress.step(`${title}: ${target.stack}`);
  const onProgress = (text: string): void => {
    step.note(text);
  };
  const report = await run(stack, operation, target, { onProgress, signal });
  if (hasMandatoryViolation(report)) {
    step.fail(`${policyText(report)}; nothing was changed by this ${operation}`);
    return { code: 1, report };
  }
  if (report.errors.length > 0) {
    step.fail("Pulumi reports errors");
    for (const error of report.errors) terminal.err(error);
    return { code: 2, report };
  }
  if (signal.aborted) {
    // Pulumi may call it a success when it was stopped before it began.
    step.fail("stopped");
    return { code: 2, report };
  }
  step.done(changesText(report, operation === "preview" ? "future" : "past"));
  return { code: 0, report };
}
