import { createHash } from "node:crypto";
import { Deployment, type DeploymentArgs } from "@pulumi/kubernetes/apps/v1";
import { ConfigMap, Service, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1";
import type { ComponentResourceOptions, Input, Resource } from "@pulumi/pulumi";
import type { Rollout, Workload } from "../../planning";
import {
  Component,
  labels,
  selectorLabels,
  transformed,
  type Identity,
  type Pool,
  type SecretRef,
  type Transform,
} from "../base";
import { networkRules } from "./network";
import { filesName, fileVolumes, releasePod } from "./pod";

export interface ReleaseArgs<Plan extends Workload = Workload> {
  readonly environment: string;
  readonly plan: Plan;
  readonly pool: Pool;
  readonly namespace: Input<string>;
  /** The key that the engine asks of its clients, where its plan says that it asks for one. */
  readonly apiKey?: SecretRef;
  /** Changes to single resources, for what the plan does not decide. */
  readonly transform?: { readonly deployment?: Transform<DeploymentArgs> };
}

/** What releases are made of, whatever engine serves: the pods, the Service in front of them, and what protects both. */
export abstract class Release<Plan extends Workload = Workload> extends Component {
  readonly service: Service;
  readonly #args: ReleaseArgs<Plan>;
  readonly #identity: Identity;

  protected constructor(
    kind: `releases:${string}`,
    name: string,
    args: ReleaseArgs<Plan>,
    options?: ComponentResourceOptions,
  ) {
    super(kind, name, options);
    this.#args = args;
    const { environment, plan } = args;
    this.#identity = { environment, part: "release", instance: plan.name, version: plan.version };

    const account = this.#serviceAccount();
    const network = this.#networkPolicy();
    const files = this.#files();
    this.service = this.#service();
    this.#deployment([account, network, ...files]);
    this.#disruptionBudget();

    this.registerOutputs({ service: this.service.metadata.name });
  }

  #serviceAccount(): ServiceAccount {
    return new ServiceAccount(
      this.child("account"),
      { metadata: this.#metadata(), automountServiceAccountToken: false },
      this.own(),
    );
  }

  #networkPolicy(): NetworkPolicy {
    const podSelector = { matchLabels: selectorLabels(this.#identity) };
    const spec = { podSelector, ...networkRules(this.#args.plan.flows, podSelector) };
    return new NetworkPolicy(this.child("network"), { metadata: this.#metadata(), spec }, this.own());
  }

  /** The texts that the program writes for the pod, one ConfigMap a volume. */
  #files(): readonly ConfigMap[] {
    const { plan } = this.#args;
    return fileVolumes(plan.pod.volumes).map(([volume, data]) => {
      const metadata = { ...this.#metadata(), name: filesName(plan.name, volume) };
      return new ConfigMap(this.child(volume), { metadata, data }, this.own());
    });
  }

  /**
   * Not awaited: Pulumi would give a Service ten minutes to find ready pods, which an engine may need longer to
   * become. The Deployment is awaited, for as long as its rollout may take.
   */
  #service(): Service {
    const { port } = this.#args.plan.endpoint;
    const ports = [{ name: "http", port, targetPort: "http", protocol: "TCP" }];
    const spec = { type: "ClusterIP", selector: selectorLabels(this.#identity), ports };
    const metadata = { ...this.#metadata(), annotations: { "pulumi.com/skipAwait": "true" } };
    return new Service(this.child("service"), { metadata, spec }, this.own());
  }

  /** Pods start with their network policy in place, and Pulumi waits as long as the whole rollout may take. */
  #deployment(dependsOn: Resource[]): Deployment {
    const { plan, transform } = this.#args;
    const spec = {
      replicas: plan.replicas.min,
      strategy: deploymentStrategy(plan.rollout),
      progressDeadlineSeconds: plan.seconds.progressDeadline,
      revisionHistoryLimit: 3,
      selector: { matchLabels: selectorLabels(this.#identity) },
      template: this.#podTemplate(),
    };
    const timeout = `${plan.seconds.rolloutTimeout}s`;
    const options = this.own({ dependsOn, customTimeouts: { create: timeout, update: timeout } });
    return new Deployment(
      this.child("deployment"),
      transformed({ metadata: this.#metadata(), spec }, transform?.deployment),
      options,
    );
  }

  /** Pods do not see that a file changed: the digest of all of them makes new pods. */
  #podTemplate() {
    const { plan, pool, apiKey } = this.#args;
    const files = fileVolumes(plan.pod.volumes);
    const digest = createHash("sha256").update(JSON.stringify(files)).digest("hex");
    const annotations = files.length === 0 ? {} : { annotations: { "modelyard.dev/files": digest } };
    return {
      metadata: { labels: labels(this.#identity), ...annotations },
      spec: releasePod(plan, { placement: pool.placement, identity: this.#identity, apiKey }),
    };
  }

  #disruptionBudget(): PodDisruptionBudget {
    const selector = { matchLabels: selectorLabels(this.#identity) };
    const spec = { maxUnavailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow", selector };
    return new PodDisruptionBudget(this.child("disruption"), { metadata: this.#metadata(), spec }, this.own());
  }

  #metadata() {
    return { name: this.#args.plan.name, namespace: this.#args.namespace, labels: labels(this.#identity) };
  }
}

function deploymentStrategy(rollout: Rollout) {
  if (rollout.kind === "recreate") return { type: "Recreate" };
  return {
    type: "RollingUpdate",
    rollingUpdate: { maxSurge: rollout.maxSurge, maxUnavailable: rollout.maxUnavailable },
  };
}
