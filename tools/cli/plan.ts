import { readPlan } from "../../stacks/read-plan";
import { planText } from "../report/plan-text";
import { UsageError, type Command } from "./command";

/** Version of the JSON; it rises when a field is removed or changes its meaning. */
const formatVersion = 1;

export const plan: Command = {
  summary: "What would be built: fit, durations, rollout room, dollars. Needs no cloud and no Pulumi CLI.",
  usage: "<environment> [--format table|json]",
  options: { format: { type: "string" } },
  run: (environment, options, terminal) => {
    const format = options["format"] ?? "table";
    if (format !== "table" && format !== "json")
      throw new UsageError(`--format is table or json, not ${JSON.stringify(format)}.`);
    const { plan, warnings } = readPlan(environment);
    for (const warning of warnings) terminal.err(warning);
    terminal.out(format === "json" ? JSON.stringify({ formatVersion, plan, warnings }, null, 2) : planText(plan));
    return Promise.resolve(0);
  },
};
