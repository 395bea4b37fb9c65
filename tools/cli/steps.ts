import type { Stack } from "@pulumi/pulumi/automation";
import type { RunReport } from "../run/events";
import { run, type Operation, type Target } from "../run/pulumi";
import type { ExitCode, Terminal } from "./command";
import { changesText, hasMandatoryViolation, policyText, violationText } from "./run-report";

export interface StepResult {
  readonly code: ExitCode;
  readonly report: RunReport;
}

/** What would change, and whether the policies allow it. Policies stop a preview cleanly; in an update some resources already exist. */
export async function previewStep(stack: Stack, target: Target, terminal: Terminal): Promise<StepResult> {
  const result = await operate("preview", "previewing with the policy pack", stack, target, terminal);
  for (const violation of result.report.violations) terminal.err(violationText(violation));
  return result;
}

export function updateStep(
  stack: Stack,
  target: Target,
  terminal: Terminal,
  signal?: AbortSignal,
): Promise<StepResult> {
  return operate("up", "bringing up", stack, target, terminal, signal);
}

export function destroyStep(stack: Stack, target: Target, terminal: Terminal): Promise<StepResult> {
  return operate("destroy", "destroying", stack, target, terminal);
}

async function operate(
  operation: Operation,
  title: string,
  stack: Stack,
  target: Target,
  terminal: Terminal,
  signal?: AbortSignal,
): Promise<StepResult> {
  const step = terminal.progress.step(`${title}: ${target.stack}`);
  const onProgress = (text: string): void => {
    step.note(text);
  };
  const report = await run(stack, operation, target, signal === undefined ? { onProgress } : { onProgress, signal });
  if (hasMandatoryViolation(report)) {
    step.fail(`${policyText(report)}; nothing was changed by this ${operation}`);
    return { code: 1, report };
  }
  if (report.errors.length > 0) {
    step.fail("Pulumi reports errors");
    for (const error of report.errors) terminal.err(error);
    return { code: 2, report };
  }
  step.done(changesText(report, operation === "preview" ? "future" : "past"));
  return { code: 0, report };
}
