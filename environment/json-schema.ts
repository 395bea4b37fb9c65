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
    properties: { extends: extending, ...generated.properties },
  };
}
