/** What Pulumi says, and what a person can do about it. */
const advice: readonly (readonly [pattern: RegExp, text: string])[] = [
  [
    /incorrect passphrase|passphrase must be set/,
    "The state's secrets were encrypted with another passphrase: set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE to that one (a simulated environment keeps its own in .modelyard/<environment>/pulumi/passphrase). Nothing was changed.",
  ],
  [
    /no space left on device|ENOSPC|disk quota exceeded|file too large/i,
    "The disk that holds Pulumi's state is full. Make room, then run the same command again: it compares the state with the cluster and goes on from there.",
  ],
  [
    /policy pack .* failed to start: .*exit status -1|failed to (run remediation|run (stack )?policy|analyze resources): .*(reset by peer|Unavailable|EOF|refused)/,
    "The process that runs the policy pack was ended, and without the policies nothing more is changed. Run the same command again; if it happens each time, the machine may lack memory.",
  ],
  [
    /currently locked by|ConcurrentUpdateError|\[409\]/,
    "Another Pulumi works on this stack, or one on another machine was killed while it did. Wait for it; only when you know that it is dead: pulumi cancel.",
  ],
];

/** The same message, with what to do where that is known. */
export function explained(message: string): string {
  const found = advice.find(([pattern, text]) => pattern.test(message) && !message.includes(text));
  return found === undefined ? message : `${message}\n    ${found[1]}`;
}
