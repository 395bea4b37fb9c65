/** One run of start.ts: previews a stack whose program is ours, and prints when its first line ran. */
import { join } from "node:path";
import { openStack, run, type Target } from "../../tools/run/pulumi";
import program from "../../stacks/index";

async function main(pulumi: string, folder: string): Promise<void> {
  let firstLine = 0;
  const target: Target = {
    stack: "local",
    program: () => {
      firstLine ||= performance.now();
      // Our program is loaded and ready; what it declares is not what is measured.
      return Promise.resolve(typeof program === "function" ? {} : undefined);
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
  const stack = await openStack(target);
  const preview = performance.now();
  const { errors } = await run(stack, "preview", target);
  if (errors.length > 0) throw new Error(errors.join("\n"));
  process.stdout.write(JSON.stringify({ fromProcessStart: firstLine, fromPreview: firstLine - preview }));
}

void main(process.argv[2] ?? "", process.argv[3] ?? "");
