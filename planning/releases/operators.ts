import { operators, type OperatorId } from "../../catalog/operators";
import type { ClusterSettings, Path } from "../../environment";
import { errorAt, type Finding } from "../findings";
import type { PoolPlan } from "../plan";

/** Whether a cluster is said to have an operator. */
export function hasOperator(cluster: ClusterSettings | undefined, id: OperatorId): boolean {
  return cluster?.operators.includes(id) ?? false;
}

/**
 * An error where the cluster is not said to have an operator.
 *
 * @param at - the setting that needs it
 * @param need - what needs it, as a sentence begins: `chat runs on several machines`
 */
export function requireOperator(
  { cluster, pool }: { readonly cluster?: ClusterSettings | undefined; readonly pool: Pick<PoolPlan, "cluster"> },
  id: OperatorId,
  at: Path,
  need: string,
): readonly Finding[] {
  if (hasOperator(cluster, id)) return [];
  const { title, version, homepage } = operators[id];
  const message = `${need}, which ${title} does, and the cluster ${pool.cluster} is not said to have it`;
  const fix = `Install ${title} ${version} there (${homepage}), and add \`${id}\` to \`operators\` of the cluster ${pool.cluster}.`;
  return [errorAt(at, "operator-missing", message, fix)];
}

/** What of a release's plan is an object of an operator's. */
export interface OperatedRelease {
  readonly runs: { readonly kind: string };
  readonly scaling?: unknown;
  readonly monitor?: unknown;
}

/** The operator whose objects keep the pods, by the kind of object; those of Kubernetes itself need none. */
const operatorOfKind: Readonly<Partial<Record<string, OperatorId>>> = {
  "leader-worker-set": "leader-worker-set",
  "ray-service": "kuberay",
};

/** The operators whose objects these releases are made of, in the order of the catalogue. */
export function operatorsOf(releases: readonly OperatedRelease[]): readonly OperatorId[] {
  const used = new Set(
    releases.flatMap(({ runs, scaling, monitor }): readonly (OperatorId | undefined)[] => [
      operatorOfKind[runs.kind],
      scaling === undefined ? undefined : "keda",
      monitor === undefined ? undefined : "prometheus-operator",
    ]),
  );
  return Object.values(operators).flatMap(({ id }) => (used.has(id) ? [id] : []));
}
