import { vllmFlag } from "../../../catalog/engine-flags";
import type { By } from "../../plan";
import type { EngineValue } from "./plan";

/**
 * Of the server, which Ray Serve is in vLLM's place; Ray gives the model and its name itself, and logs no requests
 * unless it is told to.
 */
const ofTheServer: ReadonlySet<string> = new Set([
  "served-model-name",
  "port",
  "shutdown-timeout",
  "enable-log-requests",
  "custom-histogram-buckets",
]);

/** Arguments of `vllm serve` as Ray hands them to the engine: names with underscores, values of their type. */
export function engineArguments(version: string, args: readonly string[]): By<EngineValue> {
  const known: Record<string, EngineValue> = {};
  for (const { name, values } of grouped(args)) {
    const positive = name.replace(/^no-/, "");
    if (ofTheServer.has(name) || ofTheServer.has(positive)) continue;
    known[positive.replaceAll("-", "_")] = name === positive ? valueOf(version, name, values) : false;
  }
  return known;
}

/** Each flag with its values; what stands before the first flag is the model. */
function grouped(args: readonly string[]): readonly { readonly name: string; readonly values: readonly string[] }[] {
  const flags: { name: string; values: string[] }[] = [];
  for (const arg of args) {
    const [, name, value] = /^--([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
    if (name !== undefined) flags.push({ name, values: value === undefined ? [] : [value] });
    else flags.at(-1)?.values.push(arg);
  }
  return flags;
}

function valueOf(version: string, name: string, values: readonly string[]): EngineValue {
  const [only] = values;
  if (only === undefined) return true;
  if (values.length > 1) return values;
  switch (vllmFlag(version, `--${name}`)?.type) {
    case "integer":
    case "number":
    case "size":
      return Number(only);
    case "json":
      return asJson(only);
    case "list":
      return [only];
    case "switch":
      return only === "true";
    case "text":
    case "choice":
    case undefined:
      return only;
  }
}

function asJson(text: string): EngineValue {
  const value: unknown = JSON.parse(text);
  return isValue(value) ? value : text;
}

/** What JSON may hold is what the plan may: nothing else comes out of its parser. */
function isValue(value: unknown): value is EngineValue {
  return value === null || ["string", "number", "boolean", "object"].includes(typeof value);
}
