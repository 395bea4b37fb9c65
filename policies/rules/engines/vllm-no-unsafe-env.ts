import { isOff } from "../../../catalog/command-line/flags";
import { isPermission } from "../../../catalog/vllm-dangers";
import { commandsOf, type Command } from "../../command-line";
import { inEachContainer, type Container, type Wrong } from "../../containers";
import { droppedAssertions, isEngineImage, startsEngine } from "../../engine-arguments";
import { judged, type Rule, type Undecided } from "../../rule";
import { wrongSettings } from "../../settings";
import { unseenVariables } from "../../variables";

/** Rule 27 of our policy research. */
export const vllmNoUnsafeEnv: Rule = {
  name: "vllm-no-unsafe-env",
  title: "No variable takes vLLM's protections away",
  description:
    "No VLLM_ALLOW_… variable outside the list of harmless ones is on, no engine runs Python without its assertions, and none takes variables in bulk, whose names a review cannot see. Insecure serialisation unpickles what a client sends, adapters loaded at run time come from anywhere, and vLLM checks some input by assertions alone.",
  severity: "critical",
  remediation:
    "Remove the variable, or `-O` after `python`. Replace `envFrom` of an engine by single variables with `valueFrom`, so that their names are seen.",
  references: ["vllm-docs:usage/security", "owasp-llm-2025:03", "owasp-llm-2026:04", "cve:CVE-2026-41523"],
  levels: { development: "mandatory", staging: "mandatory", production: "mandatory" },
  check: inEachContainer(permissions, optimised, unseen),
};

function* permissions({ value }: Container, undecided: Undecided): Generator<Wrong> {
  yield* wrongSettings(value, commandsOf(value, undecided), undecided, isPermission, (setting) =>
    isOff(setting.value) ? undefined : `allows what vLLM forbids, by ${setting.name}`,
  );
}

function* optimised({ value }: Container, undecided: Undecided): Generator<Wrong> {
  const commands = commandsOf(value, undecided);
  const message = "runs its engine without Python's assertions";
  const isWatched = (name: string): boolean => name === "PYTHONOPTIMIZE";
  const settings = wrongSettings(value, commands, undecided, isWatched, (setting) =>
    // Python takes every text but these two as a yes, "false" among them.
    setting.value === "" || setting.value === "0" || !runsEngine(value, commands) ? undefined : message,
  );
  yield* settings;
  for (const command of commands) {
    const option = droppedAssertions(command);
    if (option !== undefined && (startsEngine(command) || isEngineImage(value))) yield { at: option.at, message };
  }
}

function* unseen({ value }: Container, undecided: Undecided): Generator<Wrong> {
  const places = unseenVariables(value);
  if (places.length === 0) return;
  for (const isEngine of judged(() => [runsEngine(value, commandsOf(value, undecided))], undecided))
    if (isEngine) yield* places.map((at) => ({ at, message: "takes variables whose names no review sees" }));
}

function runsEngine(container: unknown, commands: readonly Command[]): boolean {
  return commands.some(startsEngine) || isEngineImage(container);
}
