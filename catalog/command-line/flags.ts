/** A word of a command, with its place in whatever it is read from, such as `args[3]`. */
export interface PlacedWord {
  readonly text: string;
  readonly at: string;
}

/** One flag of a command line. */
export interface Flag {
  /** Without its dashes and with `-` for `_`: `hf-overrides`. */
  readonly name: string;
  /** What follows in dots: `["trust-remote-code"]` of `--hf-overrides.trust_remote_code`. */
  readonly keys: readonly string[];
  /** What stands behind its `=`. */
  readonly value?: string;
  /** The next word. Only the engine knows whether that is the flag's value. */
  readonly next?: string;
  readonly at: string;
}

/** The flags of a command, in their order; one that is repeated is there several times. */
export function flagsOf(command: readonly PlacedWord[]): readonly Flag[] {
  return command.flatMap((argument, index) => {
    const [, name, keys, value] = /^--?([^-=.\s][^=.\s]*)(\.[^=]*)?(?:=([^]*))?$/.exec(argument.text) ?? [];
    if (name === undefined) return [];
    const next = command[index + 1]?.text;
    const flag: Flag = { name: dashed(name), keys: (keys ?? "").split(".").slice(1).map(dashed), at: argument.at };
    return [{ ...flag, ...(value === undefined ? {} : { value }), ...(next === undefined ? {} : { next }) }];
  });
}

/** The engine takes `_` for `-` in names, and `key+` to add to a list. */
function dashed(name: string): string {
  return name.replaceAll("_", "-").replace(/\+$/, "");
}

/** A flag by its name, and the shortest beginning of it that means no other flag: the engine takes any of them. */
export interface FlagName {
  readonly name: string;
  readonly shortest: string;
}

export function isFlag(flag: Flag, { name, shortest }: FlagName): boolean {
  return name.startsWith(flag.name) && flag.name.length >= shortest.length;
}

/** Whether a switch is turned on: it needs no value, and a word after it is none. */
export function turnsOn(flag: Flag, name: FlagName): boolean {
  return isFlag(flag, name) && flag.keys.length === 0 && (flag.value === undefined || !isOff(flag.value));
}

/**
 * Whether a flag of JSON sets a key to something other than no, at any depth, as text or in dots:
 * `--hf-overrides '{"a": {"key": true}}'`, `--hf-overrides.a.key true`.
 */
export function setsKey({ keys, value, next }: Flag, key: string): boolean {
  const given = value ?? next;
  if (keys.at(-1) === key) return given === undefined || !isOff(given);
  return given !== undefined && jsonSets(parsed(given), key);
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function jsonSets(value: unknown, key: string): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(
    ([name, inner]) => (dashed(name) === key && !isOff(String(inner))) || jsonSets(inner, key),
  );
}

/** Whether a switch is off: empty or any usual word for no. A value that nobody sees is not. */
export function isOff(value: string | undefined): boolean {
  return value !== undefined && ["", "0", "false", "no", "off"].includes(value.trim().toLowerCase());
}
