import { dispatch } from "../../tools/cli/main";
import { silentProgress } from "../../tools/report/progress";

/** Runs the command line in this process, and gives what it said and its exit code. */
export async function modelyard(...args: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const terminal = {
    out: (text: string) => out.push(text),
    err: (text: string) => err.push(text),
    progress: silentProgress,
  };
  const code = await dispatch(args, terminal);
  return { code, out: out.join("\n"), err: err.join("\n") };
}
