import net from "node:net";
import { randomInt } from "node:crypto";
import { SimulatorError } from "./errors";

/** The ports of one control plane, all on the loopback address. */
export interface Ports {
  readonly etcd: number;
  readonly etcdPeer: number;
  readonly apiServer: number;
  readonly controllerManager: number;
  readonly scheduler: number;
  readonly kwok: number;
}

/** Ports that belong to the caller until `release`: by then its programs must have taken them. */
export interface ReservedPorts {
  readonly ports: Ports;
  /** The first port of the slot, to ask for the same ones again. */
  readonly slot: number;
  readonly release: () => Promise<void>;
}

/** Everything that the simulator starts listens here and nowhere else. */
export const loopback = "127.0.0.1";
/**
 * Below Linux's default range of ports for outgoing connections (32768 up, `ip_local_port_range`), of which
 * a control plane opens hundreds: one of those could take a port between our look and the program's.
 */
const range = { first: 20_000, end: 32_768 };
/** Seven are the control plane's, the others are for operators; a multiple of the size keeps slots apart. */
const slotSize = 16;
const firstOfOperators = 7;
const attempts = 200;

/**
 * Finds free ports and keeps other simulators away from them. kwokctl looks for free ports by itself, but
 * two that start at the same time find the same ones. Here the first port of a slot is a guard: whoever
 * listens on it owns the slot, and the kernel lets only one listen, whatever its user or folder.
 *
 * @param preferred - a slot to try first, so that addresses stay the same over a restart
 */
export async function reservePorts(preferred?: number): Promise<ReservedPorts> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const slot = attempt === 0 && preferred !== undefined ? preferred : randomSlot();
    const reserved = await reserveSlot(slot);
    if (reserved) return reserved;
  }
  throw new SimulatorError(
    `No ${slotSize} free ports in a row were found on ${loopback} between ${range.first} and ${range.end - 1}. Stop what you do not need, such as other simulated environments.`,
  );
}

function randomSlot(): number {
  return range.first + slotSize * randomInt(Math.floor((range.end - range.first) / slotSize));
}

async function reserveSlot(slot: number): Promise<ReservedPorts | undefined> {
  const guard = await listen(slot);
  if (!guard) return undefined;
  for (let port = slot + 1; port < slot + slotSize; port++) {
    const server = await listen(port);
    if (!server) {
      await close(guard);
      return undefined;
    }
    await close(server);
  }
  return { ports: portsOf(slot), slot, release: () => close(guard) };
}

/**
 * Ports of a slot for operators that are free now. No other simulator takes one, because it takes whole slots, and
 * in this one a control plane runs; another program may.
 * @throws SimulatorError when there are not as many
 */
export async function freePorts(slot: number, count: number): Promise<readonly number[]> {
  const free: number[] = [];
  for (let port = slot + firstOfOperators; port < slot + slotSize && free.length < count; port++) {
    const server = await listen(port);
    if (!server) continue;
    await close(server);
    free.push(port);
  }
  if (free.length === count) return free;
  throw new SimulatorError(
    `Operators need ${count} free ports on ${loopback} between ${slot + firstOfOperators} and ${slot + slotSize - 1}. Stop what uses them.`,
  );
}

function portsOf(slot: number): Ports {
  return {
    etcd: slot + 1,
    etcdPeer: slot + 2,
    apiServer: slot + 3,
    controllerManager: slot + 4,
    scheduler: slot + 5,
    kwok: slot + 6,
  };
}

function listen(port: number): Promise<net.Server | undefined> {
  return new Promise((resolve) => {
    const server = net.createServer((socket) => socket.destroy());
    server.once("error", () => {
      resolve(undefined);
    });
    server.listen({ host: loopback, port, exclusive: true }, () => {
      resolve(server);
    });
  });
}

function close(server: net.Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}
