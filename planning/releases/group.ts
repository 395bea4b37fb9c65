/** A vLLM release whose replicas span several machines: the same engine, started once on each of them. */
import { leaderWorkerSet, ncclNetworks, vllmRendezvous } from "../../catalog/multi-node";
import { operators } from "../../catalog/operators";
import type { Path, VllmSettings } from "../../environment";
import { networkOf, type PoolNetwork } from "../network";
import type { Arithmetic, By, ContainerPlan, Flow, GroupRuns, VllmPlan } from "../plan";
import { fixed, setting } from "../why";
import type { Chosen, Ground, Planned } from "./ground";
import { groupFindings } from "./group-findings";

/** The release over as many machines as its settings say; as it is where that is one. */
export function overMachines(chosen: Chosen<VllmPlan>, settings: VllmSettings, on: Ground): Chosen<VllmPlan> {
  if (settings.nodes === 1) return chosen;
  const at: Path = ["releases", on.release];
  const found = groupFindings({ ...on, settings, at });
  return {
    ...chosen,
    planned: () => {
      const one = chosen.planned(false);
      const network = networkOf(on.pool);
      const whole = network === null ? one : grouped(one, settings, network);
      return {
        ...whole,
        findings: [...one.findings, ...found],
        get why() {
          return whole.why;
        },
      };
    },
  };
}

function grouped(one: Planned<VllmPlan>, settings: VllmSettings, network: PoolNetwork): Planned<VllmPlan> {
  const { plan } = one;
  if (plan === undefined) return one;
  const whole = spanning(plan, settings, network);
  return {
    ...one,
    plan: whole,
    get why() {
      return { ...one.why, ...whyOfGroup(whole, one.why) };
    },
  };
}

/** Pods of a replica talk to each other on ports that their collectives choose. */
const amongThem: Flow = { direction: "both", with: "release" };

function spanning(plan: VllmPlan, settings: VllmSettings, network: PoolNetwork): VllmPlan {
  const { pod, seconds, usdPerHour } = plan;
  const { kind, devices } = network;
  const size = settings.nodes;
  const run = argsOf(pod.container, settings, seconds.progressDeadline);
  const runs: GroupRuns = {
    kind: "leader-worker-set",
    size,
    workerArgs: run.worker,
    // The leader answers its last requests with its workers' help, and all are told to stop at once.
    workerPreStop: seconds.preStop + seconds.drain,
    network: { kind, devices },
  };
  const container: ContainerPlan = {
    ...pod.container,
    // Only this command knows --headless: an image may start vLLM in another way.
    command: ["vllm", "serve"],
    args: run.leader,
    variables: { NCCL_NET: ncclNetworks[kind], ...pod.container.variables },
  };
  return {
    ...plan,
    runs,
    rollout: { kind: "rolling", maxSurge: 0, maxUnavailable: 1 },
    pod: { ...pod, container },
    flows: [...plan.flows, amongThem],
    usdPerHour: usdPerHour === null ? null : usdPerHour * size,
  };
}

/**
 * Arguments of the leader and of its workers. All processes meet at the leader; the variables are LeaderWorkerSet's, and
 * the kubelet puts their values in. Processes wait for each other as long as the rest of the replica may take to come.
 */
function argsOf({ args }: ContainerPlan, { nodes, extraArgs }: VllmSettings, waitSeconds: number) {
  const { leaderAddress, workerIndex } = leaderWorkerSet.variables;
  const common = [
    "--distributed-executor-backend=mp",
    `--nnodes=${nodes}`,
    `--master-addr=$(${leaderAddress})`,
    `--master-port=${vllmRendezvous.port}`,
    `--distributed-timeout-seconds=${waitSeconds}`,
  ];
  const own = args.length - extraArgs.length;
  const run = (...rank: readonly string[]) => args.toSpliced(own, 0, ...common, ...rank);
  const worker = run(`--node-rank=$(${workerIndex})`, "--headless");
  return { leader: run("--node-rank=0"), worker: worker.map(withoutDrain) };
}

/** Requests are the leader's: a worker that is told to stop has none left. */
function withoutDrain(argument: string): string {
  return argument.startsWith("--shutdown-timeout=") ? "--shutdown-timeout=0" : argument;
}

const { version } = operators["leader-worker-set"];

/** lws pull request 776: a set that asks that none be missing is refused by the StatefulSet that it becomes. */
const oneByOne = `one replica leaves before its successor starts: LeaderWorkerSet ${version} cannot start one more first`;

function whyOfGroup(plan: VllmPlan, one: By<Arithmetic>): By<Arithmetic> {
  const { runs, rollout, replicas, resources, seconds, tensorParallel, pipelineParallel, usdPerHour } = plan;
  if (runs.kind !== "leader-worker-set") return {};
  const { size, workerPreStop } = runs;
  const machines = { name: "machines of a replica", value: size, source: "nodes" };
  const cost = one["usdPerHour"];
  const parts = Object.entries<string | number>(rollout).map(([part, result]): [string, Arithmetic] => [
    `rollout.${part}`,
    { formula: oneByOne, terms: [{ name: "replicas", value: replicas.max }], result },
  ]);
  return {
    ...Object.fromEntries(parts),
    "runs.size": setting("nodes", size, "machines"),
    "runs.workerPreStop": {
      formula: "preStop + drain of the leader, whose last requests need the workers",
      terms: [
        { name: "preStop", value: seconds.preStop, unit: "s" },
        { name: "drain", value: seconds.drain, unit: "s" },
      ],
      result: workerPreStop,
      unit: "s",
    },
    "resources.gpus": {
      formula: "tensor × pipeline parallel ÷ machines of a replica",
      terms: [{ name: "tensor", value: tensorParallel }, { name: "pipeline", value: pipelineParallel }, machines],
      result: resources.gpus,
    },
    ...whyOfDevices(runs),
    ...(usdPerHour === null || cost === undefined
      ? {}
      : {
          usdPerHour: {
            ...cost,
            formula: `${cost.formula} × machines of a replica`,
            terms: [...cost.terms, machines],
            result: usdPerHour,
          },
        }),
  };
}

function whyOfDevices({ network: { kind, devices } }: GroupRuns): By<Arithmetic> {
  if (devices === null) return {};
  const { perPod, hugePagesMiB } = devices;
  const adapters =
    kind === "rdma"
      ? setting("fabric.perNode", perPod)
      : fixed("all adapters of the machine", perPod, "catalogue: EC2 instance types");
  const pages = fixed("huge pages that the adapters' library takes; 0 where it takes none", hugePagesMiB, kind);
  return {
    "runs.network.devices.perPod": adapters,
    "runs.network.devices.hugePagesMiB": { ...pages, unit: "MiB" },
  };
}
