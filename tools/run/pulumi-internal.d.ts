/**
 * `withLocalStorage` gives a program settings of its own, so that several run in one process. The SDK marks
 * it internal and leaves it out of its types, but its own Automation API stands on it.
 */
declare module "@pulumi/pulumi/runtime/state" {
  export function withLocalStorage<Result>(callback: () => Promise<Result>): Promise<Result>;
}
