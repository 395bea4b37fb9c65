import { PulumiError } from "./errors";

/** What a person, a terminal or a supervisor sends to end a command. */
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The command was told to stop, and stopped. */
export class StoppedError extends PulumiError {
  override readonly name = "StoppedError";
}

/**
 * Does `work` with a signal that aborts when this process is told to end, so that Pulumi can be asked to finish
 * what it has begun. Told a second time, the process ends at once; the next run cleans up after it.
 */
export async function stoppable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const listen = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new StoppedError(`Stopped by ${name}. The same command goes on from here.`));
  };
  for (const name of signals) process.on(name, listen);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of signals) process.off(name, listen);
  }
}

/** What Pulumi says when it was told to stop, whoever told it. */
const acknowledgement = /received; cancelling/;
const acknowledgeMilliseconds = 300;
/** A CLI that has said nothing by then will not. */
const silenceMilliseconds = 15_000;

/** How one operation of the CLI is stopped. */
export interface PoliteStop {
  /** Makes the Automation API interrupt the CLI. */
  readonly signal: AbortSignal;
  /** Takes what the CLI says; to be called for every event, with an empty text when it has none. */
  readonly hear: (text: string) => void;
  /** To be called when the operation has ended. */
  end(): void;
}

/**
 * Asks the CLI to stop, once, and only when it can hear it:
 * - Ctrl-C on a terminal reaches the CLI without us, and a second interrupt makes it drop what it is doing and
 *   leave resources in an unknown state: so it is asked only when it does not say by itself that it is cancelling;
 * - the Automation API takes no notice of a signal that aborted before it started the CLI: so nothing is asked
 *   before the CLI's first event.
 */
export function politeStop(outer: AbortSignal | undefined, wait = acknowledgeMilliseconds): PoliteStop {
  const controller = new AbortController();
  let [asked, heard, acknowledged] = [false, false, false];
  let timer: NodeJS.Timeout | undefined;
  const abortAfter = (milliseconds: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (!acknowledged) controller.abort(outer?.reason);
    }, milliseconds);
  };
  const ask = (): void => {
    asked = true;
    abortAfter(heard ? wait : silenceMilliseconds);
  };
  if (outer?.aborted === true) ask();
  else outer?.addEventListener("abort", ask, { once: true });
  return {
    signal: controller.signal,
    hear: (text) => {
      if (acknowledgement.test(text)) acknowledged = true;
      if (!heard && asked) abortAfter(wait);
      heard = true;
    },
    end: () => {
      clearTimeout(timer);
      outer?.removeEventListener("abort", ask);
    },
  };
}
