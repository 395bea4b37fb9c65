/** Writes the schema that editors use for environment files: `npm run schema`. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { environmentJsonSchema } from "../environment/json-schema";

writeFileSync(
  join(__dirname, "..", "stacks", "environment.schema.json"),
  `${JSON.stringify(environmentJsonSchema(), null, 2)}\n`,
);
