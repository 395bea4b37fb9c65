/** Changes the arguments of one resource, for what the component's own arguments do not offer. */
export type Transform<Args> = (args: Args) => Args;

export function transformed<Args>(args: Args, transform: Transform<Args> | undefined): Args {
  return transform === undefined ? args : transform(args);
}
