/** A pool's machines against the quota of its family and purchase. */
export interface QuotaUse {
  readonly pool: string;
  /** Quotas are per region and account. */
  readonly region: string;
  /** Quota code, such as `L-DB2E81BA`. */
  readonly code: string;
  readonly vcpusPerNode: number;
  readonly nodes: { readonly min: number; readonly max: number };
}

/** What an account may run at once, where it is known. */
export interface QuotaLimit {
  readonly region: string;
  readonly code: string;
  readonly vcpus: number;
}

/** All pools that share one quota. */
export interface QuotaNeed {
  readonly region: string;
  readonly code: string;
  readonly pools: readonly QuotaUse[];
  /** vCPUs when every pool has its least and its most. */
  readonly vcpus: { readonly min: number; readonly max: number };
  /** Null where nobody has said what the account may run. */
  readonly limit: number | null;
  /** Whether the most is more than the limit; null where that is not known. */
  readonly exceeded: boolean | null;
}

/** Adds up what pools that share a quota need of it; in the order of region and code. */
export function quotaNeeds(uses: readonly QuotaUse[], limits: readonly QuotaLimit[]): readonly QuotaNeed[] {
  const shared = new Map<string, QuotaUse[]>();
  for (const use of uses) {
    const key = quotaKey(use);
    shared.set(key, [...(shared.get(key) ?? []), use]);
  }
  const limitOf = new Map(limits.map((limit) => [quotaKey(limit), limit.vcpus]));
  return [...shared]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, pools]) => {
      const first = pools[0];
      return first === undefined ? [] : [quotaNeed(first, pools, limitOf.get(key) ?? null)];
    });
}

function quotaNeed({ region, code }: QuotaUse, pools: readonly QuotaUse[], limit: number | null): QuotaNeed {
  const sum = (bound: "min" | "max") =>
    pools.reduce((vcpus, { vcpusPerNode, nodes }) => vcpus + vcpusPerNode * nodes[bound], 0);
  const vcpus = { min: sum("min"), max: sum("max") };
  return { region, code, pools, vcpus, limit, exceeded: limit === null ? null : vcpus.max > limit };
}

function quotaKey({ region, code }: { readonly region: string; readonly code: string }): string {
  return `${region} ${code}`;
}
