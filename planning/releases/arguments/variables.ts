import { isOff } from "../../../catalog/command-line/flags";
import { vllmEnvironment } from "../../../catalog/engine-flags";
import { suggestion } from "../../../catalog/suggest";
import { dangerOfVariable } from "../../../catalog/vllm-dangers";
import { removedVllmVariables } from "../../../catalog/vllm-removals";
import type { Path } from "../../../environment";
import { errorAt, type Finding, type FindingId } from "../../findings";
import type { By } from "../../plan";

/**
 * What is wrong with variables that people add to those of planning. Of names that are not vLLM's own only those are
 * known that take protections away.
 *
 * @param planned variables of the planned pod, with their values
 * @param at the setting that holds them
 */
export function variableFindings(
  version: string,
  variables: By<string>,
  planned: By<string>,
  at: Path,
): readonly Finding[] {
  return Object.entries(variables).flatMap(([name, value]): readonly Finding[] => {
    const wrong = wrongWith(version, name, value, planned);
    return wrong === undefined ? [] : [errorAt([...at, name], ...wrong)];
  });
}

function wrongWith(
  version: string,
  name: string,
  value: string,
  planned: By<string>,
): readonly [id: FindingId, message: string, fix: string] | undefined {
  if (/\$\([A-Za-z_][\w.-]*\)/.test(value)) {
    const message = `${name} has a value that Kubernetes puts in from a variable, which no review sees`;
    return ["argument-dangerous", message, "Write the value."];
  }
  const danger = dangerOfVariable(name);
  if (danger !== undefined && !isOff(value)) return ["argument-dangerous", `${name} ${danger}`, "Remove it."];
  const decided = planned[name];
  if (decided !== undefined && decided !== value) {
    return ["argument-contradicts", `${name} is set by the plan, to ${JSON.stringify(decided)}`, "Remove it."];
  }
  if (decidedNames.test(name)) {
    return ["argument-contradicts", `${name} contradicts how the release is laid out`, "Remove it."];
  }
  return name.startsWith("VLLM_") ? strange(version, name) : undefined;
}

/** Where the engine listens and how its processes find each other. */
const decidedNames =
  /^(VLLM_(HOST_IP|PORT|LOOPBACK_IP|RPC_BASE_PATH|DP_\w+|TARGET_DEVICE)|CUDA_VISIBLE_DEVICES|NVIDIA_VISIBLE_DEVICES)$/;

function strange(version: string, name: string): readonly [FindingId, string, string] | undefined {
  const known = vllmEnvironment(version);
  if (known === undefined || known.has(name)) return undefined;
  const removal = removedVllmVariables.find((each) => each.name === name);
  if (removal !== undefined) {
    const message = `vLLM ${version} does not read ${name} any more, and says nothing: it is gone since ${removal.goneIn}`;
    const fix =
      removal.instead === undefined ? "Remove it: nothing took its place." : `Write instead: ${removal.instead}.`;
    return ["argument-removed", message, fix];
  }
  const message = `vLLM ${version} reads no variable ${name}, and says nothing about it`;
  return ["argument-unknown", message, suggestion(name, [...known])];
}
