import { readPlan } from "../../stacks/read-plan";
import { openRecovered } from "../run/recovery";
import { stopSimulation } from "../simulator";
import { UsageError, type Command, type Terminal } from "./command";
import { root } from "./root";
import { destroyStep, takeTurn } from "./steps";
import { realTarget, simulatedTarget } from "./target";

export const destroy: Command = {
  summary: "Removes everything that the environment's stack holds; with --simulate the simulated cluster, too.",
  usage: "<environment> --simulate | --yes",
  options: { simulate: { type: "boolean" }, yes: { type: "boolean" } },
  async run(environment, options, terminal) {
    const title = "a destruction";
    if (options["simulate"] === true)
      return takeTurn(environment, title, terminal, (signal) => destroySimulated(environment, terminal, signal));
    if (options["yes"] !== true)
      throw new UsageError(`destroy removes everything of ${environment} from its cluster; say so with --yes.`);
    const read = readPlan(environment);
    return takeTurn(environment, title, terminal, async (signal) => {
      const target = await realTarget(read, terminal);
      const recovered = await openRecovered(target, terminal.progress, signal);
      return (await destroyStep(recovered, target, terminal, signal)).code;
    });
  },
};

async function destroySimulated(environment: string, terminal: Terminal, signal: AbortSignal) {
  const { plan } = readPlan(environment);
  const { target } = await simulatedTarget(plan, terminal);
  const recovered = await openRecovered(target, terminal.progress, signal);
  const { code } = await destroyStep(recovered, target, terminal, signal);
  if (code === 0) await stopSimulation({ root, environment, progress: terminal.progress });
  return code;
}
