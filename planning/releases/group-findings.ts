/** What keeps a replica from spanning machines of its pool, and what to write instead. */
import type { Path, VllmSettings } from "../../environment";
import { errorAt, warningAt, type Finding } from "../findings";
import { networkOf, type PoolNetwork } from "../network";
import type { Ground } from "./ground";
import { requireOperator } from "./operators";

/** A release on its pool; `image` is the environment's own. */
export interface GroupQuestion extends Pick<Ground, "release" | "pool" | "cluster" | "image"> {
  readonly settings: Pick<VllmSettings, "nodes">;
  readonly at: Path;
}

/** What is wrong with a replica over several machines; nothing where one machine has it all. */
export function groupFindings(question: GroupQuestion): readonly Finding[] {
  const { settings, release, at } = question;
  if (settings.nodes === 1) return [];
  const need = `${release} spans ${settings.nodes} machines`;
  return [
    ...requireOperator(question, "leader-worker-set", [...at, "nodes"], need),
    ...poolFindings(question),
    ...networkFindings(question, networkOf(question.pool)),
  ];
}

function poolFindings({ settings: { nodes }, pool, at }: GroupQuestion): readonly Finding[] {
  const refuse = (message: string, fix: string) => errorAt([...at, "nodes"], "group-impossible", message, fix);
  const { name, zones, sharing } = pool;
  const few = `one replica spans ${nodes} machines, and the pool ${name} has ${pool.nodes}`;
  const apart = `the machines of the pool ${name} are in ${zones.length} zones (${zones.join(", ")}): nothing would keep the pods of one replica in the same, and every token would cross between them`;
  const parts = `the pool ${name} gives out parts of GPUs, and a replica over several machines needs whole ones`;
  return [
    ...(pool.nodes < nodes ? [refuse(few, "Give the pool more machines, or use fewer.")] : []),
    ...(zones.length > 1 ? [refuse(apart, "Use a pool in one zone.")] : []),
    ...(sharing === null ? [] : [refuse(parts, "Use a pool without `sharing`.")]),
  ];
}

function networkFindings({ pool, image, at }: GroupQuestion, network: PoolNetwork | null): readonly Finding[] {
  const { name, rented } = pool;
  if (network === null) {
    const message = `nobody has said how the machines of the pool ${name} reach each other`;
    const fix = `Write it under the pool: \`fabric: { kind: ethernet, bandwidth: 100Gbps }\`, or \`kind: rdma\` with its resource.`;
    return [errorAt([...at, "nodes"], "group-impossible", message, fix)];
  }
  if (network.kind === "efa" && image === undefined) {
    const message = `vLLM's public image has no libfabric by which NCCL would use EFA: its pods would end when they start`;
    const fix =
      "Name an image that has aws-ofi-nccl under `images.vllm`, with its digest, or write `fabric: { kind: ethernet }`.";
    return [errorAt(["pools", name, "fabric"], "fabric-not-in-image", message, fix)];
  }
  if (network.unusedAdapters === 0) return [];
  const message = `${rented?.instance ?? name} has ${network.unusedAdapters} EFA adapters, and the machines of a replica talk over TCP, many times slower`;
  const fix =
    "Write `fabric: { kind: efa }` where the cluster has the EFA device plugin, or `fabric: { kind: ethernet }` to keep TCP.";
  return [warningAt(["pools", name], "fabric-unused", message, fix)];
}
