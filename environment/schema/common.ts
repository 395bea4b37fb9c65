import { z } from "zod";
import { settings } from "../settings";

/** Names become parts of Kubernetes object names: a DNS label, short enough to leave room for a role. */
export const name = z
  .string()
  .regex(
    /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/,
    "a name is lower-case letters, digits and dashes, 40 at most, and begins with a letter",
  );

export const labelKey = z
  .string()
  .regex(/^([a-z0-9.-]{1,253}\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/, "not a Kubernetes label key");
export const labelValue = z
  .string()
  .regex(/^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/, "not a Kubernetes label value");

/** A whole number from one. */
export const count = z.int().min(1);

/** A path that stays inside its folder or volume. */
export const innerPath = (inside: string) =>
  z
    .string()
    .regex(/^[\w.-]+(\/[\w.-]+)*$/, `a path inside ${inside}, without a leading slash`)
    .refine((path) => !path.split("/").includes(".."), `a path inside ${inside} cannot climb out of it`);

/** An image whose content cannot change under its name. */
export const pinnedImage = z
  .string()
  .regex(
    /^[\w.-]+(:\d+)?(\/[\w.-]+)+:[\w.-]+@sha256:[0-9a-f]{64}$/,
    "an image is written as registry/repository:tag@sha256:digest",
  );

/** The name of an environment variable. */
export const variableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "not the name of an environment variable");

/** The commit of a repository of the hub. */
export const commit = z
  .string()
  .regex(
    /^[0-9a-f]{40}$/,
    "a revision is the 40 hexadecimal digits of a commit, so that what was tested is what is served",
  );

export const secretKey = settings({
  secret: name.describe("Name of a Secret in the serving namespace; whoever runs the secret store provides it."),
  key: z
    .string()
    .regex(/^[-._a-zA-Z0-9]+$/, "not a key of a Secret")
    .describe("The key inside that Secret."),
});

const override = settings({
  reason: z
    .string()
    .min(20, "a reason has at least 20 characters: it is read at night by somebody who does not know it")
    .describe("Why this is right all the same, for those who read it later."),
  expires: z.iso
    .date("a date is written as 2027-01-31")
    .describe("The last day on which it holds, such as 2027-01-31."),
});

/** By the finding's name; planning knows which there are. */
export const overrides = z
  .record(z.string(), override)
  .default({})
  .describe("Findings of planning that do not hold here, by name, each with its reason and its last day.");

export type OverrideSettings = z.output<typeof override>;
export type SecretKeySettings = z.output<typeof secretKey>;
