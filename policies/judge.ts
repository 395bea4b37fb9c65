import type { Review, Waiver } from "../environment";
import { evaluate, type DeclaredResource, type Level, type Rule } from "./rule";

/** What a rule says of a resource in an environment, once its reviewers' decisions are taken into account. */
export interface Judgement {
  readonly rule: Rule;
  readonly resource: DeclaredResource;
  readonly level: Level;
  readonly state: "open" | "waived" | "indeterminate";
  /** The field that breaks the rule, or that is not known yet. */
  readonly field: string;
  readonly message: string;
  /** The waiver that allows it; or, while open, one that ended. */
  readonly waiver?: Waiver;
}

/** A waiver that does nothing. */
export interface IdleWaiver {
  readonly waiver: Waiver;
  /** Its index in the reviewers' list. */
  readonly index: number;
  readonly why: "unknown rule" | "expired" | "nothing to waive";
}

/**
 * Applies one rule to one resource of an environment.
 *
 * @param today - as 2026-11-21; a waiver holds through its last day
 */
export function judge(rule: Rule, resource: DeclaredResource, review: Review, today: string): readonly Judgement[] {
  const level = rule.levels[review.stage];
  if (level === "disabled") return [];
  const outcome = evaluate(rule, resource);
  if (outcome.state === "pass") return [];
  const undecided = outcome.undecided.map((field): Judgement => {
    const message = "needs a value that only a deployment will tell";
    return { rule, resource, level, state: "indeterminate", field, message };
  });
  if (outcome.state === "indeterminate") return undecided;
  const matching = review.waivers.filter((waiver) => waiver.rule === rule.name && matches(waiver.resource, resource));
  const holding = matching.find((waiver) => waiver.expires >= today);
  const waiver = holding ?? matching[0];
  const state = holding === undefined ? "open" : "waived";
  const allowed = waiver === undefined ? {} : { waiver };
  return [
    ...outcome.violations.map((violation): Judgement => ({ rule, resource, level, state, ...violation, ...allowed })),
    ...undecided,
  ];
}

/** Waivers that allow nothing, which their owners should remove or renew. */
export function idleWaivers(
  review: Review,
  judgements: readonly Judgement[],
  rules: readonly Rule[],
  today: string,
): readonly IdleWaiver[] {
  return review.waivers.flatMap((waiver, index): readonly IdleWaiver[] => {
    if (!rules.some((rule) => rule.name === waiver.rule)) return [{ waiver, index, why: "unknown rule" }];
    if (waiver.expires < today) return [{ waiver, index, why: "expired" }];
    return judgements.some((judgement) => judgement.waiver?.id === waiver.id)
      ? []
      : [{ waiver, index, why: "nothing to waive" }];
  });
}

/** `Deployment/chat-*` against a type token such as `kubernetes:apps/v1:Deployment` and a name. */
function matches(pattern: string, { type, name }: DeclaredResource): boolean {
  const [kind = "", glob = ""] = pattern.split("/", 2);
  if (type.split(":").at(-1) !== kind) return false;
  const parts = glob.split("*").map((part) => part.replace(/[^a-z0-9-]/g, ""));
  return new RegExp(`^${parts.join(".*")}$`).test(name);
}
