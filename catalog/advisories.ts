import { compareVersions } from "./compare-versions";
import type { Source } from "./fact";

/** A published weakness of vLLM. */
export interface Advisory extends Source {
  readonly id: string;
  /** The first version without it. */
  readonly fixedIn: string;
  readonly what: string;
}

const advisoryRecord = (id: string): Source => ({
  source: `advisory record ${id}`,
  date: "2026-11-21",
  standing: "exact",
});

const advisory = (id: string, fixedIn: string, what: string): Advisory => ({
  id,
  fixedIn,
  what,
  ...advisoryRecord(id),
});

/** Weaknesses of vLLM, oldest fix first. More appear every month: a list older than that says little. */
export const vllmAdvisories: readonly Advisory[] = [
  advisory("CVE-2025-24357", "0.7.0", "weights in pickle format are loaded unchecked"),
  advisory("CVE-2025-32444", "0.8.5", "the Mooncake connector takes pickles from the network"),
  {
    ...advisory("CVE-2025-47277", "0.9.0", "the PyNccl pipe takes pickles from the network"),
    note: "closed at the latest in the version named here",
  },
  advisory("CVE-2026-27893", "0.18.0", "code of a model runs although remote code is not trusted"),
  advisory("CVE-2026-41523", "0.22.0", "checks are skipped when Python runs optimised"),
  advisory("CVE-2026-47155", "0.22.0", "files beside the weights are loaded from another revision than the pinned one"),
  advisory("CVE-2026-116176", "0.24.0", "a request header makes the P2pNccl connector send requests elsewhere"),
  advisory("PYSEC-2026-2303", "0.24.0", "a request makes the server crash"),
  advisory("CVE-2026-105757", "0.30.0", "a request makes the server unavailable"),
  advisory(
    "CVE-2026-114053",
    "0.31.0",
    "a request to /tokenize chooses the code revision and runs code, without a key",
  ),
];

/** The least version of vLLM. Below it a pinned model revision is not what is loaded, so no plan can hold. */
export const vllmFloor = { minimum: "0.22.0", because: "CVE-2026-47155" } as const;

/** The least version of vLLM without any weakness of the list. */
export const vllmFixedVersion: string = vllmAdvisories
  .map(({ fixedIn }) => fixedIn)
  .reduce((newest, fixedIn) => (compareVersions(fixedIn, newest) > 0 ? fixedIn : newest));

/** Weaknesses that a version of vLLM still has. */
export function openVllmAdvisories(version: string): readonly Advisory[] {
  return vllmAdvisories.filter(({ fixedIn }) => compareVersions(version, fixedIn) < 0);
}
