import type { ClusterSettings, DescribedModel, Measurement, Stage } from "../../environment";
import type { Finding } from "../findings";
import type { ReleaseLoad } from "../load";
import type { Arithmetic, By, PoolPlan, ReleasePlan } from "../plan";
import type { Replica } from "../replica";

/** What a release stands on, whatever its engine. */
export interface Ground<Pool extends PoolPlan = PoolPlan> {
  readonly environment: string;
  /** How strict its reviewers hold it. @default production */
  readonly stage?: Stage | undefined;
  readonly release: string;
  readonly pool: Pool;
  /** Of the engine: one of the catalogue's. */
  readonly version: string;
  /** Overrides the public image of that version. */
  readonly image?: string | undefined;
  /** What the cluster has and is; nothing beside Kubernetes itself where it is not said. */
  readonly cluster?: ClusterSettings | undefined;
  /** Models that the environment describes beside those of the catalogue. */
  readonly models?: By<DescribedModel>;
  /** What engines said about themselves when they started. */
  readonly measured?: readonly Measurement[];
  /** What routes ask of the release; null where none says. */
  readonly load?: ReleaseLoad | null;
}

/** A release that was planned, and what was found on the way. */
export interface Planned<Plan extends ReleasePlan = ReleasePlan> {
  readonly plan?: Plan;
  readonly findings: readonly Finding[];
  /** How a language model is laid over its GPUs; absent for others. */
  readonly replica?: Replica;
  /** The arithmetic of the plan's numbers, by path inside it. Made when it is read: not every plan is taken. */
  readonly why: By<Arithmetic>;
}

/** A release of which everything is decided but whether it may surge: that is known when all of its pool are. */
export interface Chosen<Plan extends ReleasePlan = ReleasePlan> {
  readonly release: string;
  /** @param surge the pool is proven to have room for one pod more than `replicas` */
  planned(surge: boolean): Planned<Plan>;
}
