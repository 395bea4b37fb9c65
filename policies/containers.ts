import { field, list, path, text } from "./read";
import type { DeclaredResource, Rule, Violation } from "./rule";

/** Where each kind keeps its pod. Others have none. */
const podOfType: Readonly<Record<string, readonly string[]>> = {
  "kubernetes:core/v1:Pod": ["spec"],
  "kubernetes:apps/v1:Deployment": ["spec", "template", "spec"],
  "kubernetes:apps/v1:StatefulSet": ["spec", "template", "spec"],
  "kubernetes:apps/v1:DaemonSet": ["spec", "template", "spec"],
  "kubernetes:apps/v1:ReplicaSet": ["spec", "template", "spec"],
  "kubernetes:batch/v1:Job": ["spec", "template", "spec"],
  "kubernetes:batch/v1:CronJob": ["spec", "jobTemplate", "spec", "template", "spec"],
};

/** One container of a pod, of any sort. */
export interface Container {
  readonly name: string;
  /** The container's own place, such as `spec.template.spec.initContainers[0]`. */
  readonly field: string;
  readonly value: unknown;
}

/** All containers that a resource would run: ordinary, init (with sidecars) and ephemeral ones. */
export function containersOf(resource: DeclaredResource): readonly Container[] {
  const where = podOfType[resource.type];
  if (where === undefined) return [];
  const pod = path(resource.props, ...where);
  return ["containers", "initContainers", "ephemeralContainers"].flatMap((sort) =>
    list(field(pod, sort)).map((value, index) => ({
      name: text(field(value, "name")) ?? `${index}`,
      field: `${where.join(".")}.${sort}[${index}]`,
      value,
    })),
  );
}

/** What is wrong with one field of one container, or nothing. */
type ContainerCheck = (container: Container) => { readonly at: string; readonly message: string } | undefined;

/** A rule's check that looks at each container by itself. */
export function eachContainer(check: ContainerCheck): Rule["check"] {
  return (resource) =>
    containersOf(resource).flatMap((container): readonly Violation[] => {
      const wrong = check(container);
      if (wrong === undefined) return [];
      return [{ field: `${container.field}.${wrong.at}`, message: `container ${container.name} ${wrong.message}` }];
    });
}
