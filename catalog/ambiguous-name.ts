/** A name fits several entries of the catalogue. Its message names them and says what to do. */
export class AmbiguousNameError extends Error {
  override readonly name = "AmbiguousNameError";

  /**
   * @param kind what was looked for, such as "GPU"
   * @param written the name as it was given
   * @param candidates full names that it may mean, all of them
   */
  constructor(
    kind: string,
    readonly written: string,
    readonly candidates: readonly string[],
  ) {
    const shown = candidates.slice(0, 8).join(", ");
    const rest = candidates.length > 8 ? ` and ${candidates.length - 8} more` : "";
    super(`${written} is the name of several ${kind}s: write which one, of ${shown}${rest}`);
  }
}
