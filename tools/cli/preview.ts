import { readPlan } from "../../stacks/read-plan";
import { openStack } from "../run/pulumi";
import type { Command } from "./command";
import { policyText } from "./run-report";
import { previewStep, takeTurnOn } from "./steps";

export const preview: Command = {
  summary: "What an update would change, with the policy pack on; changes nothing.",
  usage: "<environment> [--simulate]",
  options: { simulate: { type: "boolean" } },
  run(environment, options, terminal) {
    return takeTurnOn(readPlan(environment), "a preview", options, terminal, async ({ target }, signal) => {
      const { code, report } = await previewStep(await openStack(target), target, terminal, signal);
      if (code === 0) terminal.out(`policies: ${policyText(report)}`);
      return code;
    });
  },
};
