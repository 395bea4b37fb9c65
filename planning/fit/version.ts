import { compareVersions } from "../../catalog/compare-versions";
import { pinnedVllmVersion, vllmBehaviour, type VllmBehaviour } from "../../catalog/engines";

/**
 * The version in a text such as `v0.28.0`, `0.6.x` or `~0.10.2 (Sep 2025)`, as major.minor.patch; what is left open
 * counts as 0. Undefined where the text has none.
 */
export function versionIn(text: string): string | undefined {
  const match = /(?<![\d.])(\d{1,3})\.(\d{1,3})(?:\.(\d{1,3}))?/.exec(text);
  return match === null ? undefined : [match[1], match[2], match[3] ?? 0].map(Number).join(".");
}

/** The oldest version of vLLM whose defaults were read for the catalogue. */
const oldestRead = "0.17.1";
/** The oldest version whose start-up logs the memory model was compared with. */
const oldestCompared = "0.6.0";

const behaviours = new Map<string, VllmBehaviour>();

/** How a version of vLLM behaves; one beside those that were read, as the nearest that was. */
export function behaviourNear(version: string): VllmBehaviour {
  const known = behaviours.get(version);
  if (known !== undefined) return known;
  const nearest = compareVersions(version, pinnedVllmVersion) > 0 ? pinnedVllmVersion : oldestRead;
  const behaviour = vllmBehaviour(version) ?? vllmBehaviour(nearest);
  if (behaviour === undefined) throw new RangeError("the catalogue has lost the versions of vLLM that it read");
  behaviours.set(version, behaviour);
  return behaviour;
}

/** What is to be known of a version that nobody compared; undefined for all others. */
export function versionWarning(version: string): string | undefined {
  if (compareVersions(version, pinnedVllmVersion) > 0)
    return `vLLM ${version} was not read: it is taken to behave as ${pinnedVllmVersion}`;
  if (compareVersions(version, oldestCompared) < 0)
    return `vLLM ${version} is older than ${oldestCompared}, the oldest that was compared with its logs`;
  return undefined;
}
