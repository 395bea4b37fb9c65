import { getStack, log, RunError } from "@pulumi/pulumi";
import { deploy } from "./deploy";
import { requireContext } from "./kubeconfig";
import { contextPlace, findingTexts, isForPeople, readPlan } from "./read-plan";

/** The program of every stack: `pulumi up -s prod` brings up what `stacks/prod.yaml` describes. */
async function program() {
  try {
    const read = readPlan(getStack());
    requireContext(read.plan.context, contextPlace(read));
    for (const text of findingTexts(read)) await log.warn(text);
    return deploy(read.plan);
  } catch (error) {
    throw isForPeople(error) ? withoutStack(error.message) : error;
  }
}

/** Pulumi's Node host spends half a minute on the stack trace of an error that has one, and people need none. */
function withoutStack(message: string): RunError {
  const error = new RunError(message);
  error.stack = message;
  return error;
}

// Pulumi's CommonJS host calls what the module itself is, not its default export.
export = program;
