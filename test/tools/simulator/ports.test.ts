import net from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { freePorts, reservePorts, type ReservedPorts } from "../../../tools/simulator/ports";

const reserved: ReservedPorts[] = [];
const servers: net.Server[] = [];

async function reserve(preferred?: number): Promise<ReservedPorts> {
  const result = await reservePorts(preferred);
  reserved.push(result);
  return result;
}

function listen(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    servers.push(server);
    server.once("error", reject).listen(port, "127.0.0.1", resolve);
  });
}

afterEach(async () => {
  for (const { release } of reserved.splice(0)) await release();
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

describe("ports of a control plane", () => {
  it("are six different ones, free, below those of outgoing connections", async () => {
    const { ports } = await reserve();
    const numbers = Object.values({ ...ports });
    expect(new Set(numbers).size).toBe(6);
    for (const port of numbers) {
      expect(port).toBeGreaterThanOrEqual(20_000);
      expect(port).toBeLessThan(32_768);
      await listen(port);
    }
  });

  it("belong to one simulator at a time, though none of them is taken yet", async () => {
    const many = await Promise.all(Array.from({ length: 20 }, () => reserve()));
    const numbers = many.flatMap(({ ports }) => Object.values({ ...ports }));
    expect(new Set(numbers).size).toBe(20 * 6);
    const first = many[0]?.slot ?? 0;
    expect((await reserve(first)).slot).not.toBe(first);
  });

  it("are those of the last time when they are free again", async () => {
    const { slot, ports, release } = await reservePorts();
    await release();
    expect((await reserve(slot)).ports).toEqual(ports);
  });

  it.each(["etcd", "kwok"] as const)("are others when %s's was taken by another program", async (name) => {
    const { slot, ports, release } = await reservePorts();
    await release();
    await listen(ports[name]);
    expect((await reserve(slot)).slot).not.toBe(slot);
  });
});

describe("ports of operators", () => {
  it("are free ones of the slot that the control plane does not use", async () => {
    const { slot, ports } = await reserve();
    await listen(slot + 8);
    const free = await freePorts(slot, 3);
    expect(new Set(free).size).toBe(3);
    expect(free).not.toContain(slot + 8);
    const used: readonly number[] = Object.values({ ...ports });
    expect(free.filter((port) => port <= slot || used.includes(port))).toEqual([]);
    for (const port of free) await listen(port);
  });

  it("belong to no other control plane", async () => {
    const { slot } = await reserve();
    const own = await freePorts(slot, 4);
    const many = await Promise.all(Array.from({ length: 20 }, () => reserve()));
    const others = many.flatMap(({ ports }) => Object.values({ ...ports }));
    expect(own.filter((port) => others.includes(port))).toEqual([]);
  });

  it("are refused when there are not as many", async () => {
    const { slot } = await reserve();
    await expect(freePorts(slot, 10)).rejects.toThrow("Operators need 10 free ports");
  });
});
