import { operators, type OperatorId } from "../../../catalog/operators";

/** What a simulated cluster does not have of an operator. */
const missing: Readonly<Partial<Record<OperatorId, string>>> = {
  keda: "its objects are validated, but nothing is scaled: its operator is not run",
  kuberay:
    "its controller is real and makes the pods, but no Ray runs in them: a RayService gets no application, is never ready and is not awaited",
  "prometheus-operator": "its objects are validated, but no Prometheus is started: its operator is not run",
};

/** What is not real of operators, in words for the report. LeaderWorkerSet is all there. */
export function operatorStandIns(ids: readonly OperatorId[]): readonly string[] {
  return ids.flatMap((id) => {
    const what = missing[id];
    return what === undefined ? [] : [`${operators[id].title} ${operators[id].version}: ${what}`];
  });
}
