const pattern = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/;

/** Few versions are compared many times. */
const known = new Map<string, readonly number[]>();

function parts(version: string): readonly number[] {
  const found = known.get(version);
  if (found !== undefined) return found;
  const read = readParts(version);
  known.set(version, read);
  return read;
}

function readParts(version: string): readonly number[] {
  const match = pattern.exec(version);
  if (match === null) throw new Error(`${version} is not a version: write major.minor.patch, such as 0.31.0`);
  return match.slice(1).map(Number);
}

/** Whether a text is a version that `compareVersions` takes. */
export function isVersion(text: string): boolean {
  return pattern.test(text);
}

/**
 * Orders versions of the form major.minor.patch, by number and not by letter; fit for `sort`.
 *
 * @returns negative when `a` is older than `b`, positive when it is newer, 0 when they are the same
 * @throws Error when one of them is not of that form; ask `isVersion` first where a person wrote it
 */
export function compareVersions(a: string, b: string): number {
  const right = parts(b);
  const differences = parts(a).map((part, index) => part - (right[index] ?? 0));
  return differences.find((difference) => difference !== 0) ?? 0;
}
