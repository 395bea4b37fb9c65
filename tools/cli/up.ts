import type { Plan } from "../../planning";
import { readPlan } from "../../stacks/read-plan";
import { planText, usd } from "../report/plan-text";
import { stepIfSlow } from "../report/progress";
import { openRecovered } from "../run/recovery";
import {
  missingSecrets,
  openApi,
  provideClaims,
  type Arrival,
  type SimulatedClaim,
  type Simulation,
} from "../simulator";
import type { Command, ExitCode, Terminal } from "./command";
import { previewStep, takeTurnOn, updateStep, type StepResult } from "./steps";
import { policyText } from "./run-report";
import { fromHere } from "./root";
import { awaitReleases, namespacesOf, unschedulableGuard } from "./pods";

export const up: Command = {
  summary: "Previews with the policy pack, then brings the environment up. --simulate: on a simulated cluster.",
  usage: "<environment> [--simulate]",
  options: { simulate: { type: "boolean" } },
  run(environment, options, terminal) {
    const read = readPlan(environment);
    terminal.out(`${planText(read.plan)}\n`);
    return takeTurnOn(read, "an update", options, terminal, async ({ target, simulation }, signal) => {
      const recovered = await openRecovered(target, terminal.progress, signal);
      const previewed = await previewStep(recovered.stack, target, terminal, signal);
      if (previewed.code !== 0) return previewed.code;
      const update: Update = (until) => updateStep(recovered, previewed, target, terminal, until);
      return simulation === undefined
        ? upReal(read.plan, update, terminal, signal)
        : upSimulated(read.plan, simulation, update, terminal, signal);
    });
  },
};

/** Brings up what was previewed, unless it is told to stop. */
type Update = (signal: AbortSignal) => Promise<StepResult>;

async function upReal(plan: Plan, update: Update, terminal: Terminal, signal: AbortSignal): Promise<ExitCode> {
  const { code, report } = await update(signal);
  if (code === 0) terminal.out(`policies: ${policyText(report)}\n${usd(plan.cost.usdPerHour)}/h`);
  return code;
}

async function upSimulated(
  plan: Plan,
  simulation: Simulation,
  update: Update,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const claims = claimsOf(plan);
  const provider = provideClaims(openApi(simulation.kubeconfig), claims);
  const guard = unschedulableGuard(simulation, plan);
  const until = AbortSignal.any([signal, guard.signal]);
  const bringUp = async () => {
    const { code, report } = await update(until);
    if (code !== 0) return { report };
    // Pulumi knows of the pods of Deployments only.
    const wait = () => awaitReleases(simulation, plan, until);
    return { report, arrival: await stepIfSlow(terminal.progress, "waiting for the pods", wait) };
  };
  // Its timer would keep the process running when the update is refused.
  const { report, arrival } = await bringUp().finally(() => {
    provider.stop();
    guard.end();
  });
  const stuck = guard.end();
  const [title, lines] =
    stuck.length > 0 ? ["pods without a place:", stuck] : ["pods that do not run:", arrival?.lacking ?? []];
  if (lines.length > 0) terminal.err([title, ...lines.map((line) => `  ${line}`)].join("\n"));
  if (arrival === undefined || lines.length > 0) return 2;
  terminal.out(await summary(plan, simulation, claims, arrival, policyText(report)));
  return 0;
}

/** Volumes with weights that somebody else provides on a real cluster. */
function claimsOf(plan: Plan): readonly SimulatedClaim[] {
  const volumes = Object.values(plan.releases).flatMap(({ pod }) => Object.values(pod.volumes));
  const names = volumes.flatMap((volume) => (volume.kind === "claim" ? [volume.claim] : []));
  const declared = new Set(
    Object.values(plan.releases).flatMap(({ buckets = [] }) => buckets.map(({ claim }) => claim)),
  );
  return [...new Set(names)]
    .filter((name) => !declared.has(name))
    .map((name) => ({ namespace: plan.namespaces.serving.name, name }));
}

async function summary(
  plan: Plan,
  simulation: Simulation,
  claims: readonly SimulatedClaim[],
  { running, all }: Arrival,
  policies: string,
): Promise<string> {
  const kubeconfig = fromHere(simulation.kubeconfig);
  const volumes = claims.map(({ name }) => `the volume claim ${name}: an empty volume`);
  const secrets = await secretStandIns(plan, simulation);
  const standIns = [...simulation.standIns, ...volumes, ...secrets].map((standIn) => `stand-in: ${standIn}`);
  return [
    `pods: ${running} of ${all} Running`,
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

/** Secrets that somebody else provides on a real cluster. */
async function secretStandIns(plan: Plan, { kubeconfig }: Simulation): Promise<readonly string[]> {
  const api = openApi(kubeconfig);
  const missing = await Promise.all(namespacesOf(plan).map((namespace) => missingSecrets(api, namespace)));
  return missing.flat().map((name) => `the Secret ${name}: not there; a real pod would wait for it`);
}
