import type { Replica } from "./replica";

/**
 * A function of a replica alone, which knows its last answer: all that is asked of one replica is asked in a row, and
 * replicas never change.
 */
export function perReplica<Result>(compute: (replica: Replica) => Result): (replica: Replica) => Result {
  let last: { readonly replica: Replica; readonly result: Result } | undefined;
  return (replica) => {
    if (last?.replica !== replica) last = { replica, result: compute(replica) };
    return last.result;
  };
}
