import { elements, field, path, text } from "./read";
import { judged, type DeclaredResource, type Rule, type Undecided, type Violation } from "./rule";

type Where = readonly string[];

/** In a place: every element of a list. */
const each = "[]";

const template: Where = ["spec", "template", "spec"];
const rayCluster = (...where: readonly string[]): readonly Where[] => [
  [...where, "headGroupSpec", "template", "spec"],
  [...where, "workerGroupSpecs", each, "template", "spec"],
];

/** Where each kind keeps its pods. Others have none. Custom resources: kubernetes-sigs/lws v0.8.0, kuberay v1.5.1. */
const podsOfType: Readonly<Record<string, readonly Where[]>> = {
  "kubernetes:core/v1:Pod": [["spec"]],
  "kubernetes:apps/v1:Deployment": [template],
  "kubernetes:apps/v1:StatefulSet": [template],
  "kubernetes:apps/v1:DaemonSet": [template],
  "kubernetes:apps/v1:ReplicaSet": [template],
  "kubernetes:batch/v1:Job": [template],
  "kubernetes:batch/v1:CronJob": [["spec", "jobTemplate", ...template]],
  "kubernetes:leaderworkerset.x-k8s.io/v1:LeaderWorkerSet": [
    ["spec", "leaderWorkerTemplate", "leaderTemplate", "spec"],
    ["spec", "leaderWorkerTemplate", "workerTemplate", "spec"],
  ],
  "kubernetes:ray.io/v1:RayCluster": rayCluster("spec"),
  "kubernetes:ray.io/v1:RayService": rayCluster("spec", "rayClusterConfig"),
  "kubernetes:ray.io/v1:RayJob": [...rayCluster("spec", "rayClusterSpec"), ["spec", "submitterPodTemplate", "spec"]],
};

/** Init containers include sidecars, which are init containers that keep running. */
const sorts = ["containers", "initContainers", "ephemeralContainers"] as const;

export interface Pod {
  /** The pod's own place, such as `spec.template.spec`. */
  readonly field: string;
  /** The pod's spec. */
  readonly value: unknown;
}

/** One container of a pod, of any sort; what it holds is read when it is asked for. */
export interface Container {
  readonly pod: Pod;
  /** The container's own place, such as `spec.template.spec.initContainers[0]`. */
  readonly field: string;
  readonly value: unknown;
}

/** What is wrong, and where below the container or pod. */
export interface Wrong {
  readonly at: string;
  readonly message: string;
}

type Question<Part> = (part: Part) => Wrong | undefined;
type Judgement<Part> = (part: Part, undecided: Undecided) => Iterable<Wrong>;

/** The pods that a resource would run. A kind with several keeps quiet about those that it leaves out. */
export function* podsOf({ type, props }: DeclaredResource, undecided: Undecided): Generator<Pod> {
  for (const where of podsOfType[type] ?? []) yield* judged(() => podsAt(props, where, "", undecided), undecided);
}

function* podsAt(value: unknown, where: Where, place: string, undecided: Undecided): Generator<Pod> {
  const list = where.indexOf(each);
  const names = list === -1 ? where : where.slice(0, list);
  const found = path(value, ...names);
  const at = [place, ...names].filter((name) => name !== "").join(".");
  if (list === -1) {
    if (found !== undefined) yield { field: at, value: found };
    return;
  }
  for (const { index, read } of elements(found))
    yield* judged(() => podsAt(read(), where.slice(list + 1), `${at}[${index}]`, undecided), undecided);
}

/** All containers of a pod: ordinary, init (with sidecars) and ephemeral ones. */
export function* containersOf(pod: Pod, undecided: Undecided): Generator<Container> {
  for (const sort of sorts)
    yield* judged(
      () =>
        elements(field(pod.value, sort)).map(({ index, read }) => ({
          pod,
          field: `${pod.field}.${sort}[${index}]`,
          get value() {
            return read();
          },
        })),
      undecided,
    );
}

/** A rule's check that puts each of the questions to each container by itself. */
export function eachContainer(...questions: readonly Question<Container>[]): Rule["check"] {
  return inEachContainer(...questions.map(asJudgement));
}

/** The same for questions of which one may find several things in a container. */
export function inEachContainer(...judgements: readonly Judgement<Container>[]): Rule["check"] {
  return function* (resource, undecided): Generator<Violation> {
    for (const pod of podsOf(resource, undecided))
      for (const container of containersOf(pod, undecided))
        for (const { at, message } of applied(judgements, container, undecided))
          yield { field: `${container.field}.${at}`, message: `container ${nameOf(container)} ${message}` };
  };
}

/** A rule's check that judges each pod as a whole. */
export function inEachPod(...judgements: readonly Judgement<Pod>[]): Rule["check"] {
  return function* (resource, undecided): Generator<Violation> {
    for (const pod of podsOf(resource, undecided))
      for (const { at, message } of applied(judgements, pod, undecided))
        yield { field: `${pod.field}.${at}`, message: `the pod ${message}` };
  };
}

/** Several checks as one. */
export function together(...checks: readonly Rule["check"][]): Rule["check"] {
  return function* (resource, undecided): Generator<Violation> {
    for (const check of checks) yield* check(resource, undecided);
  };
}

function* applied<Part>(judgements: readonly Judgement<Part>[], part: Part, undecided: Undecided): Generator<Wrong> {
  for (const judgement of judgements) yield* judged(() => judgement(part, undecided), undecided);
}

function asJudgement<Part>(question: Question<Part>): Judgement<Part> {
  return (part) => {
    const wrong = question(part);
    return wrong === undefined ? [] : [wrong];
  };
}

/** For messages only: a container whose name is not known yet goes by its place. */
function nameOf(container: Container): string {
  const place = container.field.slice(container.pod.field.length + 1);
  const [name] = judged(
    () => [text(field(container.value, "name"))],
    () => undefined,
  );
  return name ?? place;
}

/** A setting of the security context: the container's own, or else the one that it has from its pod. */
export function securitySetting({ value, pod }: Container, ...names: readonly string[]): unknown {
  return path(value, "securityContext", ...names) ?? path(pod.value, "securityContext", ...names);
}
