import type { By, EngineArgument } from "../../../planning";

/** Settings as YAML: maps by indentation, every text in the quotes of JSON, which YAML reads alike. */
export function yamlOf(values: By<EngineArgument>): string {
  return linesOf(values).join("\n") + "\n";
}

function linesOf(values: By<EngineArgument>): readonly string[] {
  return Object.entries(values).flatMap(([name, value]) =>
    typeof value === "object" && value !== null
      ? [`${name}:`, ...linesOf(value).map((line) => `  ${line}`)]
      : [`${name}: ${JSON.stringify(value)}`],
  );
}
