import { flagsOf, isFlag, isOff, turnsOn } from "../../../catalog/command-line/flags";
import { openingVariables, profiler, tokenizerDetails } from "../../../catalog/vllm-dangers";
import { commandsOf } from "../../command-line";
import { inEachContainer, type Container, type Wrong } from "../../containers";
import type { Rule, Undecided } from "../../rule";
import { wrongSettings } from "../../settings";

/** Rule 26 of our policy research. */
export const vllmNoDevEndpoints: Rule = {
  name: "vllm-no-dev-endpoints",
  title: "vLLM's development endpoints are closed",
  description:
    "No vLLM opens its endpoints for development, for its profiler or for details of its tokenizer. They ask for no API key, and one of them, `/collective_rpc`, calls any method of the engine.",
  severity: "critical",
  remediation:
    "Remove VLLM_SERVER_DEV_MODE, VLLM_TORCH_PROFILER_DIR, `--profiler-config` and `--enable-tokenizer-info-endpoint`; profile in a cluster of your own.",
  references: ["vllm-docs:usage/security", "owasp-llm-2025:10", "owasp-llm-2026:06"],
  levels: { development: "mandatory", staging: "mandatory", production: "mandatory" },
  check: inEachContainer(endpoints),
};

function* endpoints({ value }: Container, undecided: Undecided): Generator<Wrong> {
  const commands = commandsOf(value, undecided);
  const flags = commands.flatMap(flagsOf);
  const byProfiler = flags.filter((flag) => isFlag(flag, profiler)).map(({ at }) => at);
  const byTokenizer = flags.filter((flag) => turnsOn(flag, tokenizerDetails)).map(({ at }) => at);
  for (const at of new Set(byProfiler)) yield { at, message: "opens the profiler's endpoints" };
  for (const at of new Set(byTokenizer)) yield { at, message: "opens the endpoint with the tokenizer's details" };
  const isWatched = (name: string): boolean => name in openingVariables;
  yield* wrongSettings(value, commands, undecided, isWatched, (setting) =>
    isOff(setting.value) ? undefined : `${openingVariables[setting.name] ?? ""} by ${setting.name}`,
  );
}
