import type { Plan } from "../../planning";
import { findingTexts, readPlan, type ReadPlan } from "../../stacks/read-plan";
import { planText, usd } from "../report/plan-text";
import { openRecovered } from "../run/recovery";
import { openApi, provideClaims, type SimulatedClaim, type Simulation } from "../simulator";
import type { Command, ExitCode, Terminal } from "./command";
import { previewStep, takeTurn, updateStep } from "./steps";
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
    const { plan } = read;
    terminal.out(`${planText(plan)}\n`);
    for (const text of findingTexts(read)) terminal.err(text);
    return takeTurn(environment, "an update", terminal, (signal) =>
      options["simulate"] === true ? upSimulated(plan, terminal, signal) : upReal(read, terminal, signal),
    );
  },
};

async function upReal(read: ReadPlan, terminal: Terminal, signal: AbortSignal): Promise<ExitCode> {
  const target = await realTarget(read, terminal);
  const recovered = await openRecovered(target, terminal.progress, signal);
  const previewed = await previewStep(recovered.stack, target, terminal, signal);
  if (previewed.code !== 0) return previewed.code;
  const updated = await updateStep(recovered, previewed, target, terminal, signal);
  if (updated.code === 0) terminal.out(`policies: ${policyText(updated.report)}\n${usd(read.plan.cost.usdPerHour)}/h`);
  return updated.code;
}

async function upSimulated(plan: Plan, terminal: Terminal, signal: AbortSignal): Promise<ExitCode> {
  const { target, simulation } = await simulatedTarget(plan, terminal);
  const recovered = await openRecovered(target, terminal.progress, signal);
  const previewed = await previewStep(recovered.stack, target, terminal, signal);
  if (previewed.code !== 0) return previewed.code;
  const claims = claimsOf(plan);
  const provider = provideClaims(openApi(simulation.kubeconfig), claims);
  const guard = unschedulableGuard(simulation, plan);
  const either = AbortSignal.any([signal, guard.signal]);
  // Its timer would keep the process running when the update is refused.
  const updated = await updateStep(recovered, previewed, target, terminal, either).finally(() => {
    provider.stop();
    guard.end();
  });
  const stuck = guard.end();
  if (stuck.length > 0) terminal.err(["pods without a place:", ...stuck.map((line) => `  ${line}`)].join("\n"));
  if (updated.code !== 0 || stuck.length > 0) return 2;
  terminal.out(await summary(plan, simulation, claims, policyText(updated.report)));
  return 0;
}

/** Volumes with weights that somebody else provides on a real cluster. */
function claimsOf(plan: Plan): readonly SimulatedClaim[] {
  const names = Object.values(plan.releases).flatMap(({ weights }) => (weights.from === "pvc" ? [weights.claim] : []));
  return [...new Set(names)].map((name) => ({ namespace: plan.namespaces.serving.name, name }));
}

async function summary(
  plan: Plan,
  simulation: Simulation,
  claims: readonly SimulatedClaim[],
  policies: string,
): Promise<string> {
  const kubeconfig = fromHere(simulation.kubeconfig);
  const volumes = claims.map(({ name }) => `the volume claim ${name}: an empty volume`);
  const standIns = [...simulation.standIns, ...volumes].map((standIn) => `stand-in: ${standIn}`);
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
