import fs from "node:fs";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { isAlive, processStart } from "../../../../tools/run/parts/processes";
import { simulationFolder, type SimulationFolder } from "../../../../tools/simulator/folder";
import { controlPlaneFolder } from "../../../../tools/simulator/kwokctl";
import { controllers } from "../../../../tools/simulator/operators/controllers";
import { configurationOf, startController, type RunOptions } from "../../../../tools/simulator/operators/run";
import { endProcesses } from "../../../../tools/simulator/processes";
import { reservePorts } from "../../../../tools/simulator/ports";
import { script, temporaryFolder } from "../harness";

/** A controller that serves its health, and notes its environment and every start. */
const server = `
const fs = require("node:fs");
const [health, notes] = process.argv.slice(1);
fs.appendFileSync(notes, JSON.stringify({ pid: process.pid, health, environment: process.env }) + "\\n");
require("node:http").createServer((_, response) => response.end("ok")).listen(Number(health), "127.0.0.1");
`;

interface Note {
  readonly pid: number;
  readonly health: string;
  readonly environment: Readonly<Record<string, string>>;
}

class Toy {
  readonly root = temporaryFolder();
  readonly folder: SimulationFolder = simulationFolder(this.root, "local");
  readonly controller = new AbortController();
  readonly #notes = path.join(this.root, "notes");

  constructor(readonly slot: number) {}

  notes(): readonly Note[] {
    if (!fs.existsSync(this.#notes)) return [];
    const lines = fs.readFileSync(this.#notes, "utf8").trim().split("\n");
    return lines.map((line) => JSON.parse(line) as Note);
  }

  options(...before: readonly string[]): RunOptions {
    const program = script(
      path.join(this.root, "program"),
      ...before,
      `exec '${process.execPath}' -e '${server}' "$1" ${this.#notes}`,
    );
    return {
      id: "kuberay",
      controller: { program: "kuberay-operator", arguments: ({ ports }) => [String(ports.health)], webhook: false },
      program,
      folder: this.folder,
      slot: this.slot,
      signal: this.controller.signal,
    };
  }
}

async function toy(): Promise<Toy> {
  const { slot, release } = await reservePorts();
  onTestFinished(release);
  return new Toy(slot);
}

describe("a controller", () => {
  it("is started on a free port of the simulation and is ready when it says so", async () => {
    const machine = await toy();
    const { process: started, ports } = await startController(machine.options());
    onTestFinished(() => endProcesses([started]));
    expect(started.name).toBe("kuberay");
    expect(isAlive(started)).toBe(true);
    expect(machine.notes()).toMatchObject([{ pid: started.pid, health: String(ports.health) }]);
    expect(ports.health).toBeGreaterThan(machine.slot + 6);
    expect(ports.health).toBeLessThan(machine.slot + 16);
  });

  it("knows the simulated cluster only, and reaches nothing but this machine", async () => {
    const machine = await toy();
    const { process: started } = await startController(machine.options());
    onTestFinished(() => endProcesses([started]));
    const [{ environment } = { environment: {} }] = machine.notes();
    expect(environment).toMatchObject({
      KUBECONFIG: machine.folder.kubeconfig,
      HTTP_PROXY: "http://127.0.0.1:1",
      HTTPS_PROXY: "http://127.0.0.1:1",
    });
    expect(environment).not.toHaveProperty("HOME");
    expect(environment).not.toHaveProperty("NO_PROXY");
  });

  it("that ends while it starts is an error with its last words and the place of its log", async () => {
    const machine = await toy();
    await expect(startController(machine.options("echo 'unknown flag'; exit 2"))).rejects.toThrow(
      /^kuberay of the simulated control plane ended while it was starting: unknown flag\nIts whole log: .*kuberay\.log$/,
    );
  });

  it("whose port another program took meanwhile is tried again", async () => {
    const machine = await toy();
    const once = path.join(machine.root, "once");
    const taken = `[ -e ${once} ] || { touch ${once}; echo 'bind: address already in use'; exit 1; }`;
    const { process: started } = await startController(machine.options(taken));
    onTestFinished(() => endProcesses([started]));
    expect(machine.notes()).toHaveLength(1);
  });

  it("is not left running when the start is interrupted", async () => {
    const machine = await toy();
    const options = machine.options();
    // Its health is asked for on a port where it does not listen.
    const never = { ...options, controller: { ...options.controller, arguments: () => [String(machine.slot + 15)] } };
    const starting = startController(never);
    const refused = expect(starting).rejects.toThrow("enough");
    while (machine.notes().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    machine.controller.abort(new Error("enough"));
    await refused;
    const [{ pid } = { pid: 0 }] = machine.notes();
    expect(processStart(pid)).toBeUndefined();
  });

  it("is not used again when it is to be another program", async () => {
    const { id, controller, program } = (await toy()).options();
    expect(configurationOf({ id, controller, program })).toBe(configurationOf({ id, controller, program }));
    expect(configurationOf({ id, controller, program: `${program}-2` })).not.toBe(
      configurationOf({ id, controller, program }),
    );
  });
});

describe("LeaderWorkerSet's controller", () => {
  it("serves webhooks and health on the loopback address, with the control plane's certificate, and no metrics", () => {
    const folder = simulationFolder(temporaryFolder(), "local");
    const pki = path.join(controlPlaneFolder(folder.cluster), "pki");
    const place = { folder: temporaryFolder(), ports: { health: 1, webhook: 2 } };
    const controller = controllers["leader-worker-set"];
    controller?.prepare?.(place, pki);
    controller?.prepare?.(place, pki);
    const [flag, file = ""] = controller?.arguments(place) ?? [];
    expect(flag).toBe("--config");
    const certDir = path.join(place.folder, "certificate");
    expect(JSON.parse(fs.readFileSync(file, "utf8"))).toMatchObject({
      webhook: { host: "127.0.0.1", port: 2, certDir },
      health: { healthProbeBindAddress: "127.0.0.1:1" },
      metrics: { bindAddress: "0" },
      internalCertManagement: { enable: false },
    });
    expect(fs.readlinkSync(path.join(certDir, "tls.crt"))).toBe(path.join(pki, "admin.crt"));
    expect(fs.readlinkSync(path.join(certDir, "tls.key"))).toBe(path.join(pki, "admin.key"));
  });
});
