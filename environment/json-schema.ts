import { z } from "zod";
import { environmentSchema } from "./schema";

/**
 * The schema of environment files for editors: completion, descriptions, defaults, unknown keys.
 *
 * Nothing is required in it: what a file leaves out may stand in the file that it extends, which an editor
 * does not see. The loader says what is missing in all of them together.
 */
export function environmentJsonSchema(): object {
  const generated = z.toJSONSchema(environmentSchema, {
    io: "input",
    target: "draft-7",
    override: ({ jsonSchema }) => delete jsonSchema.required,
  });
  const extending = {
    type: "string",
    pattern: "^[\\w-][\\w.-]*\\.yaml$",
    description: "Another file of this folder; maps merge key by key, lists and single values replace.",
  };
  return {
    ...generated,
    title: "An environment of Modelyard",
    properties: {
      extends: extending,
      ...generated.properties,
      releases: likeOthers(generated.properties?.["releases"]),
    },
  };
}

type Json = z.core.JSONSchema._JSONSchema | undefined;

/** A release may name another one that it is like, and then leave out even its engine. */
function likeOthers(releases: Json): z.core.JSONSchema.JSONSchema {
  if (typeof releases !== "object" || typeof releases.additionalProperties !== "object")
    throw new TypeError("the schema of releases is no map of choices");
  const { oneOf: engines = [], ...release } = releases.additionalProperties;
  const like: z.core.JSONSchema.JSONSchema = {
    type: "string",
    description: "Another release, whose settings this one has but for those it says.",
  };
  const anyOf = engines.map((engine) =>
    typeof engine === "object" ? { ...engine, properties: { like, ...engine.properties } } : engine,
  );
  return { ...releases, additionalProperties: { ...release, anyOf } };
}
