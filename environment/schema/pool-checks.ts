import type { z } from "zod";
import { statement } from "../messages";
import type { WrittenPool } from "./pools";

type Context = z.core.$RefinementCtx<WrittenPool>;
type Key = keyof WrittenPool;

const ownKeys = ["accelerator", "gpusPerNode", "machine"] as const satisfies readonly Key[];
const onlyOwn = [...ownKeys, "interconnect"] as const satisfies readonly Key[];
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
  if (!ownKeys.some(has)) {
    const fix =
      "Write `instance` and `region` for machines rented on EC2, or `accelerator`, `gpusPerNode` and `machine` for others.";
    say([], statement.write("does not say which machines it has", fix));
    return;
  }
  for (const key of ownKeys.filter((key) => !has(key))) say([key], expected[key]);
  const rented = "Remove it, or name the `instance` in place of `accelerator`, `gpusPerNode` and `machine`.";
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
}

function checkReservations(pool: WrittenPool, say: (path: readonly string[], message: string) => void): void {
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
