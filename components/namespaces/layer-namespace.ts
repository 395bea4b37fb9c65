import { Namespace } from "@pulumi/kubernetes/core/v1";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1";
import type { ComponentResourceOptions, Output } from "@pulumi/pulumi";
import type { NamespacePlan } from "../../planning";
import { Component, labels, type Identity } from "../base";

export interface LayerNamespaceArgs {
  readonly environment: string;
  readonly plan: NamespacePlan;
}

/**
 * The namespace of one layer. The API server enforces a Pod Security Standard in it, and nothing in it may
 * talk or be talked to unless a network policy of its own says so.
 */
export class LayerNamespace extends Component {
  /** The namespace's name, known once it exists. */
  readonly namespaceName: Output<string>;

  constructor(name: string, args: LayerNamespaceArgs, options?: ComponentResourceOptions) {
    super("namespaces:LayerNamespace", name, options);
    const identity: Identity = { environment: args.environment, part: args.plan.layer };

    const namespace = this.#namespace(args.plan, identity);
    this.namespaceName = namespace.metadata.name;
    this.#defaultDeny(identity);

    this.registerOutputs({ namespaceName: this.namespaceName });
  }

  #namespace(plan: NamespacePlan, identity: Identity): Namespace {
    const podSecurity = ["enforce", "warn", "audit"].flatMap((mode): [string, string][] => [
      [`pod-security.kubernetes.io/${mode}`, plan.podSecurity],
      [`pod-security.kubernetes.io/${mode}-version`, plan.podSecurityVersion],
    ]);
    const metadata = { name: plan.name, labels: { ...labels(identity), ...Object.fromEntries<string>(podSecurity) } };
    return new Namespace(this.child("namespace"), { metadata }, this.own());
  }

  #defaultDeny(identity: Identity): NetworkPolicy {
    const metadata = { name: "default-deny", namespace: this.namespaceName, labels: labels(identity) };
    const spec = { podSelector: {}, policyTypes: ["Ingress", "Egress"] };
    return new NetworkPolicy(this.child("default-deny"), { metadata, spec }, this.own());
  }
}
