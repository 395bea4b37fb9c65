import { z } from "zod";
import { knownKeys } from "./messages";

/** A map of settings. An unknown key in it is an error that names the keys there are. */
export function settings<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const error = (issue: z.core.$ZodRawIssue): string | undefined =>
    issue.code === "unrecognized_keys" ? knownKeys.write(Object.keys(shape)) : undefined;
  return z.strictObject(shape, { error });
}
