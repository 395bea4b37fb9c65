/** Pulumi refused, or must not run as things are. The message is complete by itself. */
export class PulumiError extends Error {
  override readonly name: string = "PulumiError";
}
