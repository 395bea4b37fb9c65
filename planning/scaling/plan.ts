import type { SignalId } from "../workload";

/** How an autoscaler moves the pods of a release between its bounds. Durations in seconds. */
export interface ScalingPlan {
  /** Where the queries are asked. */
  readonly prometheus: string;
  /** The most pods that any of them wants is what there will be. */
  readonly triggers: readonly ScalingTrigger[];
  /** How often the autoscaler looks whether there has to be a pod at all. */
  readonly pollingInterval: number;
  /** With nothing to do for so long, the last pod goes, where a release may have none. */
  readonly cooldown: number;
  /** When queries have failed so often that nobody knows the load: at least so many pods, and never fewer than there are. */
  readonly fallback: { readonly failures: number; readonly replicas: number };
  readonly up: ScalingPace & { readonly percent: number };
  readonly down: ScalingPace & { readonly pods: number };
}

/** What one query wants of pods. */
export interface ScalingTrigger {
  readonly signal: SignalId | "wake";
  /** PromQL of one number for the whole release. */
  readonly query: string;
  /** How much of it falls to one pod: the number ÷ this is how many pods are wanted. */
  readonly threshold: number;
}

/** How fast pods come or go. */
export interface ScalingPace {
  /** Of all that was wanted in this time, the most careful counts. */
  readonly window: number;
  /** In each of these periods no more than is said beside. */
  readonly period: number;
}

/** How the metrics of a release are collected: a PodMonitor of the Prometheus operator. */
export interface MonitorPlan {
  /** Name of the container's port. */
  readonly port: string;
  readonly path: string;
  /** Seconds between two readings. */
  readonly interval: number;
  /** Labels by which Prometheus selects its monitors. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Whose pods are placed first. */
export const priorityIds = ["critical", "standard", "batch"] as const;
export type PriorityId = (typeof priorityIds)[number];

/** A class of pods for the scheduler. */
export interface PriorityClassPlan {
  /** Name of the cluster's object. */
  readonly name: string;
  readonly value: number;
  /** Whether its pods may take the place of pods of a lower value. */
  readonly preempts: boolean;
  readonly description: string;
}

/** Whether pods that would make zones uneven wait, or run all the same. */
export interface SpreadPlan {
  readonly zones: "preferred" | "required";
}
