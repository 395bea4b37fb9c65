import type { OverrideSettings, Path } from "../environment";

/** Every finding of planning by its name: what it says, and whether an environment may override it. */
interface FindingKind {
  readonly title: string;
  /**
   * May an environment say, with a reason, that it does not hold there? Only where the plan stands all the
   * same: an estimate that may be wrong, or a fact that planning cannot know.
   */
  readonly overridable: boolean;
}

export const findingKinds = {
  "memory-too-small": { title: "A model's weights and a KV cache do not fit its GPUs.", overridable: true },
  "context-does-not-fit": { title: "One request of full length does not fit the KV cache.", overridable: true },
  "context-too-long": { title: "The context is longer than the model was trained for.", overridable: true },
  "memory-tight": { title: "A model fits by less than the estimate may be wrong.", overridable: true },
  "tensor-parallel-impossible": { title: "A replica cannot be split over so many GPUs.", overridable: false },
  "host-memory-too-small": { title: "A model and its texts do not fit a machine's memory.", overridable: true },
  "batch-below-text": { title: "The longest text of a model does not fit a batch.", overridable: true },
  "batch-too-slow": { title: "A request outlives the longest one while it waits for a batch.", overridable: true },
  "pod-over-sockets": { title: "A pod is spread over several sockets.", overridable: true },
  "answers-expected": { title: "A route expects written answers of a model that writes none.", overridable: true },
  "tokenizer-missing": { title: "A model has no tokenizer that its engine can read.", overridable: true },
  "wrong-machines": { title: "The engine does not run on the machines of its pool.", overridable: false },
  "layout-impossible": { title: "The engine refuses this combination of model, GPU and settings.", overridable: false },
  "checkpoint-needed": { title: "Weights in this format exist only as a checkpoint of their own.", overridable: true },
  "load-not-met": { title: "The release cannot meet the load and the promises of its routes.", overridable: true },
  "targets-unlike": { title: "Targets of one route cannot do the same for their clients.", overridable: true },
  "change-interrupts": { title: "A change of a release takes it away from its clients.", overridable: true },
  "image-unknown": { title: "Nobody has said in which image an engine runs.", overridable: false },
  "api-server-unknown": {
    title: "Nobody has said where the API server is, which a release has to reach.",
    overridable: false,
  },
  "ray-upgrade-waits": { title: "A change of a Ray cluster waits for somebody to delete it.", overridable: true },
  "capacity-unknown": { title: "Nobody has said what one pod of a release serves.", overridable: true },
  "not-scaled": { title: "Nothing scales a release between its bounds.", overridable: true },
  "scaling-impossible": { title: "An autoscaler cannot do what is asked of it.", overridable: false },
  "scale-to-zero-refused": { title: "A release may not be without any pod here.", overridable: false },
  "metrics-not-collected": { title: "Nobody is known to collect the metrics of a release.", overridable: true },
  "operator-missing": { title: "The cluster has no operator that is needed.", overridable: false },
  "spread-impossible": { title: "Pods cannot be spread over zones as it is required.", overridable: false },
  "devices-not-claimable": { title: "Devices cannot be claimed on this cluster or pool.", overridable: false },
  "sharing-impossible": { title: "GPUs cannot be shared in this way.", overridable: false },
  "sharing-across-tenants": { title: "Tenants share GPUs that keep nothing apart.", overridable: false },
  "sharing-in-production": { title: "GPUs without isolation are shared in production.", overridable: false },
  "sharing-overcommitted": { title: "Engines that share a GPU take more memory than it has.", overridable: false },
  "group-impossible": { title: "A replica cannot span machines of its pool.", overridable: false },
  "fabric-not-in-image": { title: "The image cannot use the network of the machines.", overridable: true },
  "fabric-unused": { title: "Replicas over several machines leave their fast network unused.", overridable: true },
  "argument-unknown": { title: "The engine's version does not know an argument or a variable.", overridable: true },
  "argument-removed": { title: "The engine has lost an argument or a variable.", overridable: false },
  "argument-dangerous": { title: "An argument or a variable takes protections away.", overridable: false },
  "argument-contradicts": { title: "An argument or a variable contradicts a setting.", overridable: false },
  "argument-malformed": { title: "An argument cannot be read as it is written.", overridable: false },
  "adapter-name-taken": { title: "An adapter has the name of the model itself.", overridable: false },
  "draft-unknown": { title: "The shape of a draft model is not known.", overridable: false },
  "draft-vocabulary": { title: "A draft model has another vocabulary than its model.", overridable: false },
  "setting-not-in-version": { title: "The engine's version does not know a setting's value.", overridable: true },
  "setting-without-effect": { title: "A setting does nothing for this model.", overridable: false },
  "prefix-cache-off": { title: "Routes count on a prefix cache that is off.", overridable: true },
  "promise-between-buckets": { title: "No bucket of a histogram ends at a promise.", overridable: true },
  "model-not-planned": { title: "Nothing here serves this kind of model yet.", overridable: false },
  "loader-missing": { title: "The engine's version has not the loader that is asked for.", overridable: false },
  "draft-not-streamed": {
    title: "A draft cannot be told from the model that it is streamed with.",
    overridable: false,
  },
  "image-volumes-missing": { title: "The cluster may not mount images as volumes.", overridable: true },
  "token-missing": { title: "A gated model is downloaded without a token.", overridable: true },
  "pool-too-small": { title: "Pods find no place on the machines of their pool.", overridable: true },
  "pod-never-fits": { title: "A pod is larger than any machine of its pool.", overridable: true },
  "maximum-out-of-reach": { title: "A pool cannot hold all releases at their most.", overridable: true },
  "room-only-if-packed": { title: "Pods find room only where the scheduler packs them tightly.", overridable: true },
  "zones-uneven": { title: "A release's pods cannot be spread evenly over the zones.", overridable: true },
  "machines-idle": { title: "Machines are kept that no pod needs.", overridable: true },
  "reservation-unused": { title: "Reserved machines are paid and not used.", overridable: true },
  "quota-too-small": { title: "Pools may need more vCPUs than the account may run.", overridable: true },
  "quota-unknown": { title: "Nobody has said how many vCPUs the account may run.", overridable: true },
  "drain-outlives-spot": { title: "A pod takes longer to stop than a spot machine's notice.", overridable: true },
  "engine-aborts-requests": { title: "The engine's version aborts requests when it stops.", overridable: true },
  "start-too-slow": { title: "A new pod takes very long to serve.", overridable: true },
  "budget-exceeded": { title: "The environment costs more than its budget.", overridable: true },
  "budget-maybe-exceeded": { title: "The environment may cost more than its budget.", overridable: true },
  "budget-unknown": { title: "Whether the budget holds is not known.", overridable: true },
  "external-retired": { title: "A provider has turned a model off, or will.", overridable: true },
  "external-unbounded": { title: "Nothing bounds what a route may spend at providers.", overridable: true },
  "price-unknown": { title: "Nobody has said what a GPU or a provider costs.", overridable: true },
  "one-cluster": { title: "An environment has exactly one cluster.", overridable: false },
  "engine-advisory": { title: "The engine's version has known weaknesses.", overridable: true },
  "model-config-invalid": { title: "Triton refuses a model as it is described.", overridable: false },
  "ensemble-broken": { title: "The steps of an ensemble do not fit together.", overridable: false },
  "engine-artefact-mismatch": {
    title: "An engine was built for another GPU, container or shape than it meets.",
    overridable: true,
  },
  "image-lacks-backend": { title: "No published image has all backends of a release.", overridable: false },
  "image-not-pinned": { title: "No digest of an engine's image is known.", overridable: true },
  "override-unknown": { title: "An override names no finding that there is.", overridable: false },
  "override-refused": { title: "An override names a finding that cannot be overridden.", overridable: false },
  "override-expired": { title: "An override's last day is over.", overridable: false },
  "override-unused": { title: "An override has nothing to override.", overridable: false },
} as const satisfies Readonly<Record<string, FindingKind>>;

export type FindingId = keyof typeof findingKinds;

export const findingIds: readonly string[] = Object.keys(findingKinds);

export function isFindingId(id: string): id is FindingId {
  return Object.hasOwn(findingKinds, id);
}

/** Something that planning found: an error stops the program, a warning is shown, an overridden one is shown with its reason. */
export interface Finding {
  readonly id: FindingId;
  readonly level: "error" | "warning" | "overridden";
  /** The setting it is about; the loader turns it into a file and a line. */
  readonly at: Path;
  readonly message: string;
  readonly fix: string;
  readonly override?: OverrideSettings;
}

export function errorAt(at: Path, id: FindingId, message: string, fix: string): Finding {
  return { id, level: "error", at, message, fix };
}

export function warningAt(at: Path, id: FindingId, message: string, fix: string): Finding {
  return { id, level: "warning", at, message, fix };
}
