import { describe, expect, test } from "vitest";
import { load, smallest, withPool } from "../harness/environments";
import { problemsOf, refusal } from "./refusals";

type Written = Readonly<Record<string, unknown>>;

/** The smallest environment on rented machines, with its pool changed. */
function withRented(changes: Written = {}): Written {
  const pool = { cluster: "here", instance: "g6e.12xlarge", region: "us-east-1", nodes: { max: 4 } };
  return { ...smallest, pools: { gpus: { ...pool, ...changes } } };
}

const poolOf = (environment: Written) => load(environment).environment.pools["gpus"];

describe("machines that are described", () => {
  test("are all there always, unless something else is said", () => {
    expect(poolOf(withPool({}))).toMatchObject({ kind: "owned", nodes: { min: 2, max: 2 }, provisioning: 0 });
  });

  test("may come and go when it is said how long that takes", () => {
    const pool = poolOf(withPool({ nodes: { min: 0, max: 2 }, provisioning: "10m", interconnect: "pcie" }));
    expect(pool).toMatchObject({ nodes: { min: 0, max: 2 }, provisioning: 600, interconnect: "pcie" });
  });
});

describe("machines that are rented", () => {
  test("have safe defaults", () => {
    expect(poolOf(withRented())).toEqual({
      kind: "rented",
      cluster: "here",
      instances: ["g6e.12xlarge"],
      region: "us-east-1",
      purchase: ["on-demand"],
      reservations: 0,
      nodes: { min: 0, max: 4 },
      provisioning: 300,
      disk: 200,
      zones: ["a"],
      overrides: {},
    });
  });

  test("may be of one of several types", () => {
    const pool = poolOf(withRented({ instance: undefined, instances: ["g6e.12xlarge", "p4d.24xlarge"] }));
    expect(pool).toMatchObject({ instances: ["g6e.12xlarge", "p4d.24xlarge"] });
  });

  test("may be reserved in part", () => {
    const reserved = { purchase: ["reserved", "spot"], reservations: 2, reservedPrice: "$6.50/hour" };
    expect(poolOf(withRented({ ...reserved, quota: "384 vCPU" }))).toMatchObject({
      purchase: ["reserved", "spot"],
      reservations: 2,
      reservedPrice: 6.5,
      quota: 384,
    });
  });

  test("are all reserved where no other way is named", () => {
    expect(poolOf(withRented({ purchase: "reserved" }))).toMatchObject({ purchase: ["reserved"], reservations: 4 });
  });

  test("are found in the file by either name of their type", () => {
    const { locate, written } = load(withRented());
    expect(locate(["pools", "gpus", "instances"])).toEqual(locate(["pools", "gpus", "instance"]));
    expect(written(["pools", "gpus", "instances"])).toBeDefined();
  });
});

const processors = {
  cluster: "here",
  processor: "EPYC-7763",
  machine: { cpu: 128, memory: "256GiB" },
  nodes: { max: 2 },
  price: "$0.80/machine-hour",
};

/** The smallest environment on machines without GPUs, with its pool changed. */
function withProcessors(changes: Written = {}): Written {
  return { ...smallest, pools: { gpus: { ...processors, ...changes } } };
}

describe("machines without GPUs", () => {
  test("are known by their processor, and have a price of their own", () => {
    expect(poolOf(withProcessors())).toEqual({
      kind: "processors",
      cluster: "here",
      processor: "EPYC-7763",
      socketsPerNode: 1,
      machine: { cpu: 128, memory: 256, disk: 200 },
      nodes: { min: 2, max: 2 },
      provisioning: 0,
      zones: ["a"],
      overrides: {},
      price: 0.8,
    });
  });

  test("may have several processors", () => {
    const pool = poolOf(withProcessors({ socketsPerNode: 2, machine: { cpu: 256, memory: "1TiB" } }));
    expect(pool).toMatchObject({ socketsPerNode: 2, machine: { cpu: 256 } });
  });
});

test.each<[what: string, environment: Written, refused: string]>([
  [
    "a processor beside a GPU",
    withProcessors({ accelerator: "L40S" }),
    "15:5: pools.gpus.accelerator cannot stand beside `processor` | A pool's machines either have GPUs or are known by their `processor`: remove one of the two.",
  ],
  [
    "a processor beside an EC2 type",
    withRented({ processor: "EPYC-7763" }),
    "12:5: pools.gpus.processor cannot stand beside `instance` | A pool either rents EC2 machines by their type, or describes its machines: remove one of the two.",
  ],
  [
    "an EC2 type without a GPU",
    withRented({ instance: "c6a.48xlarge" }),
    '8:15: pools.gpus.instance is "c6a.48xlarge" | Did you mean "g6.48xlarge"?',
  ],
  [
    "a processor that is rented",
    withProcessors({ region: "us-east-1" }),
    "15:5: pools.gpus.region is for machines rented on EC2 | Remove it: the catalogue has only EC2 types with GPUs, so machines without are described.",
  ],
  [
    "a processor without a machine",
    withProcessors({ machine: undefined }),
    "6:3: pools.gpus.machine is missing | Expected a map of settings.",
  ],
  [
    "a processor that the catalogue does not have",
    withProcessors({ processor: "EPYC-7764" }),
    '8:16: pools.gpus.processor is "EPYC-7764" | Did you mean "EPYC-7763"?',
  ],
  [
    "more CPU than the processors have threads",
    withProcessors({ machine: { cpu: 256, memory: "256GiB" } }),
    "10:12: pools.gpus.machine.cpu is 256 | At most 128: 1 × EPYC-7763 with 64 cores of 2 threads.",
  ],
  [
    "sockets of a machine with GPUs",
    withPool({ socketsPerNode: 2 }),
    "17:5: pools.gpus.socketsPerNode is for machines without GPUs | Remove it, or name the `processor` of machines without GPUs.",
  ],
  [
    "a price per GPU of machines without",
    withProcessors({ price: "$0.80/GPU-hour" }),
    '14:12: pools.gpus.price is "$0.80/GPU-hour" | Machines without GPUs have a price of their own, such as $0.80/machine-hour.',
  ],
  [
    "a price per machine of machines with GPUs",
    withPool({ price: "$4/machine-hour" }),
    '16:12: pools.gpus.price is "$4/machine-hour" | Machines with GPUs cost so much for each GPU, such as $0.80/GPU-hour.',
  ],
  [
    "an EC2 type beside a machine",
    withRented({ machine: { cpu: 8, memory: "64GiB" } }),
    "12:5: pools.gpus.machine cannot stand beside `instance` | A pool either rents EC2 machines by their type, or describes its machines: remove one of the two.",
  ],
  [
    "one type beside a list",
    withRented({ instances: ["g5.12xlarge"] }),
    "12:5: pools.gpus.instances cannot stand beside `instance` | Write one type, or a list of candidates.",
  ],
  [
    "no machine at all",
    withPool({ accelerator: undefined, gpusPerNode: undefined, machine: undefined }),
    "6:3: pools.gpus does not say which machines it has | Write `instance` and `region` for machines rented on EC2, or `accelerator`, `gpusPerNode` and `machine` for others.",
  ],
  [
    "a machine without its GPU",
    withPool({ accelerator: undefined }),
    "6:3: pools.gpus.accelerator is missing | Expected the name of a GPU.",
  ],
  [
    "a rented machine without a region",
    withRented({ region: undefined }),
    "6:3: pools.gpus.region is missing | Expected the AWS region of the machines, such as us-east-1.",
  ],
  [
    "a zone in place of a region",
    withRented({ region: "us-east-1a" }),
    '9:13: pools.gpus.region is "us-east-1a" | A region is written as us-east-1.',
  ],
  [
    "a region of an owned machine",
    withPool({ region: "us-east-1" }),
    "17:5: pools.gpus.region is for machines rented on EC2 | Remove it, or name the `instance` in place of `accelerator`, `gpusPerNode` and `machine`.",
  ],
  [
    "a misspelt type",
    withRented({ instance: "g6e.12xlrge" }),
    '8:15: pools.gpus.instance is "g6e.12xlrge" | Did you mean "g6e.12xlarge"?',
  ],
  [
    "a type with a share of a GPU",
    withRented({ instance: "g6f.large" }),
    '8:15: pools.gpus.instance is "g6f.large" | Did you mean "g6.xlarge"?',
  ],
  [
    "a type named twice",
    withRented({ instance: undefined, instances: ["g5.12xlarge", "g5.12xlarge"] }),
    "12:7: pools.gpus.instances is a list | A type is named once.",
  ],
  [
    "more machines at the least than at the most",
    withPool({ nodes: { min: 3, max: 2 } }),
    "11:12: pools.gpus.nodes.min is 3 | At most `nodes.max`: 2.",
  ],
  [
    "machines that come and go at an unknown pace",
    withPool({ nodes: { min: 1, max: 2 } }),
    "6:3: pools.gpus.provisioning is missing | Expected how long a machine takes to come, such as 10m: not all of them are always there.",
  ],
  [
    "an unknown way to rent",
    withRented({ purchase: "on-demnd" }),
    '12:15: pools.gpus.purchase is "on-demnd" | Expected: on-demand, spot, reserved, or a list.',
  ],
  [
    "an unknown way among several",
    withRented({ purchase: ["spot", "reservd"] }),
    '14:9: pools.gpus.purchase.1 is "reservd" | Did you mean "reserved"?',
  ],
  [
    "a price of what is not reserved",
    withRented({ reservedPrice: "$6/hour" }),
    "12:5: pools.gpus.reservedPrice means nothing without `reserved` in `purchase` | Add it there, or remove this.",
  ],
  [
    "an unknown number of reservations",
    withRented({ purchase: ["reserved", "on-demand"] }),
    "6:3: pools.gpus.reservations is missing | Expected how many machines are reserved; the others are rented otherwise.",
  ],
  [
    "more reservations than machines",
    withRented({ purchase: "reserved", reservations: 5 }),
    "13:19: pools.gpus.reservations is 5 | At most `nodes.max`: 4.",
  ],
  [
    "reservations of several types",
    withRented({ instance: undefined, instances: ["g5.12xlarge", "g6.12xlarge"], purchase: "reserved" }),
    "12:7: pools.gpus.instances is a list | Reserved machines are of one type: write one `instance`.",
  ],
  [
    "a quota without its unit",
    withRented({ quota: 192 }),
    "12:12: pools.gpus.quota is 192 | Expected: 192 has no unit; expected a number of vCPU such as 192 vCPU.",
  ],
])("%s is refused at its line", (_, environment, refused) => {
  expect(refusal(() => load(environment))).toBe(refused);
});

test("what is wrong with the kind of a pool is said together with what is wrong with its values", () => {
  const problems = problemsOf(() => load(withRented({ region: undefined, zone: "a", quota: 192 })));
  expect(problems).toHaveLength(3);
});
