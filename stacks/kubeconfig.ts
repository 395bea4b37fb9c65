import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { EnvironmentError, type Place } from "../environment";
import { suggestion } from "../catalog/suggest";

const kubeconfigSchema = z.object({ contexts: z.array(z.object({ name: z.string() })).nullish() });

/**
 * Stops before anything is declared when the kubeconfig does not have the context that the environment names.
 * The provider alone is not enough: its preview of an unreachable cluster succeeds, and in a pod without a
 * kubeconfig it takes the cluster that the pod runs in.
 *
 * @param context - the only context that may be used
 * @param place - where the environment names it
 * @throws EnvironmentError
 */
export function requireContext(context: string, place: Place, variables: NodeJS.ProcessEnv = process.env): void {
  const files = kubeconfigFiles(variables);
  const known = files.flatMap(contextsOf);
  if (known.includes(context)) return;
  const message = `the kubeconfig (${files.join(", ")}) has no context ${JSON.stringify(context)}`;
  const fix =
    known.length === 0
      ? "It has none at all. Get access to the cluster first, or set KUBECONFIG."
      : suggestion(context, known);
  throw new EnvironmentError([{ place, message, fix: `${fix} With --simulate, no cluster is needed.` }]);
}

/** As kubectl finds them. */
function kubeconfigFiles(variables: NodeJS.ProcessEnv): readonly string[] {
  const named = (variables["KUBECONFIG"] ?? "").split(delimiter).filter((file) => file !== "");
  return named.length > 0 ? named : [join(variables["HOME"] ?? homedir(), ".kube", "config")];
}

/** A file that is missing or unreadable has no contexts, as for kubectl. */
function contextsOf(file: string): readonly string[] {
  try {
    const { contexts } = kubeconfigSchema.parse(parse(readFileSync(file, "utf8")));
    return (contexts ?? []).map(({ name }) => name);
  } catch {
    return [];
  }
}
