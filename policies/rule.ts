import type { Stage } from "../environment";

/** What a violation does: stops the deployment, is reported, or is not looked for. */
export type Level = "mandatory" | "advisory" | "disabled";

export type Severity = "low" | "medium" | "high" | "critical";

/** A resource as rules see it, wherever it comes from: an engine, a recording, a state file or a manifest. */
export interface DeclaredResource {
  /** Pulumi's type token, such as `kubernetes:apps/v1:Deployment`. */
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  /** Properties; reading one whose value is not known yet throws `UnknownValueError`. */
  readonly props: Readonly<Record<string, unknown>>;
}

/** One place in a resource that breaks a rule. */
export interface Violation {
  /** The field, such as `spec.template.spec.containers[0].image`. */
  readonly field: string;
  readonly message: string;
}

/** Takes the error of a value that is not known yet. */
export type Undecided = (unknown: Error) => void;

/** One rule: what it demands, why, and the function that decides. It reads the resource and nothing else. */
export interface Rule {
  /** Stable; waivers and reports name it. */
  readonly name: string;
  readonly title: string;
  /** What is demanded and what happens otherwise, in full sentences. */
  readonly description: string;
  readonly severity: Severity;
  /** What to do about a violation. */
  readonly remediation: string;
  /** Ids of the same demand elsewhere: `cis-eks-1.8.0:4.2.1`, `pss:baseline`, `checkov:CKV_K8S_16`. */
  readonly references: readonly string[];
  readonly levels: Readonly<Record<Stage, Level>>;
  /**
   * Gives what breaks the rule, part by part: a part whose value is not known yet hides none of the others, and its
   * error goes to `undecided`.
   */
  readonly check: (resource: DeclaredResource, undecided: Undecided) => Iterable<Violation>;
}

/** What became of one rule on one resource. */
export type Outcome =
  | { readonly state: "pass" }
  /** Broken, whatever the undecided values will turn out to be; each of them is told in words. */
  | { readonly state: "violation"; readonly violations: readonly Violation[]; readonly undecided: readonly string[] }
  /** The rule needed values that only a deployment will tell; `field` is the first of them. */
  | { readonly state: "indeterminate"; readonly field: string; readonly undecided: readonly string[] };

/** Applies one rule to one resource. */
export function evaluate(rule: Rule, resource: DeclaredResource): Outcome {
  const unknown: string[] = [];
  const collect: Undecided = (error) => unknown.push(error.message);
  const violations = [...judged(() => rule.check(resource, collect), collect)];
  const undecided = [...new Set(unknown)];
  if (violations.length > 0) return { state: "violation", violations, undecided };
  const [field] = undecided;
  return field === undefined ? { state: "pass" } : { state: "indeterminate", field, undecided };
}

/** What a judgement gives until it needs a value that is not known yet, which goes to `undecided`. */
export function* judged<Finding>(judge: () => Iterable<Finding>, undecided: Undecided): Generator<Finding> {
  try {
    yield* judge();
  } catch (error) {
    if (!isUnknownValue(error)) throw error;
    undecided(error);
  }
}

/**
 * `@pulumi/policy` throws this when an unknown property is read. Known by its class's name, so that rules run
 * without that package; the error's own `name` is only "Error".
 */
function isUnknownValue(error: unknown): error is Error {
  return error instanceof Error && error.constructor.name === "UnknownValueError";
}
