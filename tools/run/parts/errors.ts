import { operators } from "../../../catalog/operators";
import type { Attempt, Missing, Way } from "./part";
import { versions } from "./versions";

/** A part that is needed is not there and cannot be had here. The message is complete by itself. */
export class MissingPartsError extends Error {
  override readonly name = "MissingPartsError";

  constructor(
    readonly missing: readonly Missing[],
    /** Where parts are kept, for the advice to bring them from another machine. */
    cache: string,
  ) {
    super([headline(missing), ...missing.map(tried), advice(missing, cache), stillWorks].join("\n\n"));
    // A person reads this; where in our code it was thrown does not help.
    this.stack = this.message;
  }
}

const wayTitles: Readonly<Record<Way, string>> = {
  path: "installed",
  cache: "in the cache",
  download: "download",
  build: "build with Go",
};

const stillWorks = [
  "What works without them: everything that decides and checks without an engine, for instance",
  "  npx modelyard plan <environment>",
].join("\n");

function headline(missing: readonly Missing[]): string {
  const [first, ...others] = missing.map(({ title, version }) => `${title} ${version}`);
  const last = others.pop();
  const list = last === undefined ? first : `${[first, ...others].join(", ")} and ${last}`;
  return `Needed, but neither here nor to be had: ${list}.`;
}

function tried({ title, version, tried: attempts }: Missing): string {
  const width = Math.max(...Object.values(wayTitles).map((text) => text.length));
  const line = ({ way, reason }: Attempt): string => `  ${wayTitles[way].padEnd(width)}  ${reason}`;
  return [`${title} ${version}`, ...attempts.map(line)].join("\n");
}

function advice(missing: readonly Missing[], cache: string): string {
  // What comes out of Go modules only is neither downloaded nor looked for on PATH.
  const published = missing.filter(({ name }) => !(name in operators));
  const pages = published.map(({ title, homepage }) => `      ${title}: ${homepage}`);
  const elsewhere = [
    "  - run it once with access to the internet and without MODELYARD_OFFLINE: they are downloaded",
    "  - install them so that they are on PATH:",
    ...pages,
  ];
  return [
    "What to do, any one of these:",
    `  - install Go ${versions.go} or newer (https://go.dev/dl/) and run this again: they are built from Go modules, once`,
    ...(published.length === missing.length ? elsewhere : []),
    `  - copy ${cache} from a machine of the same kind that has them`,
  ].join("\n");
}
