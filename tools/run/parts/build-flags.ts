import type { Build } from "./part";

/** Replaces the user's own GOFLAGS, which may name another module mode or flags that these builds do not know. */
export const goFlags = "-mod=readonly -buildvcs=false";

/** What the linker is told: no debug tables (they double the size), and the versions that programs report. */
export function linkerFlags({ variables }: Build): string {
  return ["-s -w", ...Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`)].join(" ");
}
