import { describe, expect, test } from "vitest";
import type { PoolSettings } from "../../environment";
import { load, smallest, withPool } from "../harness/environments";

type Fabric = Readonly<Record<string, unknown>>;

const rdma = { kind: "rdma", bandwidth: "3.2Tbps", resource: "rdma/ib", perNode: 8, lockedMemory: "unlimited" };

function rented(fabric: Fabric, instance = "p5.48xlarge") {
  const pool = { cluster: "here", instance, region: "us-east-1", nodes: { max: 2 }, fabric };
  return { ...smallest, pools: { gpus: pool } };
}

function fabricOf(environment: ReturnType<typeof rented> | ReturnType<typeof withPool>): PoolSettings["fabric"] {
  return load(environment).environment.pools["gpus"]?.fabric;
}

describe("the network between machines of a pool", () => {
  test.each([
    ["RDMA of one's own", withPool({ fabric: rdma }), { ...rdma, bandwidth: 3200 }],
    ["ethernet of one's own", withPool({ fabric: { kind: "ethernet", bandwidth: "25Gbps" } }), { bandwidth: 25 }],
    ["EFA of rented machines", rented({ kind: "efa" }), { kind: "efa" }],
    ["the ethernet that rented machines have", rented({ kind: "ethernet" }), { kind: "ethernet" }],
  ])("may be %s", (_, environment, fabric) => {
    expect(fabricOf(environment)).toMatchObject(fabric);
  });

  test("is not known unless somebody says it", () => {
    expect(fabricOf(withPool({}))).toBeUndefined();
  });

  test.each([
    ["without a bandwidth of one's own", withPool({ fabric: { kind: "ethernet" } }), /fabric.bandwidth is missing/],
    ["with a bandwidth that has no unit", withPool({ fabric: { kind: "ethernet", bandwidth: 100 } }), /100Gbps/],
    ["of EC2 on machines of one's own", withPool({ fabric: { kind: "efa" } }), /is for machines rented on EC2/],
    ["of one's own on machines of EC2", rented(rdma), /is not what EC2 has/],
    [
      "that the instance does not have",
      rented({ kind: "efa" }, "g5.xlarge"),
      /cannot be `efa`: g5.xlarge has no such adapter/,
    ],
    [
      "whose adapters cannot lock memory",
      withPool({ fabric: { ...rdma, lockedMemory: "64MiB" } }),
      /lockedMemory.*unlimited/s,
    ],
    ["with a resource that is none", withPool({ fabric: { ...rdma, resource: "infiniband" } }), /rdma\/ib/],
  ])("is refused %s", (_, environment, message) => {
    expect(() => load(environment)).toThrow(message);
  });
});
