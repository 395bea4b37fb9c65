import { Job } from "@pulumi/kubernetes/batch/v1";
import { ConfigMap, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1";
import type { ComponentResourceOptions, Input } from "@pulumi/pulumi";
import type { PrefetchPlan } from "../../planning";
import { Component, labels, selectorLabels, type Identity, type Pool } from "../base";
import { networkRules } from "./network";
import { filesName, fileVolumes, jobPod } from "./pod";

export interface PrefetchArgs {
  readonly environment: string;
  /** The release whose weights they are. */
  readonly release: string;
  readonly plan: PrefetchPlan;
  readonly pool: Pool;
  readonly namespace: Input<string>;
}

/** With this the script says that another attempt cannot help: `REFUSED` in scripts/weights.py. */
const refused = 3;

/**
 * A Job that brings the weights of a release into a volume. It alone has the token and reaches the source; what waits
 * for it is the release's pods.
 */
export class Prefetch extends Component {
  readonly job: Job;
  readonly #args: PrefetchArgs;
  readonly #identity: Identity;

  constructor(name: string, args: PrefetchArgs, options?: ComponentResourceOptions) {
    super("releases:Prefetch", name, options);
    this.#args = args;
    this.#identity = { environment: args.environment, part: "prefetch", instance: args.release };
    const account = this.#serviceAccount();
    this.job = this.#job(account, [this.#networkPolicy(), ...this.#files()]);
    this.registerOutputs({ job: this.job.metadata.name });
  }

  /** Its own: a role that reads the bucket is the Job's, and not the engine's. */
  #serviceAccount(): ServiceAccount {
    const metadata = this.#metadata(this.#group);
    return new ServiceAccount(this.child("account"), { metadata, automountServiceAccountToken: false }, this.own());
  }

  #networkPolicy(): NetworkPolicy {
    const podSelector = { matchLabels: selectorLabels(this.#identity) };
    const spec = { podSelector, ...networkRules(this.#args.plan.flows, podSelector) };
    return new NetworkPolicy(this.child("network"), { metadata: this.#metadata(this.#group), spec }, this.own());
  }

  #files(): readonly ConfigMap[] {
    return fileVolumes(this.#args.plan.pod.volumes).map(([volume, data]) => {
      const metadata = this.#metadata(filesName(this.#group, volume));
      return new ConfigMap(this.child(volume), { metadata, data }, this.own());
    });
  }

  /**
   * Pulumi waits until it is complete, and so do the pods of the release. It has no `ttlSecondsAfterFinished`: a Job that
   * Kubernetes removes by itself is missing at the next update, which would make it, and wait for it, once more. Pulumi
   * removes it when other weights make another.
   */
  #job(account: ServiceAccount, before: (NetworkPolicy | ConfigMap)[]): Job {
    const { plan, pool } = this.#args;
    const spec = {
      backoffLimit: plan.retries,
      activeDeadlineSeconds: plan.seconds.deadline,
      podFailurePolicy: {
        rules: [
          {
            action: "FailJob",
            onExitCodes: { containerName: plan.pod.container.name, operator: "In", values: [refused] },
          },
          // A machine that is drained is nobody's failure.
          { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
        ],
      },
      template: {
        metadata: { labels: labels(this.#identity) },
        spec: jobPod(this.#group, plan, pool.placement),
      },
    };
    const options = this.own({
      dependsOn: [account, ...before],
      customTimeouts: { create: `${plan.seconds.wait}s`, update: `${plan.seconds.wait}s` },
    });
    return new Job(this.child("job"), { metadata: this.#metadata(plan.name), spec }, options);
  }

  /** What does not change with the weights. */
  get #group(): string {
    return `${this.#args.release}-prefetch`;
  }

  #metadata(name: string) {
    return { name, namespace: this.#args.namespace, labels: labels(this.#identity) };
  }
}
