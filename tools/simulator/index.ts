import fs from "node:fs";
import type { ProjectSettings } from "@pulumi/pulumi/automation";
import { stepIfSlow, type Progress } from "../report/progress";
import { interruptible } from "../run/parts/interrupt";
import { withLock } from "../run/parts/lock";
import { openApi } from "./api";
import { deleteCluster, ensureCluster, stopCluster, type Started } from "./cluster";
import { simulationFolder, type SimulationFolder } from "./folder";
import { makeHome } from "./home";
import { programsOf, type ClusterProgram } from "./kwokctl";
import { applyNodes, type SimulatedPool } from "./nodes";
import { ensureOperators, type SimulatedOperator } from "./operators";
import { operatorStandIns } from "./operators/stand-ins";

export { awaitPods, type Arrival, type ArrivalOptions } from "./arrival";
export { provideClaims, type ClaimProvider, type SimulatedClaim } from "./claims";
export { openApi, type KubernetesApi } from "./api";
export { SimulatorError } from "./errors";
export type { SimulatedPool, SimulatedResources, SimulatedTaint } from "./nodes";
export { operatorsFrom, type SimulatedOperator } from "./operators";
export { problemText, readPods, type PodCounts, type PodProblem, type PodReport } from "./pods";
export { missingSecrets } from "./secrets";
export { applyStrictly, type StrictAnswer, type StrictOptions } from "./strict";
export { watchForUnschedulable, type Watch, type WatchOptions } from "./watch";
export { simulated } from "./wrap";

/** A simulated environment that runs. */
export interface Simulation {
  readonly environment: string;
  /** Everything of it is in this folder. */
  readonly folder: string;
  /** Leads to this cluster and no other; its only context has the name that the environment gives it. */
  readonly kubeconfig: string;
  /** Folder for Pulumi.yaml and stack settings. */
  readonly projectFolder: string;
  readonly projectSettings: ProjectSettings;
  /** Environment variables for the engine: a Pulumi home of its own, state, passphrase, kubeconfig. */
  readonly variables: Readonly<Record<string, string>>;
  /** What is not the real thing beyond machines and containers, in words for the report. */
  readonly standIns: readonly string[];
  readonly started: Started;
}

interface Place {
  /** The project's folder; a simulation lives in `.modelyard/<environment>` of it. */
  readonly root: string;
  /** A DNS label. */
  readonly environment: string;
  readonly progress: Progress;
  /** Interrupts the work. SIGINT and SIGTERM do so without it, too. */
  readonly signal?: AbortSignal;
}

export interface SimulationOptions extends Place {
  /** The name that the environment file gives its cluster. */
  readonly context: string;
  readonly pools: readonly SimulatedPool[];
  /** What the cluster has beyond Kubernetes itself, from `operatorsFrom`. @default none */
  readonly operators?: readonly SimulatedOperator[];
  /** Absolute path of a program. */
  readonly program: (name: ClusterProgram | "pulumi-resource-kubernetes") => string;
}

/**
 * Makes sure that the simulated cluster of an environment runs with the machines of its pools and its operators,
 * and that Pulumi has a home for it. What runs is used again; what died is started again with the objects it had.
 *
 * @throws SimulatorError with what is wrong and what to do
 */
export async function startSimulation(options: SimulationOptions): Promise<Simulation> {
  const { context, pools, operators = [], progress } = options;
  return exclusively(options, `starting the simulated cluster of ${options.environment}`, async (folder, signal) => {
    const programs = programsOf(options.program);
    const started = await ensureCluster({ folder, context, programs, progress, signal });
    await stepIfSlow(progress, "adding the simulated machines", () => applyNodes(openApi(folder.kubeconfig), pools));
    await ensureOperators({ folder, operators, progress, signal });
    const kubernetesProvider = options.program("pulumi-resource-kubernetes");
    const home = makeHome({ folder, kubernetesProvider, environment: process.env });
    const { environment, path, kubeconfig } = folder;
    const projectSettings: ProjectSettings = { name: "modelyard", runtime: "nodejs" };
    const standIns = [...home.standIns, ...operatorStandIns(operators.map(({ id }) => id))];
    return { environment, folder: path, kubeconfig, projectSettings, started, ...home, standIns };
  });
}

/** Ends every process of a simulated environment. Its cluster's objects and Pulumi's state stay for the next start. */
export async function stopSimulation(place: Place): Promise<void> {
  const title = `stopping the simulated cluster of ${place.environment}`;
  await exclusively(place, title, (folder) => stepIfSlow(place.progress, title, () => stopCluster(folder)));
}

/** Ends every process of a simulated environment and removes its folder. */
export async function deleteSimulation(place: Place): Promise<void> {
  const title = `removing the simulated cluster of ${place.environment}`;
  await exclusively(place, title, (folder) => stepIfSlow(place.progress, title, () => deleteCluster(folder)));
}

/** One command at a time works on an environment; the next one says for whom it waits. */
function exclusively<T>(
  { root, environment, progress, signal: outer }: Place,
  title: string,
  work: (folder: SimulationFolder, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const folder = simulationFolder(root, environment);
  return interruptible(outer, (signal) =>
    withLock(folder.lock, { progress, title, signal }, () => {
      fs.mkdirSync(folder.path, { recursive: true, mode: 0o700 });
      return work(folder, signal);
    }),
  );
}
