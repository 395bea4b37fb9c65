import { readPlan } from "../../stacks/read-plan";
import { openStack } from "../run/pulumi";
import type { Command } from "./command";
import { policyText } from "./run-report";
import { previewStep } from "./steps";
import { realTarget, simulatedTarget } from "./target";

export const preview: Command = {
  summary: "What an update would change, with the policy pack on; changes nothing.",
  usage: "<environment> [--simulate]",
  options: { simulate: { type: "boolean" } },
  async run(environment, options, terminal) {
    const read = readPlan(environment);
    const { plan, warnings } = read;
    for (const warning of warnings) terminal.err(warning);
    const target =
      options["simulate"] === true ? (await simulatedTarget(plan, terminal)).target : await realTarget(read, terminal);
    const { code, report } = await previewStep(await openStack(target), target, terminal);
    if (code === 0) terminal.out(`policies: ${policyText(report)}`);
    return code;
  },
};
