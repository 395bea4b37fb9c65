import fs from "node:fs";
import path from "node:path";
import { z } from "zod";
import { run } from "../run/parts/processes";
import { SimulatorError } from "./errors";
import { isExecutable } from "../run/parts/installed";
import type { Ports } from "./ports";

/** A program that a control plane is made of or made by. */
export type ClusterProgram =
  "etcd" | "kube-apiserver" | "kube-controller-manager" | "kube-scheduler" | "kubectl" | "kwok" | "kwokctl";

/** Program → its absolute path. */
export type Programs = Readonly<Record<ClusterProgram, string>>;

/**
 * Asks for every program that a control plane needs.
 * @throws SimulatorError naming all that cannot be run: kwokctl removes the data of a cluster when it misses one
 */
export function programsOf(program: (name: ClusterProgram) => string): Programs {
  const programs = {
    etcd: program("etcd"),
    "kube-apiserver": program("kube-apiserver"),
    "kube-controller-manager": program("kube-controller-manager"),
    "kube-scheduler": program("kube-scheduler"),
    kubectl: program("kubectl"),
    kwok: program("kwok"),
    kwokctl: program("kwokctl"),
  };
  const missing = Object.values(programs).filter((file) => !isExecutable(file));
  if (missing.length > 0) {
    throw new SimulatorError(`The simulated control plane needs programs that are not there: ${missing.join(", ")}.`);
  }
  return programs;
}

/** kwokctl's name for the cluster. Each environment has a folder of its own, so all may have the same. */
const clusterName = "simulated";

/** The folder in which kwokctl keeps a cluster, given its work folder. */
export function controlPlaneFolder(workFolder: string): string {
  return path.join(workFolder, "clusters", clusterName);
}

/** What kwokctl calls the processes of a control plane; all five must run. */
export const componentNames = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kwok-controller",
] as const;

/**
 * An address of TEST-NET-1 (RFC 5737), which no machine has. The API server publishes it as its own for
 * pods, of which none runs; without it it looks for a network interface, and does not start on a machine
 * that has none.
 */
const advertisedAddress = "192.0.2.1";

/**
 * kwokctl's configuration for a control plane that is like a real one in everything that declarations
 * meet (API validation, admission with Pod Security, quotas, RBAC, scheduling, controllers), listens on
 * the loopback address only, and leaves out what would only cost time: limits on the rate of requests,
 * election of a leader where there is one candidate, and flushing every write of etcd to the disk (a
 * crash of the machine may cost the cluster's data, a crash of a process does not).
 *
 * etcd asks nobody for a password there: whoever has an account on this machine can read what is in it.
 *
 * Left at kwokctl's default: heartbeats five times slower than a real kubelet's, no metrics server, no
 * dashboard, no Prometheus.
 *
 * @see https://kwok.sigs.k8s.io/docs/generated/apis/ KwokctlConfigurationOptions; kwokctl 0.8.0
 */
export function kwokctlConfiguration(programs: Programs, ports: Ports): object {
  const flag = (name: string, key: string, value: string) => ({ name, extraArgs: [{ key, value }] });
  return {
    apiVersion: "config.kwok.x-k8s.io/v1alpha1",
    kind: "KwokctlConfiguration",
    options: {
      runtime: "binary",
      bindAddress: "127.0.0.1",
      disableQPSLimits: true,
      etcdBinary: programs.etcd,
      kubeApiserverBinary: programs["kube-apiserver"],
      kubeControllerManagerBinary: programs["kube-controller-manager"],
      kubeSchedulerBinary: programs["kube-scheduler"],
      kubectlBinary: programs.kubectl,
      kwokControllerBinary: programs.kwok,
      etcdPort: ports.etcd,
      etcdPeerPort: ports.etcdPeer,
      kubeApiserverPort: ports.apiServer,
      kubeControllerManagerPort: ports.controllerManager,
      kubeSchedulerPort: ports.scheduler,
      kwokControllerPort: ports.kwok,
    },
    componentsPatches: [
      flag("etcd", "unsafe-no-fsync", "true"),
      flag("kube-apiserver", "advertise-address", advertisedAddress),
      flag("kube-controller-manager", "leader-elect", "false"),
      flag("kube-scheduler", "leader-elect", "false"),
    ],
  };
}

export interface CreateOptions {
  readonly workFolder: string;
  readonly kwokctl: string;
  readonly configuration: object;
  readonly signal: AbortSignal;
}

const createFlags = [
  // With its default it would write into the user's own kubeconfig and switch the current context.
  "--kubeconfig=",
  // With leases a new kwok waits up to 200 s for those of the one before it, and no pod starts meanwhile.
  "--node-lease-duration-seconds=0",
];

/** Longer than any start that was seen on a busy machine, shorter than anyone's patience. */
const createSeconds = 180;

/**
 * Starts a control plane in the folder. Data of etcd and certificates that are there are used again;
 * whatever else kwokctl left there is made anew, because it trusts files of an earlier run: a process id
 * that someone else has by now, a link to a program that is no more.
 * @throws SimulatorError with kwokctl's own words
 */
export async function createCluster({ workFolder, kwokctl, configuration, signal }: CreateOptions): Promise<void> {
  const folder = controlPlaneFolder(workFolder);
  for (const name of ["bin", "pids", "logs", "kwok.yaml", "kubeconfig.yaml"]) {
    fs.rmSync(path.join(folder, name), { recursive: true, force: true });
  }
  const file = path.join(workFolder, "kwokctl.json");
  fs.mkdirSync(workFolder, { recursive: true, mode: 0o700 });
  fs.writeFileSync(file, JSON.stringify(configuration, undefined, 2));
  const args = ["--config", file, "--name", clusterName, "create", "cluster", ...createFlags];
  const result = await run(kwokctl, args, {
    environment: kwokctlEnvironment(workFolder),
    signal,
    seconds: createSeconds,
  });
  if (result.code !== 0)
    throw new SimulatorError(`kwokctl could not start the simulated control plane: ${complaint(result.errors)}`);
}

/** kwokctl's log has one JSON object a line; its first error says what is wrong, the others follow from it. */
function complaint(log: string): string {
  const lines = log.split("\n").filter((line) => line.trim() !== "");
  return lines.map(parseComplaint).find((text) => text !== undefined) ?? lines.slice(-3).join("; ");
}

const LogLine = z.object({ level: z.literal("ERROR"), msg: z.string(), err: z.string().optional() });

function parseComplaint(line: string): string | undefined {
  try {
    const { msg, err } = LogLine.parse(JSON.parse(line));
    return err === undefined ? msg : `${msg}: ${err.trim()}`;
  } catch {
    return undefined;
  }
}

/** Without the user's own settings for kwokctl, which would win over ours. */
function kwokctlEnvironment(workFolder: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("KWOK_"));
  return { ...Object.fromEntries(kept), KWOK_WORKDIR: workFolder };
}
