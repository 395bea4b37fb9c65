import { spawn } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { OperatorId } from "../../../catalog/operators";
import { isAlive, processStart } from "../../run/parts/processes";
import { SimulatorError } from "../errors";
import type { SimulationFolder } from "../folder";
import { controlPlaneFolder } from "../kwokctl";
import { freePorts, loopback } from "../ports";
import { endNow, endProcesses, type ClusterProcess } from "../processes";
import { ComponentDiedError, lastLines } from "../start";
import type { Controller, ControllerPorts } from "./controllers";
import { controllerPrograms, operatorsFolder, type ControllerRecord } from "./record";

/** What is needed to start a controller. */
export interface RunOptions {
  readonly id: OperatorId;
  readonly controller: Controller;
  /** Absolute path of its program. */
  readonly program: string;
  readonly folder: SimulationFolder;
  /** The ports of the simulation, see ports.ts. */
  readonly slot: number;
  readonly signal: AbortSignal;
}

/** A busy machine may lose several races for ports, but not many. */
const attempts = 4;

/** Starts a controller on free ports and waits until it is ready. If it fails, it is not left running. */
export async function startController(options: RunOptions): Promise<ControllerRecord> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options);
    } catch (error) {
      if (attempt === attempts || !(error instanceof ComponentDiedError) || !error.portTaken) throw error;
    }
  }
}

/** What a controller is started with, but for ports: a controller of another configuration is not used again. */
export function configurationOf({
  id,
  controller,
  program,
}: Pick<RunOptions, "id" | "controller" | "program">): string {
  const ports = { health: 0, webhook: 0 };
  const args = controller.arguments({ folder: "", ports });
  return JSON.stringify([id, program, args]);
}

async function startOnce(options: RunOptions): Promise<ControllerRecord> {
  const { id, controller, folder, slot, signal } = options;
  signal.throwIfAborted();
  const [health = 0, webhook = 0] = await freePorts(slot, 2);
  const ports = { health, webhook };
  const log = path.join(operatorsFolder(folder), "logs", `${id}.log`);
  const process_ = spawnController(options, ports, log);
  const end = (): void => {
    endNow([process_]);
  };
  signal.addEventListener("abort", end, { once: true });
  try {
    await untilReady(process_, controller, ports, log, signal);
    return { process: process_, ports, configuration: configurationOf(options) };
  } catch (error) {
    await endProcesses([process_]);
    throw error;
  } finally {
    signal.removeEventListener("abort", end);
  }
}

function spawnController(
  { id, controller, program, folder }: RunOptions,
  ports: ControllerPorts,
  log: string,
): ClusterProcess {
  const file = path.join(controllerPrograms(folder), id);
  const own = path.join(operatorsFolder(folder), id);
  for (const each of [path.dirname(file), path.dirname(log), own]) fs.mkdirSync(each, { recursive: true, mode: 0o700 });
  fs.rmSync(file, { force: true });
  fs.symlinkSync(program, file);
  const place = { folder: own, ports };
  controller.prepare?.(place, path.join(controlPlaneFolder(folder.cluster), "pki"));
  const output = fs.openSync(log, "w", 0o600);
  try {
    const child = spawn(file, [...controller.arguments(place)], {
      cwd: own,
      env: { KUBECONFIG: folder.kubeconfig, ...withoutNetwork },
      stdio: ["ignore", output, output],
      detached: true,
    });
    // Its end, or that it could not be started, is seen by untilReady.
    child.on("error", () => undefined);
    child.unref();
    const { pid } = child;
    const start = pid === undefined ? undefined : processStart(pid);
    if (pid === undefined || start === undefined) throw new ComponentDiedError(id, lastLines(log), log);
    return { name: id, pid, start };
  } finally {
    fs.closeSync(output);
  }
}

/**
 * Controllers ask servers in pods how they are. Pods of a simulated cluster have addresses and names that lead
 * nowhere, or to a stranger: requests go to a proxy that is not there, and fail at once. Addresses of this machine,
 * such as the API server's, are never asked for by a proxy.
 */
const withoutNetwork = { HTTP_PROXY: `http://${loopback}:1`, HTTPS_PROXY: `http://${loopback}:1` };

const pollMilliseconds = 100;
const readySeconds = 60;

async function untilReady(
  process_: ClusterProcess,
  controller: Controller,
  ports: ControllerPorts,
  log: string,
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + readySeconds * 1000;
  for (;;) {
    const ready = (await isHealthy(ports.health)) && (!controller.webhook || (await listens(ports.webhook)));
    signal.throwIfAborted();
    if (!isAlive(process_)) throw new ComponentDiedError(process_.name, lastLines(log), log);
    if (ready) return;
    if (performance.now() > deadline) {
      throw new SimulatorError(`${process_.name} was not ready within ${readySeconds} s. Its log is ${log}.`);
    }
    await sleep(pollMilliseconds);
  }
}

function isHealthy(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = http.get({ host: loopback, port, path: "/readyz", agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on("error", () => {
      resolve(false);
    });
  });
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: loopback, port });
    const answer = (is: boolean) => (): void => {
      socket.destroy();
      resolve(is);
    };
    socket.once("connect", answer(true));
    socket.once("error", answer(false));
  });
}
