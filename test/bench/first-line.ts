/** One run of start.ts: previews a stack whose program is ours, and prints when its first line ran. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { openStack, run, type Target } from "../../tools/run/pulumi";

const load = (): unknown => createRequire(__filename)("../../stacks/index.ts");

async function main(pulumi: string, folder: string): Promise<void> {
  let firstLine = 0;
  const target: Target = {
    stack: "local",
    program: () => {
      // Our program is loaded by now; what it declares is not what is measured.
      firstLine ||= typeof load() === "function" ? performance.now() : NaN;
      return Promise.resolve({});
    },
    folder,
    pulumi,
    installation: join(folder, "cli"),
    variables: {
      PULUMI_HOME: join(folder, "home"),
      PULUMI_BACKEND_URL: `file://${folder}`,
      PULUMI_CONFIG_PASSPHRASE: "bench",
    },
    projectSettings: { name: "modelyard", runtime: "nodejs" },
    policyPacks: [],
  };
  const opening = openStack(target);
  // While the CLI, a process of its own, opens the stack, this one loads the program.
  load();
  const stack = await opening;
  const preview = performance.now();
  const { errors } = await run(stack, "preview", target);
  if (errors.length > 0) throw new Error(errors.join("\n"));
  process.stdout.write(JSON.stringify({ fromProcessStart: firstLine, fromPreview: firstLine - preview }));
}

void main(process.argv[2] ?? "", process.argv[3] ?? "");
