import { operators as catalogue, type OperatorId } from "../../../catalog/operators";
import type { Progress, Step } from "../../report/progress";
import type { Parts } from "../../run/parts";
import { isAlive } from "../../run/parts/processes";
import { openApi } from "../api";
import { SimulatorError } from "../errors";
import type { SimulationFolder } from "../folder";
import { readKubeconfig } from "../kubeconfig";
import { endProcesses, processesIn } from "../processes";
import { readRecord } from "../record";
import { controllers } from "./controllers";
import { applyDefinitions, applyWebhooks, readManifests, webhooksAt, type Manifests } from "./manifests";
import { controllerPrograms, readControllers, writeControllers, type ControllerRecord } from "./record";
import { configurationOf, startController } from "./run";

/*
 * What a simulated cluster proves of custom resources: the API server takes them by their publishers' own schemas
 * and, for LeaderWorkerSet, webhooks; the real controllers of LeaderWorkerSet and KubeRay make the pods, with their
 * labels, variables and Services; the real scheduler finds them places. What it does not: that anything in the pods
 * works (no Ray answers, so a RayService is never ready and is not upgraded), that KEDA scales, that Prometheus
 * scrapes. KEDA's and the Prometheus operator's own admission webhooks are not run.
 */

/** An operator as its part holds it. */
export interface SimulatedOperator {
  readonly id: OperatorId;
  /** The folder with its manifests, one object in each JSON file. */
  readonly manifests: string;
  /** Absolute path of its controller's program; undefined for one of which a simulated cluster has definitions only. */
  readonly program: string | undefined;
}

/** Operators out of parts that were obtained under their ids. */
export function operatorsFrom(parts: Parts, ids: readonly OperatorId[]): readonly SimulatedOperator[] {
  return [...new Set(ids)].map((id) => {
    const { program } = controllers[id] ?? {};
    return { id, manifests: parts.manifests(id), program: program === undefined ? undefined : parts.program(program) };
  });
}

export interface OperatorsOptions {
  readonly folder: SimulationFolder;
  readonly operators: readonly SimulatedOperator[];
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * Makes a running cluster's operators those that are given: installs their definitions, starts their controllers
 * or uses those that run, and ends those of others. Definitions of operators that are not wanted any more stay:
 * removing one would remove every object of its kind. The caller holds the lock.
 */
export async function ensureOperators(options: OperatorsOptions): Promise<void> {
  const { folder, operators, progress } = options;
  const recorded = readControllers(folder);
  if (operators.length === 0 && recorded.length === 0) return;
  const titles = operators.map(({ id }) => catalogue[id].title).join(", ");
  const step = progress.step(operators.length === 0 ? "removing operators" : `installing operators: ${titles}`, 15);
  try {
    await installOperators(options, recorded, step);
    step.done();
  } catch (error) {
    step.fail(error instanceof Error ? (error.message.split("\n", 1)[0] ?? "") : String(error));
    throw error;
  }
}

async function installOperators(
  { folder, operators, signal }: OperatorsOptions,
  recorded: readonly ControllerRecord[],
  step: Step,
): Promise<void> {
  const api = openApi(folder.kubeconfig);
  const installed = operators.map((operator) => ({ ...operator, ...readManifests(operator.manifests) }));
  const usable = recorded.filter((controller) => isUsable(controller, operators));
  await endOthers(folder, usable);
  for (const { id, definitions } of installed) {
    step.note(`definitions of ${catalogue[id].title}`);
    await applyDefinitions(api, definitions);
  }
  const running = [...usable];
  for (const { id, program } of installed) {
    const controller = controllers[id];
    if (controller === undefined || program === undefined || running.some(({ process: { name } }) => name === id))
      continue;
    step.note(`starting ${catalogue[id].title}`);
    running.push(await startController({ id, controller, program, folder, slot: slotOf(folder), signal }));
    writeControllers(folder, running);
  }
  writeControllers(folder, running);
  await applyWebhooks(api, webhooksOf(folder, installed, running));
}

function isUsable({ process, configuration }: ControllerRecord, operators: readonly SimulatedOperator[]): boolean {
  const operator = operators.find(({ id }) => id === process.name);
  const controller = operator && controllers[operator.id];
  if (operator?.program === undefined || controller === undefined || !isAlive(process)) return false;
  return configuration === configurationOf({ id: operator.id, controller, program: operator.program });
}

/** Those of a start that was killed halfway are on no record, but are known by the path of their program. */
async function endOthers(folder: SimulationFolder, kept: readonly ControllerRecord[]): Promise<void> {
  const ids = new Set(kept.map(({ process: { pid } }) => pid));
  await endProcesses(processesIn(controllerPrograms(folder)).filter(({ pid }) => !ids.has(pid)));
}

function webhooksOf(
  folder: SimulationFolder,
  installed: readonly (SimulatedOperator & Manifests)[],
  running: readonly ControllerRecord[],
): ReturnType<typeof webhooksAt> {
  const { certificateAuthority } = readKubeconfig(folder.kubeconfig);
  return installed.flatMap(({ id, webhooks }) => {
    const controller = running.find(({ process: { name } }) => name === id);
    if (controller === undefined) return [];
    return webhooksAt({ operator: id, port: controller.ports.webhook, certificateAuthority }, webhooks);
  });
}

function slotOf(folder: SimulationFolder): number {
  const record = readRecord(folder);
  if (record === undefined) throw new SimulatorError("The simulated control plane does not run.");
  return record.slot;
}
