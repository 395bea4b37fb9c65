import { flagsOf, setsKey } from "../../../catalog/command-line/flags";
import { suggestion } from "../../../catalog/suggest";
import { vllmSpellings, type VllmFlag } from "../../../catalog/engine-flags";
import { readVllmArguments, wrongValue, type VllmArgument } from "../../../catalog/vllm-arguments";
import { dangerousVllmFlags, trustRemoteCode } from "../../../catalog/vllm-dangers";
import { removedVllmFlags } from "../../../catalog/vllm-removals";
import type { Path } from "../../../environment";
import { errorAt, type Finding, type FindingId } from "../../findings";
import { ownerOf } from "./owned";
import { unpack } from "./unpack";

/** Something that is wrong with one argument. */
interface Wrong {
  readonly id: FindingId;
  readonly message: string;
  readonly fix: string;
}

/**
 * What is wrong with arguments that people add to those of planning. Each is judged by the flags of the engine's
 * version, however it is written: by an alias, negated, with underscores, shortened, in dots, in JSON, in a command
 * line for a shell.
 *
 * @param at the setting that holds them
 */
export function argumentFindings(version: string, items: readonly string[], at: Path): readonly Finding[] {
  const { words, misplaced } = unpack(items);
  const found = misplaced.map(({ item, what, fix }) =>
    errorAt([...at, item], "argument-malformed", `${shown(items[item] ?? "")} ${what}`, fix),
  );
  const read = readVllmArguments(
    version,
    words.map(({ text }) => text),
  );
  const seen = new Map<string, VllmArgument>();
  for (const argument of read) {
    const item = words[argument.index]?.item ?? 0;
    const wrong = wrongWith(version, argument) ?? repeated(argument, seen);
    if (wrong !== undefined) found.push(errorAt([...at, item], wrong.id, wrong.message, wrong.fix));
  }
  return found;
}

/** The first thing that is wrong with an argument: what is dangerous before what does not work. */
function wrongWith(version: string, argument: VllmArgument): Wrong | undefined {
  const { meaning, written } = argument;
  if (hidesValue(argument)) {
    const message = `${shown(written)} has a value that Kubernetes puts in from a variable, which no review sees`;
    return { id: "argument-dangerous", message, fix: "Write the value." };
  }
  switch (meaning.kind) {
    case "stray": {
      const message = `${shown(written)} is no flag, and no flag before it takes it as a value`;
      return { id: "argument-malformed", message, fix: "Remove it, or write it behind its flag." };
    }
    case "unknown":
      return gone(version, written) ?? unknown(version, written);
    case "ambiguous": {
      const message = `${shown(written)} is the beginning of several flags: ${meaning.flags.slice(0, 5).join(", ")}`;
      return { id: "argument-malformed", message, fix: "Write the whole name of the one that is meant." };
    }
    case "flag":
      return (
        dangerous(argument, meaning.flag, meaning.negated) ??
        contradicting(written, meaning.flag) ??
        malformed(argument, meaning.flag, meaning.short)
      );
  }
}

function shown(word: string): string {
  return `\`${word.length > 80 ? `${word.slice(0, 80)}…` : word}\``;
}

function hidesValue({ written, values }: VllmArgument): boolean {
  return [written, ...values].some((word) => /\$\([A-Za-z_][\w.-]*\)/.test(word));
}

function gone(version: string, written: string): Wrong | undefined {
  const name = written.replace(/^--no-/, "--");
  const removal = removedVllmFlags.find((each) => each.name === written || each.name === name);
  if (removal === undefined) return undefined;
  const message = `vLLM ${version} has no ${removal.name} any more: it is gone since ${removal.goneIn}`;
  const fix =
    removal.instead === undefined ? "Remove it: nothing took its place." : `Write instead: ${removal.instead}.`;
  return { id: "argument-removed", message, fix };
}

function unknown(version: string, written: string): Wrong {
  const message = `vLLM ${version} has no flag ${shown(written)}, and ends its start at one that it does not know`;
  return { id: "argument-unknown", message, fix: suggestion(written, [...vllmSpellings(version).keys()]) };
}

/** A switch that is turned off does no harm; the others do whatever their value. */
function dangerous({ written, values, keys }: VllmArgument, flag: VllmFlag, negated: boolean): Wrong | undefined {
  const own = negated ? undefined : dangerousVllmFlags[flag.name];
  const text = `--${flag.name.slice(2)}${keys.map((key) => `.${key}`).join("")}=${values[0] ?? ""}`;
  const [read] = flagsOf([{ text, at: "" }]);
  const inside = flag.type === "switch" || read === undefined ? false : setsKey(read, trustRemoteCode.name);
  const why = own ?? (inside ? dangerousVllmFlags[`--${trustRemoteCode.name}`] : undefined);
  if (why === undefined) return undefined;
  return { id: "argument-dangerous", message: `${shown(written)} ${why}`, fix: "Remove it." };
}

function contradicting(written: string, flag: VllmFlag): Wrong | undefined {
  const owner = ownerOf(flag.name);
  if (owner === undefined) return undefined;
  if (owner.kind === "planning") {
    const message = `${shown(written)} contradicts ${owner.by}`;
    return { id: "argument-contradicts", message, fix: "Remove it." };
  }
  const message = `${shown(written)} is what the setting \`${owner.setting}\` decides; planned memory, speed and probes would be wrong`;
  return { id: "argument-contradicts", message, fix: `Write the setting \`${owner.setting}\` instead.` };
}

function malformed(argument: VllmArgument, flag: VllmFlag, short: boolean): Wrong | undefined {
  if (short) {
    const message = `${shown(argument.written)} is short for ${flag.name}, as long as no other flag begins so`;
    return { id: "argument-malformed", message, fix: `Write ${flag.name}.` };
  }
  const wrong = wrongValue(argument);
  if (wrong === undefined) return undefined;
  return { id: "argument-malformed", message: `${shown(argument.written)} ${wrong}`, fix: `See ${flag.name}.` };
}

/** Of a flag that is there twice the last counts; of keys of JSON each may be there once. */
function repeated(argument: VllmArgument, seen: Map<string, VllmArgument>): Wrong | undefined {
  if (argument.meaning.kind !== "flag") return undefined;
  const { flag } = argument.meaning;
  const key = [flag.name, ...argument.keys].join(".");
  const first = seen.get(key);
  seen.set(key, first ?? argument);
  if (first === undefined) return undefined;
  const message = `${shown(argument.written)} is there a second time, after ${shown(first.written)}: only the last counts`;
  return { id: "argument-malformed", message, fix: "Remove one of the two." };
}
