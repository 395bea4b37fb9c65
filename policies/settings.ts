import type { Wrong } from "./containers";
import type { Command } from "./command-line";
import { assignmentsOf } from "./engine-arguments";
import { judged, type Undecided } from "./rule";
import { variablesOf } from "./variables";

/** An environment variable, wherever a container sets it: in `env`, or in a script of its command. */
export interface Setting {
  readonly name: string;
  readonly at: string;
  /** Undefined when the value comes from elsewhere. */
  readonly value: string | undefined;
}

/** What is wrong with a container's variables, by what a judge says of each. */
export function* wrongSettings(
  container: unknown,
  commands: readonly Command[],
  undecided: Undecided,
  isWatched: (name: string) => boolean,
  judge: (setting: Setting) => string | undefined,
): Generator<Wrong> {
  const wrong = (setting: Setting): readonly Wrong[] => {
    const message = judge(setting);
    return message === undefined ? [] : [{ at: setting.at, message }];
  };
  for (const { name, at, read } of variablesOf(container, undecided))
    if (isWatched(name)) yield* judged(() => wrong({ name, at, value: read() }), undecided);
  for (const assignment of commands.flatMap(assignmentsOf)) if (isWatched(assignment.name)) yield* wrong(assignment);
}
