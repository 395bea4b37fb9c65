import type { ReleaseSettings, RouteSettings } from "./schema";

type By<Thing> = Readonly<Record<string, Thing>>;

/** `auto` stays only where a load decides it: a release that no route with a load sends requests to has one replica. */
export function withReplicas(
  releases: By<ReleaseSettings>,
  routes: By<RouteSettings>,
): Record<string, ReleaseSettings> {
  const loaded = new Set(
    Object.values(routes).flatMap(({ load, targets }) =>
      load === undefined
        ? []
        : targets.filter(({ weight, standby }) => weight > 0 || standby).map(({ release }) => release),
    ),
  );
  return Object.fromEntries(
    Object.entries(releases).map(([name, settings]) => [
      name,
      settings.replicas === "auto" && !loaded.has(name) ? { ...settings, replicas: 1 } : settings,
    ]),
  );
}
