/** A version as a program prints it. */
export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** What follows the three numbers: "" or, for instance, "-eks-3abbec1", "+k3s1", "-alpha.1". */
  readonly suffix: string;
}

/** Which versions of a program found on this machine will do. */
export interface VersionRule {
  /** For people: "3.246.0 or a later 3.x". */
  readonly text: string;
  readonly accepts: (version: Version) => boolean;
}

/** The first version in what a program printed, or undefined. */
export function parseVersion(output: string): Version | undefined {
  const match = /(?<![\w.])v?(\d+)\.(\d+)\.(\d+)(?!\.?\d)([-+][\w.+-]+)?/.exec(output);
  if (!match) return undefined;
  const [, major, minor, patch, suffix = ""] = match;
  return { major: Number(major), minor: Number(minor), patch: Number(patch), suffix };
}

export function versionText({ major, minor, patch, suffix }: Version): string {
  return `${major}.${minor}.${patch}${suffix}`;
}

/** Only this version, without any suffix. */
export function exactly(version: string): VersionRule {
  return { text: version, accepts: (found) => versionText(found) === version };
}

/** The same major and minor; patch and a distributor's suffix ("-eks-…", "+k3s1") may differ. */
export function sameMinor(version: string): VersionRule {
  const wanted = known(version);
  return {
    text: `${wanted.major}.${wanted.minor}.x`,
    accepts: (found) => found.major === wanted.major && found.minor === wanted.minor,
  };
}

/** The same major, and not older. */
export function sameMajorAtLeast(version: string): VersionRule {
  const wanted = known(version);
  return {
    text: `${version} or a later ${wanted.major}.x`,
    accepts: (found) =>
      found.major === wanted.major &&
      (found.minor > wanted.minor || (found.minor === wanted.minor && found.patch >= wanted.patch)),
  };
}

function known(version: string): Version {
  const parsed = parseVersion(version);
  if (!parsed) throw new Error(`${JSON.stringify(version)} is not a version of three numbers`);
  return parsed;
}
