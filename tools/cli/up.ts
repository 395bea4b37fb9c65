import type { Plan } from "../../planning";
import { readPlan, type ReadPlan } from "../../stacks/read-plan";
import { planText, usd } from "../report/plan-text";
import { openStack } from "../run/pulumi";
import type { Simulation } from "../simulator";
import type { Command, ExitCode, Terminal } from "./command";
import { previewStep, updateStep } from "./steps";
import { policyText } from "./run-report";
import { fromHere } from "./root";
import { realTarget, simulatedTarget } from "./target";
import { podsText, unschedulableGuard } from "./pods";

export const up: Command = {
  summary: "Previews with the policy pack, then brings the environment up. --simulate: on a simulated cluster.",
  usage: "<environment> [--simulate]",
  options: { simulate: { type: "boolean" } },
  async run(environment, options, terminal) {
    const read = readPlan(environment);
    const { plan, warnings } = read;
    terminal.out(`${planText(plan)}\n`);
    for (const warning of warnings) terminal.err(warning);
    if (options["simulate"] !== true) return upReal(read, terminal);
    return upSimulated(plan, terminal);
  },
};

async function upReal(read: ReadPlan, terminal: Terminal): Promise<ExitCode> {
  const target = await realTarget(read, terminal);
  const stack = await openStack(target);
  const previewed = await previewStep(stack, target, terminal);
  if (previewed.code !== 0) return previewed.code;
  const updated = await updateStep(stack, target, terminal);
  if (updated.code === 0) terminal.out(`policies: ${policyText(updated.report)}\n${usd(read.plan.cost.usdPerHour)}/h`);
  return updated.code;
}

async function upSimulated(plan: Plan, terminal: Terminal): Promise<ExitCode> {
  const { target, simulation } = await simulatedTarget(plan, terminal);
  const stack = await openStack(target);
  const previewed = await previewStep(stack, target, terminal);
  if (previewed.code !== 0) return previewed.code;
  const guard = unschedulableGuard(simulation, plan);
  const updated = await updateStep(stack, target, terminal, guard.signal);
  const stuck = guard.end();
  if (stuck.length > 0) terminal.err(["pods without a place:", ...stuck.map((line) => `  ${line}`)].join("\n"));
  if (updated.code !== 0 || stuck.length > 0) return 2;
  terminal.out(await summary(plan, simulation, policyText(updated.report)));
  return 0;
}

async function summary(plan: Plan, simulation: Simulation, policies: string): Promise<string> {
  const kubeconfig = fromHere(simulation.kubeconfig);
  const standIns = simulation.standIns.length === 0 ? [] : [`stand-ins: ${simulation.standIns.join("; ")}`];
  return [
    `pods: ${await podsText(simulation, plan)}`,
    "simulated: API server, scheduler and controllers are real; machines and containers are not, and no engine serves tokens",
    ...standIns,
    `policies: ${policies}`,
    `cost: ${usd(plan.cost.usdPerHour)}/h if this ran on the machines that the environment names`,
    "",
    "Next:",
    `  kubectl --kubeconfig ${kubeconfig} get pods -A`,
    `  npx modelyard plan ${plan.environment}`,
    `  npx modelyard destroy ${plan.environment} --simulate`,
  ].join("\n");
}
