import type { Confidence } from "../../../planning/replica";
import type { ReleaseSpeed } from "../../../planning/sizing";
import { spreadOf } from "../../../planning/speed/confidence";
import type { PlanTable } from "../plan-tables";
import { latencyText, rangeOf, rateText, shareText, significant } from "../quantities";
import type { Row } from "../table";
import { left, right, type Shown } from "./shown";

/** A release at one of the two loads that are planned for. */
interface Operation {
  readonly release: string;
  readonly when: "expected" | "peak";
  readonly speed: ReleaseSpeed;
  readonly pods: number;
  readonly requestsPerSecond: number;
}

/** Each release that has a load, as expected and, where that is more, at its peak. */
function operations({ languageModels }: Shown): readonly Operation[] {
  return languageModels.flatMap(({ name, replicas, speed }): readonly Operation[] => {
    if (speed === null) return [];
    const { requestsPerSecond, peakRequestsPerSecond } = speed.load;
    const common = { release: name, speed };
    const peak = { ...common, when: "peak", pods: replicas.max, requestsPerSecond: peakRequestsPerSecond } as const;
    const same = peakRequestsPerSecond === requestsPerSecond && replicas.max === replicas.expected;
    return [{ ...common, when: "expected", pods: replicas.expected, requestsPerSecond }, ...(same ? [] : [peak])];
  });
}

export function speedTable(shown: Shown): PlanTable {
  const rows = operations(shown).map((operation): Row => {
    const { release, when, speed, pods, requestsPerSecond } = operation;
    const at = speed[when];
    const own = (path: string, text: string) => shown.cell(`releases.${release}.speed.${path}`, text);
    const { withinSlo, unstableAt } = speed.saturation;
    return [
      when === "peak" ? `${release}, at its peak` : release,
      own(when === "peak" ? "load.peakRequestsPerSecond" : "load.requestsPerSecond", rateText(requestsPerSecond)),
      String(pods),
      own("needed", String(speed.needed)),
      own(`${when}.firstToken.p50.expected`, latencyText(at.firstToken.p50)),
      own(`${when}.firstToken.p95.expected`, latencyText(at.firstToken.p95)),
      own(`${when}.interToken.p95.expected`, latencyText(at.interToken.p95)),
      significant(requestsPerSecond * speed.load.outputTokens),
      own("saturation.withinSlo", rateText(withinSlo)),
      own("saturation.unstableAt", rateText(unstableAt)),
      speed.confidence,
    ];
  });
  const columns = [
    left("release"),
    ...["requests/s", "pods", "needed", "TTFT p50", "TTFT p95", "ITL p95", "tokens/s", "a pod keeps", "breaks at"].map(
      right,
    ),
    left("estimate"),
  ];
  return { caption: "Speed", columns, rows, glossary: speedGlossary(shown) };
}

/** What the words mean, and what the estimates were compared with. */
function speedGlossary({ releases, bases }: Shown): string {
  const compared = bases.find(({ what }) => releases.some(({ name }) => what === `speed of ${name}`));
  const levels: readonly Confidence[] = ["calibrated", "extrapolated", "needs-profile-run"];
  const spreads = levels.map((level) => `${level} × or ÷ ${spreadOf(level)}`).join(", ");
  return [
    "TTFT is the time to the first token, ITL the time between two tokens of an answer; tokens/s are those of answers, of all pods.",
    "A pod keeps what its routes promise up to the requests per second that it keeps, and cannot work off its line from those at which it breaks.",
    `Ranges by estimate: ${spreads}; compared with ${compared?.source ?? "nothing"}.`,
  ].join(" ");
}

/** What the speed table has no room for. */
export function latencyTable(shown: Shown): PlanTable {
  const rows = operations(shown).map(({ release, when, speed }): Row => {
    const at = speed[when];
    const own = (path: string, text: string) => shown.cell(`releases.${release}.speed.${path}`, text);
    const { prefillTokensPerSecond: prefill, decodeTokensPerSecond: decode } = speed.rates;
    return [
      when === "peak" ? `${release}, at its peak` : release,
      own(`${when}.interToken.p50.expected`, latencyText(at.interToken.p50)),
      own(`${when}.endToEnd.p50.expected`, latencyText(at.endToEnd.p50)),
      own(`${when}.endToEnd.p95.expected`, latencyText(at.endToEnd.p95)),
      own(`${when}.utilization.expected`, shareText(at.utilization)),
      own(`${when}.running`, significant(at.running)),
      own("rates.prefillTokensPerSecond.expected", rangeOf(prefill, significant)),
      own("rates.decodeTokensPerSecond.expected", rangeOf(decode, significant)),
    ];
  });
  const titles = [
    "ITL p50",
    "whole answer p50",
    "whole answer p95",
    "of what pods can do",
    "requests in a pod",
    "a pod reads tokens/s",
    "a pod writes tokens/s",
  ];
  return { caption: "Speed in detail", columns: [left("release"), ...titles.map(right)], rows, inTerminal: [] };
}
