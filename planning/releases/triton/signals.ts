import type { TritonSettings } from "../../../environment";
import type { Signal } from "../../plan";
import { loadSignals, ownSelector } from "../signals";
import type { TritonPlan } from "./plan";

const queued = "nv_inference_queue_duration_us";
const whole = "nv_inference_request_duration_us";
const microsecondsPerSecond = 1e6;

export interface SignalQuestion {
  readonly environment: string;
  readonly release: string;
  readonly models: TritonSettings["models"];
  /** The model that clients call. */
  readonly served: string;
}

/**
 * What Triton shows of the load of the model that clients call. Requests that wait are counted until a copy of the
 * model takes them; engines that make batches of their own take all at once, so for them requests in the model say
 * more. Those are the time that requests took, in microseconds, per microsecond (Little's law): Triton has no gauge of
 * them.
 */
export function tritonSignals(question: SignalQuestion): readonly Signal[] {
  const { environment, release, served } = question;
  const model = queuesOf(question);
  const waiting = loadSignals(environment, release, {
    waiting: { name: "nv_inference_pending_request_count", labels: { model }, over: "sum" },
  });
  const query = `${rateOf(whole, question, served)} / ${microsecondsPerSecond}`;
  return [...waiting, { id: "running", query, metrics: [whole] }];
}

/** How much of their time requests wait. Both counters are in microseconds, so their units cancel. */
export function queueShare(question: SignalQuestion): TritonPlan["queueShare"] {
  const waited = rateOf(queued, question, queuesOf(question));
  return { query: `${waited} / ${rateOf(whole, question, question.served)}`, metrics: [queued, whole] };
}

function rateOf(name: string, { environment, release }: SignalQuestion, model: string | readonly string[]): string {
  return `sum(rate(${name}${ownSelector(environment, release, { model })}[2m]))`;
}

/** An ensemble hands its requests on at once (docs/user_guide/metrics.md): they wait at the models of its steps. */
function queuesOf({ models, served }: SignalQuestion): string | readonly string[] {
  const found = new Set<string>();
  const visit = (name: string): void => {
    const model = models[name];
    if (model?.backend !== "ensemble") return void found.add(name);
    for (const step of model.steps) if (step.model !== served) visit(step.model);
  };
  visit(served);
  return found.size === 1 ? ([...found][0] ?? served) : [...found];
}
