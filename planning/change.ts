import type { Environment } from "../environment";
import { errorAt, warningAt, type Finding } from "./findings";
import { isLanguageModel, type By, type ReleasePlan } from "./plan";

/**
 * What a change of an environment would do to its clients. A canary is a release of its own with a small weight, the
 * other side of a blue-green change one on standby; that both fit at once is what the room of their pool says.
 */
export function changeFindings(
  { routes, stage }: Pick<Environment, "routes" | "stage">,
  releases: By<ReleasePlan>,
): readonly Finding[] {
  const called = new Set(Object.values(routes).flatMap(({ targets }) => targets.map(({ release }) => release)));
  return [
    ...Object.entries(routes).flatMap(([route, { targets }]) =>
      unequalTargets(
        route,
        targets.map(({ release }, index) => ({ index, release: releases[release] })),
      ),
    ),
    ...(stage === "production"
      ? Object.values(releases).flatMap((release) => (called.has(release.name) ? interruption(release) : []))
      : []),
  ];
}

interface RoutedTarget {
  readonly index: number;
  readonly release: ReleasePlan | undefined;
}

/** A client cannot know which target answers, so all of them have to be able to do what the first can. */
function unequalTargets(route: string, targets: readonly RoutedTarget[]): readonly Finding[] {
  const [first, ...others] = targets;
  const reference = first?.release;
  if (reference === undefined) return [];
  return others.flatMap(({ index, release }) => {
    if (release === undefined) return [];
    const at = ["routes", route, "targets", index, "release"];
    const { protocol } = release.endpoint;
    if (protocol !== reference.endpoint.protocol) {
      const message = `${reference.name} talks ${reference.endpoint.protocol} and ${release.name} ${protocol}: a client of the route ${route} gets now one, now the other`;
      return [errorAt(at, "targets-unlike", message, "Give each a route of its own.")];
    }
    return shorterContext(route, reference, release).map(([message, fix]) =>
      warningAt(at, "targets-unlike", message, fix),
    );
  });
}

function shorterContext(
  route: string,
  reference: ReleasePlan,
  release: ReleasePlan,
): readonly (readonly [message: string, fix: string])[] {
  if (!isLanguageModel(reference) || !isLanguageModel(release) || release.context === reference.context) return [];
  const [short, long] = release.context < reference.context ? [release, reference] : [reference, release];
  const message = `requests of the route ${route} with more than ${short.context} tokens fit ${long.name} (${long.context}) and fail at ${short.name}`;
  return [[message, `Write \`context: ${long.context}\` for ${short.name}.`]];
}

/** One pod that leaves before the next one comes serves nobody in between. */
function interruption({ name, rollout, replicas, seconds, pool }: ReleasePlan): readonly Finding[] {
  const alone = rollout.kind === "recreate" || (rollout.maxSurge === 0 && replicas.min <= rollout.maxUnavailable);
  if (!alone) return [];
  const minutes = Math.ceil((seconds.podStart + seconds.preStop) / 60);
  const message = `a change of ${name} takes it away for about ${minutes} min: its only pod leaves before the next one comes, because the pool ${pool} has no room for both`;
  const fix =
    "Let the pool have one machine more, or bring the new one up beside it on another pool: a release `like` this one, on standby.";
  return [warningAt(["releases", name], "change-interrupts", message, fix)];
}
