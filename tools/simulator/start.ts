import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isReady } from "./api";
import { SimulatorError } from "./errors";
import type { SimulationFolder } from "./folder";
import { adminAccess, type Access } from "./kubeconfig";
import { componentNames, controlPlaneFolder, createCluster, kwokctlConfiguration, type Programs } from "./kwokctl";
import type { Ports } from "./ports";
import { endNow, endProcesses, processesIn, type ClusterProcess } from "./processes";

/** A program of the control plane ended while the others were starting. */
export class ComponentDiedError extends SimulatorError {
  constructor(
    readonly component: string,
    /** The last lines that it wrote. */
    readonly log: string,
    file: string,
  ) {
    super(`${component} of the simulated control plane ended while it was starting: ${log}\nIts whole log: ${file}`);
  }

  /** Some other program was quicker to take one of the ports. */
  get portTaken(): boolean {
    return /address already in use/.test(this.log);
  }
}

export interface StartOptions {
  readonly folder: SimulationFolder;
  readonly programs: Programs;
  readonly ports: Ports;
  readonly signal: AbortSignal;
}

export interface StartedControlPlane {
  readonly access: Access;
  readonly processes: readonly ClusterProcess[];
}

/**
 * Starts the five programs and waits until the API server is ready. If anything goes wrong on the way,
 * an interrupt included, none of them is left running.
 */
export async function startControlPlane(options: StartOptions): Promise<StartedControlPlane> {
  const controlPlane = controlPlaneFolder(options.folder.cluster);
  const processes = (): readonly ClusterProcess[] => processesIn(path.join(controlPlane, "bin"));
  const endAtOnce = (): void => {
    endNow(processes());
  };
  options.signal.addEventListener("abort", endAtOnce, { once: true });
  try {
    await untilStarted(options, controlPlane);
    const access = adminAccess(controlPlane, options.ports.apiServer);
    await untilReady(access, controlPlane, options.signal);
    return { access, processes: processes() };
  } catch (error) {
    // A program that kwokctl was just about to start is known by its own name only a moment later.
    await sleep(pollMilliseconds);
    await endProcesses(processes());
    throw error;
  } finally {
    options.signal.removeEventListener("abort", endAtOnce);
  }
}

/** kwokctl itself does not notice that a program which it started has ended, and waits for minutes. */
async function untilStarted({ folder, programs, ports, signal }: StartOptions, controlPlane: string): Promise<void> {
  const died = new AbortController();
  const over = new AbortController();
  const both = AbortSignal.any([signal, died.signal]);
  const create = createCluster({
    workFolder: folder.cluster,
    kwokctl: programs.kwokctl,
    configuration: kwokctlConfiguration(programs, ports),
    signal: both,
  });
  const watch = watchForDeath(controlPlane, over.signal).then((error) => {
    if (error) died.abort(error);
  });
  try {
    await create;
  } finally {
    over.abort();
    await watch;
  }
}

const pollMilliseconds = 100;
const readySeconds = 60;

async function untilReady(access: Access, controlPlane: string, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + readySeconds * 1000;
  while (!(await isReady(access))) {
    signal.throwIfAborted();
    const error = deadComponent(controlPlane, componentNames);
    if (error) throw error;
    if (performance.now() > deadline) {
      const logs = path.join(controlPlane, "logs");
      throw new SimulatorError(
        `The simulated API server was not ready within ${readySeconds} s. Its log is in ${logs}.`,
      );
    }
    await sleep(pollMilliseconds);
  }
  const error = deadComponent(controlPlane, componentNames);
  if (error) throw error;
}

async function watchForDeath(controlPlane: string, over: AbortSignal): Promise<ComponentDiedError | undefined> {
  while (!over.aborted) {
    const error = deadComponent(controlPlane, startedComponents(controlPlane));
    if (error) return error;
    await sleep(pollMilliseconds);
  }
  return undefined;
}

/** The programs that kwokctl has started so far: it writes a file with the id of each. */
function startedComponents(controlPlane: string): readonly string[] {
  return componentNames.filter((name) => fs.existsSync(path.join(controlPlane, "pids", `${name}.pid`)));
}

function deadComponent(controlPlane: string, names: readonly string[]): ComponentDiedError | undefined {
  const alive = new Set(processesIn(path.join(controlPlane, "bin")).map(({ name }) => name));
  const dead = names.find((name) => !alive.has(name));
  if (dead === undefined) return undefined;
  const file = path.join(controlPlane, "logs", `${dead}.log`);
  return new ComponentDiedError(dead, lastLines(file), file);
}

const keptLines = 3;

/** The end of a log, for an error message. */
export function lastLines(file: string): string {
  if (!fs.existsSync(file)) return "it wrote no log";
  const lines = fs
    .readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "");
  return lines.length === 0 ? "it wrote nothing" : lines.slice(-keptLines).join("\n");
}
