import type { Input } from "@pulumi/pulumi";

/** A key inside a Secret of the same namespace. The value itself never passes through a component. */
export interface SecretRef {
  readonly name: Input<string>;
  readonly key: Input<string>;
}
