import { flagsOf, isOff, setsKey, turnsOn } from "../../../catalog/command-line/flags";
import { isTrustVariable, trustRemoteCode as flag } from "../../../catalog/vllm-dangers";
import { commandsOf, type Command } from "../../command-line";
import { inEachContainer, type Container, type Wrong } from "../../containers";
import { hiddenSettings } from "../../engine-arguments";
import { judged, type Rule, type Undecided } from "../../rule";
import { wrongSettings } from "../../settings";

/** The switch as text: `trust_remote_code=True` in Python, `"trust_remote_code": true` in JSON, `…: true` in YAML. */
const asText = /(?<!no[-_])trust[-_]remote[-_]code["']?\s*[:=]\s*["']?(true|1|yes|on)\b/i;

/** Rule 21 of our policy research. */
export const modelNoTrustRemoteCode: Rule = {
  name: "model-no-trust-remote-code",
  title: "No code comes with a model",
  description:
    "No engine is told to trust remote code, by a flag, an override, a variable or a program text, and none takes its settings from where a review cannot see them. With trust, whoever can change the model's repository runs any program in the engine, beside its keys and its requests.",
  severity: "critical",
  remediation:
    "Remove the switch and serve a model that the engine supports by itself. Write settings as arguments instead of into a file for `--config`, a ConfigMap or a script. A model that needs its own code needs a waiver and a pinned `--code-revision`.",
  references: [
    "owasp-llm-2025:03",
    "owasp-llm-2026:04",
    "cve:CVE-2026-22807",
    "cve:CVE-2026-27893",
    "cve:CVE-2026-114053",
  ],
  levels: { development: "mandatory", staging: "mandatory", production: "mandatory" },
  check: inEachContainer(trusts, hides),
};

function* trusts({ value }: Container, undecided: Undecided): Generator<Wrong> {
  const commands = commandsOf(value, undecided);
  const message = "lets a model bring code that the engine runs";
  const places = new Set(commands.flatMap(placesOfTrust));
  for (const at of places) yield { at, message };
  const settings = wrongSettings(value, commands, undecided, isTrustVariable, (setting) =>
    isOff(setting.value) ? undefined : `${message}, by ${setting.name}`,
  );
  for (const wrong of settings) if (!places.has(wrong.at)) yield wrong;
}

function placesOfTrust(command: Command): readonly string[] {
  const flags = flagsOf(command).filter((found) => turnsOn(found, flag) || setsKey(found, flag.name));
  const places = new Set(flags.map(({ at }) => at));
  const texts = command.filter(({ text }, index) => {
    // YAML that a script writes comes in two words.
    const next = text.endsWith(":") ? (command[index + 1]?.text ?? "") : "";
    const isSaidAlready = places.has(command[index - 1]?.at ?? "");
    return !isSaidAlready && asText.test(`${text} ${next}`);
  });
  return [...flags, ...texts].map(({ at }) => at);
}

function* hides({ value }: Container, undecided: Undecided): Generator<Wrong> {
  const places = new Set<string>();
  for (const command of commandsOf(value, undecided))
    for (const { at } of judged(() => hiddenSettings(value, command), undecided)) places.add(at);
  for (const at of places) yield { at, message: "takes settings of its engine from where no review sees them" };
}
