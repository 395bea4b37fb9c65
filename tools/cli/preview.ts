import { findingTexts, readPlan } from "../../stacks/read-plan";
import { openStack } from "../run/pulumi";
import type { Command } from "./command";
import { policyText } from "./run-report";
import { previewStep, takeTurn } from "./steps";
import { realTarget, simulatedTarget } from "./target";

export const preview: Command = {
  summary: "What an update would change, with the policy pack on; changes nothing.",
  usage: "<environment> [--simulate]",
  options: { simulate: { type: "boolean" } },
  async run(environment, options, terminal) {
    const read = readPlan(environment);
    const { plan } = read;
    for (const text of findingTexts(read)) terminal.err(text);
    return takeTurn(environment, "a preview", terminal, async (signal) => {
      const target =
        options["simulate"] === true
          ? (await simulatedTarget(plan, terminal)).target
          : await realTarget(read, terminal);
      const { code, report } = await previewStep(await openStack(target), target, terminal, signal);
      if (code === 0) terminal.out(`policies: ${policyText(report)}`);
      return code;
    });
  },
};
