import type { Replica } from "./replica";

/** A function of a replica alone, computed once for each: replicas never change. */
export function perReplica<Result>(compute: (replica: Replica) => Result): (replica: Replica) => Result {
  const known = new WeakMap<Replica, { readonly result: Result }>();
  return (replica) => {
    const found = known.get(replica);
    if (found !== undefined) return found.result;
    const result = compute(replica);
    known.set(replica, { result });
    return result;
  };
}
