import { Secret } from "@pulumi/kubernetes/core/v1";
import type { ComponentResourceOptions, Input } from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random";
import { Component, labels, type Identity, type SecretRef } from "../base";

export interface GeneratedSecretArgs {
  readonly namespace: Input<string>;
  /** Name of the Secret object. */
  readonly secretName: string;
  readonly identity: Identity;
}

/** 32 letters and digits carry 190 bits; a header needs no quoting of them. */
const length = 32;
const key = "value";

/** A Secret whose value Pulumi makes. For development: the value is kept, encrypted, in Pulumi's state. */
export class GeneratedSecret extends Component {
  readonly ref: SecretRef;

  constructor(name: string, args: GeneratedSecretArgs, options?: ComponentResourceOptions) {
    super("secrets:GeneratedSecret", name, options);
    const password = new RandomPassword(this.child("password"), { length, special: false }, this.own());
    const secret = this.#secret(args, password);
    this.ref = { name: secret.metadata.name, key };
    this.registerOutputs({ secretName: secret.metadata.name });
  }

  #secret(args: GeneratedSecretArgs, password: RandomPassword): Secret {
    const metadata = { name: args.secretName, namespace: args.namespace, labels: labels(args.identity) };
    return new Secret(this.child("secret"), { metadata, stringData: { [key]: password.result } }, this.own());
  }
}
