import { Deployment, type DeploymentArgs } from "@pulumi/kubernetes/apps/v1";
import { Service, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1";
import type { ComponentResourceOptions, Input, Resource } from "@pulumi/pulumi";
import type { VllmPlan } from "../../planning";
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
import { deploymentStrategy } from "./pod";
import { vllmPod } from "./vllm-pod";

export interface VllmReleaseArgs {
  readonly environment: string;
  readonly plan: VllmPlan;
  readonly pool: Pool;
  readonly namespace: Input<string>;
  /** The key that the engine asks of its clients. */
  readonly apiKey: SecretRef;
  /** Changes to single resources, for what the plan does not decide. */
  readonly transform?: { readonly deployment?: Transform<DeploymentArgs> };
}

/**
 * One model served by vLLM: its pods, the Service in front of them, and what protects both.
 *
 * Cost: GPUs per pod × replicas × the pool's price per GPU and hour; `plan.usdPerHour` holds it.
 */
export class VllmRelease extends Component {
  readonly service: Service;
  readonly deployment: Deployment;
  readonly #args: VllmReleaseArgs;
  readonly #identity: Identity;

  constructor(name: string, args: VllmReleaseArgs, options?: ComponentResourceOptions) {
    super("releases:VllmRelease", name, options);
    this.#args = args;
    this.#identity = {
      environment: args.environment,
      part: "release",
      instance: args.plan.name,
      version: args.plan.version,
    };

    const account = this.#serviceAccount();
    const network = this.#networkPolicy();
    this.service = this.#service();
    this.deployment = this.#deployment([account, network]);
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
    const spec = { podSelector, ...networkRules(this.#args.plan.flows) };
    return new NetworkPolicy(this.child("network"), { metadata: this.#metadata(), spec }, this.own());
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
    const { plan, pool, apiKey, transform } = this.#args;
    const spec = {
      replicas: plan.replicas.min,
      strategy: deploymentStrategy(plan.rollout),
      progressDeadlineSeconds: plan.seconds.progressDeadline,
      revisionHistoryLimit: 3,
      selector: { matchLabels: selectorLabels(this.#identity) },
      template: {
        metadata: { labels: labels(this.#identity) },
        spec: vllmPod(plan, pool.placement, apiKey, this.#identity),
      },
    };
    const timeout = `${plan.seconds.rolloutTimeout}s`;
    const options = this.own({ dependsOn, customTimeouts: { create: timeout, update: timeout } });
    return new Deployment(
      this.child("deployment"),
      transformed({ metadata: this.#metadata(), spec }, transform?.deployment),
      options,
    );
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
