import type { z } from "zod";
import { resolveCpu } from "../../catalog/cpus";
import { statement } from "../messages";
import type { WrittenPool } from "./pools";

type Context = z.core.$RefinementCtx<WrittenPool>;
type Key = keyof WrittenPool;

const ownKeys = ["accelerator", "gpusPerNode", "machine"] as const satisfies readonly Key[];
const onlyGpus = ["accelerator", "gpusPerNode", "interconnect", "sharing"] as const satisfies readonly Key[];
const onlyProcessors = ["processor", "socketsPerNode"] as const satisfies readonly Key[];
const onlyOwn = [...ownKeys, "interconnect", ...onlyProcessors] as const satisfies readonly Key[];
const onlyRented = [
  "region",
  "purchase",
  "reservations",
  "reservedPrice",
  "quota",
  "disk",
] as const satisfies readonly Key[];

/** What is expected of a setting that is missing. */
const expected: Readonly<Record<(typeof ownKeys)[number], string>> = {
  accelerator: "expected the name of a GPU",
  gpusPerNode: "expected a whole number",
  machine: "expected a map of settings",
};

/**
 * A pool has machines of its own or rents them: settings of the one have no meaning for the other. Looks only at
 * which settings there are, so it says what it has to say although some of them are wrong.
 */
export function checkMachines(pool: WrittenPool, context: Context): void {
  const has = (key: Key): boolean => pool[key] !== undefined;
  const say = (path: readonly Key[], message: string): void =>
    context.addIssue({ code: "custom", path: [...path], message });

  if (has("instance") || has("instances")) {
    const named = has("instance") ? "instance" : "instances";
    const kinds = "A pool either rents EC2 machines by their type, or describes its machines: remove one of the two.";
    for (const key of onlyOwn.filter(has)) say([key], statement.write(`cannot stand beside \`${named}\``, kinds));
    if (has("instance") && has("instances"))
      say(["instances"], statement.write("cannot stand beside `instance`", "Write one type, or a list of candidates."));
    if (!has("region")) say(["region"], "expected the AWS region of the machines, such as us-east-1");
    return;
  }
  if (has("processor")) {
    checkProcessors(has, say);
    return;
  }
  if (!ownKeys.some(has)) {
    const fix =
      "Write `instance` and `region` for machines rented on EC2, or `accelerator`, `gpusPerNode` and `machine` for others.";
    say([], statement.write("does not say which machines it has", fix));
    return;
  }
  for (const key of ownKeys.filter((key) => !has(key))) say([key], expected[key]);
  const rented = "Remove it, or name the `instance` in place of `accelerator`, `gpusPerNode` and `machine`.";
  for (const key of onlyRented.filter(has)) say([key], statement.write("is for machines rented on EC2", rented));
  const without = "Remove it, or name the `processor` of machines without GPUs.";
  if (has("socketsPerNode")) say(["socketsPerNode"], statement.write("is for machines without GPUs", without));
}

/** Machines without GPUs are described one by one: the catalogue has only EC2 types with GPUs. */
function checkProcessors(has: (key: Key) => boolean, say: (path: readonly Key[], message: string) => void): void {
  const gpus = "A pool's machines either have GPUs or are known by their `processor`: remove one of the two.";
  for (const key of onlyGpus.filter(has)) say([key], statement.write("cannot stand beside `processor`", gpus));
  if (!has("machine")) say(["machine"], expected.machine);
  const rented = "Remove it: the catalogue has only EC2 types with GPUs, so machines without are described.";
  for (const key of onlyRented.filter(has)) say([key], statement.write("is for machines rented on EC2", rented));
}

/** Numbers of a pool that have to agree with each other. */
export function checkNumbers(pool: WrittenPool, context: Context): void {
  const say = (path: readonly string[], message: string): void =>
    context.addIssue({ code: "custom", path: [...path], message });
  const { nodes, instance, instances, provisioning } = pool;

  if (nodes.min !== undefined && nodes.min > nodes.max) say(["nodes", "min"], `at most \`nodes.max\`: ${nodes.max}`);
  const comesAndGoes = nodes.min !== undefined && nodes.min < nodes.max;
  if (instance === undefined && instances === undefined && comesAndGoes && provisioning === undefined)
    say(["provisioning"], "expected how long a machine takes to come, such as 10m: not all of them are always there");
  if (instances !== undefined && new Set(instances).size < instances.length) say(["instances"], "a type is named once");
  checkReservations(pool, say);
  checkThreads(pool, say);
  checkPrice(pool, say);
}

type Say = (path: readonly string[], message: string) => void;

/** Kubernetes counts threads; more than the processors have is a mistake in one of the two numbers. */
function checkThreads({ processor = "", socketsPerNode = 1, machine }: WrittenPool, say: Say): void {
  const cpu = resolveCpu(processor);
  if (cpu === undefined || machine === undefined) return;
  const threads = socketsPerNode * cpu.cores * cpu.threadsPerCore;
  if (machine.cpu <= threads) return;
  const message = `at most ${threads}: ${socketsPerNode} × ${cpu.id} with ${cpu.cores} cores of ${cpu.threadsPerCore} threads`;
  say(["machine", "cpu"], message);
}

function checkPrice({ price, processor }: WrittenPool, say: Say): void {
  if (price === undefined) return;
  if (processor === undefined && price.per === "machine")
    say(["price"], "machines with GPUs cost so much for each GPU, such as $0.80/GPU-hour");
  if (processor !== undefined && price.per === "GPU")
    say(["price"], "machines without GPUs have a price of their own, such as $0.80/machine-hour");
}

function checkReservations(pool: WrittenPool, say: Say): void {
  const { purchase = "on-demand", reservations, reservedPrice, instances = [], nodes } = pool;
  const ways = typeof purchase === "string" ? [purchase] : purchase;
  if (new Set(ways).size < ways.length) say(["purchase"], "each way is named once");
  if (!ways.includes("reserved")) {
    const needs = statement.write("means nothing without `reserved` in `purchase`", "Add it there, or remove this.");
    if (reservations !== undefined) say(["reservations"], needs);
    if (reservedPrice !== undefined) say(["reservedPrice"], needs);
    return;
  }
  if (instances.length > 1) say(["instances"], "reserved machines are of one type: write one `instance`");
  if (reservations === undefined && ways.length > 1)
    say(["reservations"], "expected how many machines are reserved; the others are rented otherwise");
  if (reservations !== undefined && reservations > nodes.max)
    say(["reservations"], `at most \`nodes.max\`: ${nodes.max}`);
}
