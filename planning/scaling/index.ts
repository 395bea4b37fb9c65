export { planMonitor, scrapeFlow, whyOfMonitor } from "./monitor";
export type {
  MonitorPlan,
  PriorityClassPlan,
  PriorityId,
  ScalingPace,
  ScalingPlan,
  ScalingTrigger,
  SpreadPlan,
} from "./plan";
export { explainPriorities, planPriorities, priorityClassName } from "./priority";
export { scalingFindings, wantsScaling, type ScalingCheck } from "./findings";
export { runningShare } from "./rules";
export { planScaling, type Scaled, type ScalingQuestion } from "./scaling";
export { spreadFindings } from "./spread";
