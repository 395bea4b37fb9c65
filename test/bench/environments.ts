/** Environments of any size, as people write them. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";

type Written = Readonly<Record<string, unknown>>;

const clusters = { here: { kind: "existing", context: "here" } };
const revision = "b968826d9c46dd6066d109eabc6255188de91218";

function named(kind: string, count: number, of: (index: number) => Written): Written {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`${kind}-${index}`, of(index)]));
}

/** So many releases, of a few kinds, on machines enough of one kind. */
export function onOnePool(releases: number): Written {
  return {
    clusters,
    pools: {
      gpus: {
        cluster: "here",
        accelerator: "H100-80GB",
        gpusPerNode: 8,
        nodes: { max: Math.ceil(releases / 2) + 1 },
        machine: { cpu: 192, memory: "2TiB", disk: "8TiB" },
        price: "$3/GPU-hour",
      },
    },
    releases: named("release", releases, (index) => ({
      engine: "vllm",
      model: index % 3 === 0 ? "Qwen/Qwen3-14B" : "Qwen/Qwen3-8B",
      revision,
      weights: { from: "hub" },
      pool: "gpus",
      context: 8192,
      replicas: 1 + (index % 2),
    })),
  };
}

const releasesOfPool = 10;
const models = ["Qwen/Qwen3-8B", "Qwen/Qwen3-14B", "Qwen/Qwen3-32B", "Qwen/Qwen2.5-7B-Instruct"] as const;
const kindsOfPool: readonly Written[] = [
  {
    accelerator: "H100-80GB",
    gpusPerNode: 8,
    machine: { cpu: 192, memory: "2TiB", disk: "8TiB" },
    price: "$3/GPU-hour",
  },
  { accelerator: "L40S", gpusPerNode: 4, machine: { cpu: 64, memory: "1TiB", disk: "4TiB" }, price: "$1.20/GPU-hour" },
  { instances: ["g6e.12xlarge", "p4d.24xlarge", "p5.48xlarge"], region: "us-east-1", disk: "4TiB" },
  {
    instance: "p4de.24xlarge",
    region: "us-east-1",
    purchase: ["reserved", "on-demand"],
    reservations: 1,
    disk: "4TiB",
  },
];

/**
 * So many releases, ten to a pool, with as much left open as can be: tensor parallelism everywhere, the format of
 * weights of every second release, the machines of every fourth pool, and the pods, which routes with a load decide. No
 * two releases are asked for the same.
 */
export function onManyPools(releases: number): Written {
  return {
    clusters,
    pools: named("pool", Math.ceil(releases / releasesOfPool), (index) => ({
      cluster: "here",
      nodes: { max: 40 },
      ...kindsOfPool[index % kindsOfPool.length],
    })),
    releases: named("release", releases, (index) => ({
      engine: "vllm",
      model: models[index % models.length],
      revision,
      weights: { from: "hub" },
      quantization: index % 2 === 0 ? "native" : "auto",
      pool: `pool-${Math.floor(index / releasesOfPool)}`,
      context: 8192,
      maxSequences: 16 + (index % 64),
    })),
    routes: named("route", releases, (index) => ({
      targets: [{ release: `release-${index}` }],
      load: { requests: `${1 + (index % 7) / 10}/s`, inputTokens: 800 + index, outputTokens: 200 },
      slo: { ttftP95: "3s" },
      tenants: { search: "60%", support: "40%" },
    })),
    budget: { atMaximum: "$1000000/hour" },
  };
}

/** A repository with this environment, named `bench`; the caller removes it. */
export function folderOf(environment: Written): string {
  const folder = mkdtempSync(join(tmpdir(), "modelyard-bench-"));
  for (const sub of ["stacks", "policies/environments"]) mkdirSync(join(folder, sub), { recursive: true });
  writeFileSync(join(folder, "stacks/bench.yaml"), stringify(environment, { aliasDuplicateObjects: false }));
  writeFileSync(join(folder, "policies/environments/bench.yaml"), "stage: production\n");
  return folder;
}
