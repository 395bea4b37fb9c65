import { readPlan } from "../../stacks/read-plan";
import { openStack } from "../run/pulumi";
import { stopSimulation } from "../simulator";
import { UsageError, type Command, type Terminal } from "./command";
import { root } from "./root";
import { destroyStep } from "./steps";
import { realTarget, simulatedTarget } from "./target";

export const destroy: Command = {
  summary: "Removes everything that the environment's stack holds; with --simulate the simulated cluster, too.",
  usage: "<environment> --simulate | --yes",
  options: { simulate: { type: "boolean" }, yes: { type: "boolean" } },
  async run(environment, options, terminal) {
    if (options["simulate"] === true) return destroySimulated(environment, terminal);
    if (options["yes"] !== true)
      throw new UsageError(`destroy removes everything of ${environment} from its cluster; say so with --yes.`);
    const target = await realTarget(readPlan(environment), terminal);
    return (await destroyStep(await openStack(target), target, terminal)).code;
  },
};

async function destroySimulated(environment: string, terminal: Terminal) {
  const { plan } = readPlan(environment);
  const { target } = await simulatedTarget(plan, terminal);
  const stack = await openStack(target);
  const { code } = await destroyStep(stack, target, terminal);
  if (code === 0) await stopSimulation({ root, environment, progress: terminal.progress });
  return code;
}
