import type { FitAnswer } from "./answer";
import { fitOnCpu, type OnCpu } from "./cpu";
import { fit } from "./fit";
import type { FitQuestion } from "./question";
import type { OnGpus } from "./replica-of";

export type * from "./answer";
export { tensorRtBatchSource } from "./batch";
export { fit } from "./fit";
export { type OnCpu } from "./cpu";
export { processorSharesSource } from "../speed/processor";
export { usual } from "./load";
export { rentGpus, type RentedGpus } from "./price";
export type * from "./question";
export { replicaOf, type OnGpus, type Understood } from "./replica-of";

/** What a question that was understood asks about. */
export type Asked = OnGpus | OnCpu;

/** Answers a question that was understood. */
export function answer(asked: Asked, question: FitQuestion): FitAnswer {
  return asked.on === "cpu" ? fitOnCpu(asked, question) : fit(asked.replica, question, asked.replicas);
}
