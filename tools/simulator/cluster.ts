import fs from "node:fs";
import path from "node:path";
import type { Progress, Step } from "../report/progress";
import { isAlive } from "../run/parts/processes";
import { isReady } from "./api";
import type { SimulationFolder } from "./folder";
import { adminAccess, writeKubeconfig, type Access } from "./kubeconfig";
import { componentNames, controlPlaneFolder, kwokctlConfiguration, type Programs } from "./kwokctl";
import { controllerPrograms } from "./operators/record";
import { reservePorts, type Ports } from "./ports";
import { endProcesses, processesIn, type ClusterProcess } from "./processes";
import { hasData, readRecord, writeRecord, type ClusterRecord } from "./record";
import { ComponentDiedError, startControlPlane } from "./start";

export interface ClusterOptions {
  readonly folder: SimulationFolder;
  /** Name of the cluster in the kubeconfig: the one that the environment file gives it. */
  readonly context: string;
  readonly programs: Programs;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * How a control plane came to run: made empty; found running; or started again, after a stop or because
 * part of it had died, with the objects that it had.
 */
export type Started = "new" | "reused" | "repaired";

/** Makes sure that the control plane runs and that the kubeconfig leads to it. The caller holds the lock. */
export async function ensureCluster(options: ClusterOptions): Promise<Started> {
  const { folder, context, programs } = options;
  const record = readRecord(folder);
  const running = record && (await runningAccess(folder, programs, record));
  if (running) {
    writeKubeconfig(folder.kubeconfig, context, running);
    return "reused";
  }
  const step = options.progress.step(`starting a simulated Kubernetes control plane for ${folder.environment}`, 5);
  try {
    const started = await startAgain(options, record, step);
    step.done(started === "new" ? undefined : "with the objects it had");
    return started;
  } catch (error) {
    step.fail(error instanceof Error ? (error.message.split("\n", 1)[0] ?? "") : String(error));
    throw error;
  }
}

/** Ends every process of the control plane and of operators, and waits until they are gone. Its data stays. */
export async function stopCluster(folder: SimulationFolder): Promise<void> {
  await endProcesses(processesOf(folder));
}

/** Stops the control plane and removes everything of the environment. */
export async function deleteCluster(folder: SimulationFolder): Promise<void> {
  await stopCluster(folder);
  fs.rmSync(folder.path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

/** Every process of the cluster: those known by their program's path, and those on record, in case the folder was moved. */
function processesOf(folder: SimulationFolder): readonly ClusterProcess[] {
  const programs = [controllerPrograms(folder), path.join(controlPlaneFolder(folder.cluster), "bin")];
  const found = programs.flatMap(processesIn);
  const recorded = (readRecord(folder)?.processes ?? []).filter(isAlive);
  return [...found, ...recorded.filter(({ pid }) => !found.some((each) => each.pid === pid))];
}

async function runningAccess(
  folder: SimulationFolder,
  programs: Programs,
  record: ClusterRecord,
): Promise<Access | undefined> {
  const alive = new Set(processesIn(path.join(controlPlaneFolder(folder.cluster), "bin")).map(({ name }) => name));
  if (!componentNames.every((name) => alive.has(name)) || !hasData(folder)) return undefined;
  if (record.configuration !== configurationText(programs)) return undefined;
  const access = adminAccess(controlPlaneFolder(folder.cluster), record.port);
  return (await isReady(access)) ? access : undefined;
}

/** A busy machine may lose several races for ports, but not many. */
const attempts = 4;

async function startAgain(options: ClusterOptions, record: ClusterRecord | undefined, step: Step): Promise<Started> {
  const { folder } = options;
  await stopCluster(folder);
  let keepsData = record !== undefined && hasData(folder);
  for (let attempt = 1; ; attempt++) {
    if (!keepsData) forget(folder);
    try {
      await startOnFreePorts(options, attempt === 1 ? record?.slot : undefined);
      return keepsData ? "repaired" : "new";
    } catch (error) {
      if (attempt === attempts || !(error instanceof ComponentDiedError)) throw error;
      if (error.portTaken) step.note("another program took a port; trying others");
      else if (keepsData && error.component === "etcd") {
        step.note("its data cannot be read any more; starting with an empty cluster");
        keepsData = false;
      } else throw error;
    }
  }
}

/** State before cluster: were it the other way round, a kill in between would leave state of an empty cluster. */
function forget(folder: SimulationFolder): void {
  for (const each of [folder.state, folder.cluster]) fs.rmSync(each, { recursive: true, force: true });
}

async function startOnFreePorts(options: ClusterOptions, preferred: number | undefined): Promise<void> {
  const { folder, context, programs, signal } = options;
  const { ports, slot, release } = await reservePorts(preferred);
  try {
    const { access, processes } = await startControlPlane({ folder, programs, ports, signal });
    writeKubeconfig(folder.kubeconfig, context, access);
    const configuration = configurationText(programs);
    writeRecord(folder, { format: 1, slot, port: ports.apiServer, configuration, processes: [...processes] });
  } finally {
    await release();
  }
}

const noPorts: Ports = { etcd: 0, etcdPeer: 0, apiServer: 0, controllerManager: 0, scheduler: 0, kwok: 0 };

/** Everything but the ports, which differ from start to start. */
function configurationText(programs: Programs): string {
  return JSON.stringify(kwokctlConfiguration(programs, noPorts));
}
