/** One measured process of bench.ts: plans, plans again and again, declares, or registers the same resources without us. */
import { CustomResource, ComponentResource, runtime } from "@pulumi/pulumi";
import { withLocalStorage } from "@pulumi/pulumi/runtime/state";
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadEnvironment } from "../../environment";
import { planEnvironment, type Plan } from "../../planning";
import { evaluate } from "../../policies/rule";
import { rules } from "../../policies/rules";
import { deploy } from "../../stacks/deploy";
import { planningTimes, type PlanningTime } from "./planning-time";
import { record, type RecordedResource } from "../../tools/run/record";

function planOf(root: string, environment: string): Plan {
  const { plan, findings } = planEnvironment(loadEnvironment(root, environment).environment, "2026-11-21");
  if (plan === undefined) throw new Error(findings.map((finding) => finding.message).join("\n"));
  return plan;
}

class Group extends ComponentResource {
  constructor(type: string, name: string) {
    super(type, name, {});
  }
}
class Plain extends CustomResource {
  constructor(type: string, name: string, inputs: RecordedResource["inputs"]) {
    super(type, name, { ...inputs });
  }
}

/** What anyone pays who registers these resources with Pulumi's mocks. */
async function bare(resources: readonly RecordedResource[]): Promise<void> {
  await withLocalStorage(async () => {
    await runtime.setMocks({
      newResource: ({ name, inputs }: { name: string; inputs: object }) => ({ id: name, state: inputs }),
      call: () => ({}),
    });
    for (const { custom, type, name, inputs } of resources)
      if (custom) new Plain(type, name, inputs);
      else new Group(type, name);
    await runtime.disconnect();
  });
}

/** Milliseconds of planning the environments of two folders, and how often the second takes the time of the first. */
function planningOf(folders: readonly string[]) {
  const environments = folders.map((folder) => loadEnvironment(folder, "bench").environment);
  const times = planningTimes(environments, 5);
  const each = (value: (of: keyof PlanningTime) => number) => ({
    decided: value("decided"),
    explained: value("explained"),
    waited: value("waited"),
  });
  const ratio = (of: keyof PlanningTime): number => (times[1]?.[of] ?? NaN) / (times[0]?.[of] ?? NaN);
  return {
    ...Object.fromEntries(
      environments.map(({ releases }, index) => [
        `${Object.keys(releases).length} releases`,
        each((of) => Math.round(times[index]?.[of] ?? NaN)),
      ]),
    ),
    ratio: each((of) => Number(ratio(of).toFixed(2))),
  };
}

async function main(what: string, root: string, environment: string): Promise<void> {
  const list = join(tmpdir(), `modelyard-bench-${environment}-${process.ppid}.json`);
  const more: Record<string, unknown> = {};
  if (what === "plan") process.stdout.write(`${JSON.stringify(planOf(root, environment))}\n`);
  if (what === "planning") more["planningMilliseconds"] = planningOf([root, environment]);
  if (what === "declare") {
    const plan = planOf(root, environment);
    const { resources } = await record(() => Promise.resolve(deploy(plan)), environment);
    writeFileSync(list, JSON.stringify(resources));
    const start = performance.now();
    for (const { inputs, ...resource } of resources)
      for (const rule of rules) evaluate(rule, { ...resource, props: inputs });
    more["resources"] = resources.length;
    more["policyMillisecondsPer1000Resources"] = Math.round(((performance.now() - start) / resources.length) * 1000);
  }
  if (what === "bare") {
    await bare(JSON.parse(readFileSync(list, "utf8")) as RecordedResource[]);
  }
  process.stdout.write(
    `${JSON.stringify({ megabytes: Math.round(process.resourceUsage().maxRSS / 1024), ...more })}\n`,
  );
}

void main(process.argv[2] ?? "", process.argv[3] ?? "", process.argv[4] ?? "");
