/** Labels that say whose an object is; selectors use two of them. */
export interface Identity {
  readonly environment: string;
  /** The part of the platform: `release`, `gateway`, … */
  readonly part: string;
  /** Name of this one, such as the release's. */
  readonly instance?: string;
  /** Version of the software that runs. */
  readonly version?: string;
}

/** The label by which everything of an environment is known as Modelyard's. */
export const ownershipLabel = "modelyard.dev/environment";
/** The label by which network policies know the parts of the platform. */
export const partLabel = "modelyard.dev/part";

/** Kubernetes' recommended labels, and ours. */
export function labels(identity: Identity): Record<string, string> {
  return {
    "app.kubernetes.io/managed-by": "modelyard",
    "app.kubernetes.io/part-of": "modelyard",
    [ownershipLabel]: identity.environment,
    ...selectorLabels(identity),
    ...(identity.version === undefined ? {} : { "app.kubernetes.io/version": identity.version }),
  };
}

/** The labels that find the pods of one part: they never change while the object lives. */
export function selectorLabels(identity: Identity): Record<string, string> {
  return {
    [partLabel]: identity.part,
    ...(identity.instance === undefined ? {} : { "app.kubernetes.io/instance": identity.instance }),
  };
}
