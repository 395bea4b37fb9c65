/** What a person or a supervisor sends to stop a command. SIGKILL cannot be noticed: see `removeLeftovers`. */
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Does `work` with a signal that aborts when `outer` does, or when this process is told to end. The
 * process groups that were started have left the terminal's group, so nobody else would end them.
 * If nothing else in the program listens for that signal, it then ends the process as it would
 * have done without this.
 */
export async function interruptible<T>(
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  outer?.throwIfAborted();
  const controller = new AbortController();
  const passOn = (): void => controller.abort(outer?.reason);
  const remove = (): void => {
    outer?.removeEventListener("abort", passOn);
    for (const name of signals) process.off(name, interrupt);
  };
  const interrupt = (name: NodeJS.Signals): void => {
    remove();
    controller.abort(new Error(`stopped by ${name}`));
    if (process.listenerCount(name) === 0) process.kill(process.pid, name);
  };
  outer?.addEventListener("abort", passOn, { once: true });
  for (const name of signals) process.on(name, interrupt);
  try {
    return await work(controller.signal);
  } finally {
    remove();
  }
}
