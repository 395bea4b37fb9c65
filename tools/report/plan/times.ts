import type { ReleasePlan } from "../../../planning";
import { budgetLine } from "../../../planning/time";
import type { PlanTable } from "../plan-tables";
import { durationText } from "../progress";
import { left, releaseRows, right, type Shown } from "./shown";

/** How long a pod takes to come and to go. */
export function startTable(shown: Shown): PlanTable {
  const columns = [left("release"), left("cold start"), left("starts within"), left("stops within")];
  const rows = releaseRows(shown, shown.releases, (release, own) => [
    release.name,
    own("seconds.coldStart", budgetLine(release.seconds)),
    own("seconds.startup", durationText(release.seconds.startup)),
    own("seconds.grace", durationText(release.seconds.grace)),
  ]);
  return {
    caption: "Start and stop",
    columns,
    rows,
    glossary:
      "The cold start is what is expected on a new machine, put together from measurements of others, each made once. A pod that does not serve within the second time, counted from its container's start, is restarted.",
  };
}

type Duration = Exclude<keyof ReleasePlan["seconds"], "parts">;

const durations: readonly (readonly [Duration, string])[] = [
  ["podStart", "start in the container"],
  ["startup", "starts within"],
  ["longestRequest", "longest request"],
  ["gatewayTimeout", "gateway gives up"],
  ["preStop", "pause before stop"],
  ["drain", "engine drains"],
  ["grace", "killed after"],
  ["progressDeadline", "rollout stuck after"],
  ["rolloutTimeout", "whole rollout"],
];

export function durationTable(shown: Shown): PlanTable {
  return {
    caption: "Durations",
    columns: [left("release"), ...durations.map(([, title]) => right(title))],
    rows: releaseRows(shown, shown.releases, (release, own) => [
      release.name,
      ...durations.map(([name]) => own(`seconds.${name}`, durationText(release.seconds[name]))),
    ]),
    inTerminal: [],
  };
}
