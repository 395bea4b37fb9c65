import { ComponentResource, type ComponentResourceOptions, type CustomResourceOptions } from "@pulumi/pulumi";

/**
 * What every component of Modelyard is: a named group of resources.
 *
 * Type token and names are public API: changing one replaces what runs. The token is
 * `modelyard:<area>:<Kind>`, a child's name is `<component's name>-<role>`.
 */
export abstract class Component extends ComponentResource {
  readonly #name: string;

  /** Arguments are not handed on to Pulumi: inputs of components are kept in the state, in clear. */
  protected constructor(kind: `${string}:${string}`, name: string, options?: ComponentResourceOptions) {
    super(`modelyard:${kind}`, name, {}, options);
    this.#name = name;
  }

  /** The name of the child that plays a role. */
  protected child(role: string): string {
    return `${this.#name}-${role}`;
  }

  /** Options that make a resource a child of this component, with what is special about it. */
  protected own(special: CustomResourceOptions = {}): CustomResourceOptions {
    return { parent: this, ...special };
  }
}
