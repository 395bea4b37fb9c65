import { realpathSync } from "node:fs";
import { join, sep } from "node:path";
import { modelFromConfig } from "../catalog/model-config";
import { models as catalogue } from "../catalog/models";
import type { Merged } from "./chain";
import { readText } from "./file";
import { pathText } from "./messages";
import { modelOfShape } from "./model-shape";
import type { Problem } from "./problem";
import type { DescribedModel, ModelSettings, ModelShape } from "./schema";

interface DescribedModels {
  readonly models: Readonly<Record<string, DescribedModel>>;
  readonly problems: readonly Problem[];
}

/** What is wrong with a model's description, and what to do. */
interface Fault {
  /** Setting of the model that it is about; the model itself where there is none. */
  readonly key?: string;
  readonly message: string;
  readonly fix: string;
}

/** Names of the catalogue, which nobody may give to another model. */
const taken = new Set(catalogue.flatMap(({ id, aliases }) => [id, ...aliases]));

/**
 * The models that an environment describes, read from its shapes and from the configurations that it names.
 *
 * @param folder - of the environment's file; nothing outside it is read
 */
export function describedModels(
  folder: string,
  settings: Readonly<Record<string, ModelSettings>>,
  merged: Merged,
): DescribedModels {
  const read = Object.entries(settings).map(([name, model]) => ({ name, result: describe(folder, name, model) }));
  return {
    models: Object.fromEntries(
      read.flatMap(({ name, result }) => ("message" in result ? [] : [[name, result] as const])),
    ),
    problems: read.flatMap(({ name, result }) => {
      if (!("message" in result)) return [];
      const path = ["models", name, ...(result.key === undefined ? [] : [result.key])];
      const place = merged.locate(path, result.key === undefined ? "key" : "value");
      return [{ place, message: `${pathText(path)} ${result.message}`, fix: result.fix }];
    }),
  };
}

function describe(folder: string, name: string, settings: ModelSettings): DescribedModel | Fault {
  if (taken.has(name))
    return { message: "is in the catalogue already", fix: "Remove this description, or give the model another name." };
  const model = "config" in settings ? modelOfFile(folder, name, settings.config) : shaped(name, settings);
  if ("message" in model || settings.gated === undefined) return model;
  return { ...model, gated: settings.gated ? "yes" : "no" };
}

function shaped(name: string, settings: ModelShape): DescribedModel | Fault {
  const today = new Date().toISOString().slice(0, 10);
  const model = modelOfShape(name, settings, today);
  if (!("counted" in model)) return model;
  const billions = (parameters: number): string => `${(parameters / 1e9).toPrecision(3)}B`;
  return {
    key: model.key,
    message: `says ${billions(model.written)}, and the shape makes ${billions(model.counted)}`,
    fix: "Correct the number or the shape. A model of another build is described by `config`.",
  };
}

function modelOfFile(folder: string, name: string, path: string): DescribedModel | Fault {
  const fault = (message: string, fix: string): Fault => ({ key: "config", message: `names ${path}: ${message}`, fix });
  // A link could lead anywhere, and what is wrong with a file is said in words of that file.
  if (!isInside(folder, join(folder, path)))
    return fault("it leads out of the folder", "Put the file itself beside the environments.");
  const text = readText(join(folder, path));
  if (typeof text !== "string") return fault(text.message, text.fix);
  const json = parseJson(text);
  if (json === undefined) return fault("it is not JSON", "Take the `config.json` as it was published.");
  const read = modelFromConfig(json, name);
  if ("problems" in read) {
    const fix = "Take the `config.json` as it was published, or describe the model by its shape.";
    return fault(shorten(read.problems.join("; ")), fix);
  }
  return { ...read.model, format: read.format };
}

/** True as well for a file that is not there: it leads nowhere. */
function isInside(folder: string, path: string): boolean {
  try {
    return realpathSync(path).startsWith(realpathSync(folder) + sep);
  } catch {
    return true;
  }
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

function shorten(text: string): string {
  return text.length > 600 ? `${text.slice(0, 600)}…` : text;
}
