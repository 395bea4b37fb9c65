import type { Placement } from "../../planning";

/** Machines that pods can be placed on, however they came to be. Releases take a pool, never loose labels. */
export interface Pool {
  readonly placement: Placement;
}
