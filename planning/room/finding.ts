import type { Path } from "../../environment";

/** Something that planning found, before the registry of findings knows its id. */
export interface ProposedFinding<Id extends string> {
  readonly id: Id;
  readonly level: "error" | "warning";
  /** The setting it is about. */
  readonly at: Path;
  readonly message: string;
  readonly fix: string;
}
