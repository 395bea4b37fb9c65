import { mkdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import type { Progress } from "../report/progress";
import { PulumiError } from "./errors";
import { explained } from "./explained";
import { isCode, withLock } from "./parts/lock";
import { stoppable } from "./stop";

export interface TurnOptions {
  /** The project's folder. */
  readonly root: string;
  readonly environment: string;
  /** What is to be done, for people who wait for it: "an update". */
  readonly title: string;
  readonly progress: Progress;
}

/**
 * Does `work` while no other command of this checkout works on the same environment; says for whom it waits. A
 * command that was killed is not waited for. The signal aborts when this process is told to stop; the turn ends
 * only when the work has.
 *
 * @throws StoppedError when it is told to stop while it waits
 */
export function inTurn<T>(options: TurnOptions, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { environment, progress } = options;
  const folder = join(realpathSync(options.root), ".modelyard", ".locks");
  mkdirSync(folder, { recursive: true });
  // Not the simulator's lock of this environment, which is taken inside this one.
  const file = join(folder, `${environment}.run`);
  return stoppable(async (signal) => {
    // The lock gives itself free when its signal aborts, but a stopped update still has to come to its end.
    const waiting = new AbortController();
    const giveUp = (): void => {
      waiting.abort(signal.reason);
    };
    signal.addEventListener("abort", giveUp, { once: true });
    const lock = { progress, title: `${options.title} of ${environment}`, signal: waiting.signal };
    return withLock(file, lock, () => {
      signal.removeEventListener("abort", giveUp);
      signal.throwIfAborted();
      return work(signal);
    }).catch((error: unknown) => {
      if (signal.aborted) throw signal.reason;
      throw isCode(error, "ENOSPC") && error instanceof Error ? new PulumiError(explained(error.message)) : error;
    });
  });
}
