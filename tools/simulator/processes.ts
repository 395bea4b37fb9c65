import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { gone, isAlive, processStart, type NamedProcess } from "../run/parts/processes";
import { SimulatorError } from "./errors";

/** A process of a control plane. */
export interface ClusterProcess extends NamedProcess {
  /** The program: `etcd`, `kube-apiserver`, … */
  readonly name: string;
}

/**
 * The processes whose program was called by a path in `folder`. kwokctl calls every program of a cluster
 * by a link in the cluster's own folder, so nobody else's process is ever among them, and those of a
 * start that was killed halfway are found, too.
 */
export function processesIn(folder: string): readonly ClusterProcess[] {
  const prefix = folder + path.sep;
  return listCommands().flatMap(({ pid, command }) => {
    const start = command.startsWith(prefix) ? processStart(pid) : undefined;
    const [name = ""] = command.slice(prefix.length).split(/[\0 ]/, 1);
    return start === undefined ? [] : [{ name, pid, start }];
  });
}

interface Command {
  readonly pid: number;
  /** What the process was called by, then its arguments, separated by NUL (Linux) or a space. */
  readonly command: string;
}

function listCommands(): readonly Command[] {
  if (process.platform !== "linux") return listWithPs();
  const ids = fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return ids.map((id) => ({ pid: Number(id), command: commandOf(id) }));
}

function commandOf(id: string): string {
  try {
    return fs.readFileSync(`/proc/${id}/cmdline`, "utf8");
  } catch {
    // It ended since the folder was listed.
    return "";
  }
}

function listWithPs(): readonly Command[] {
  const { stdout } = spawnSync("ps", ["-axo", "pid=,command="], { encoding: "utf8" });
  return stdout.split("\n").flatMap((line) => {
    const [, pid, command] = /^\s*(\d+)\s+(.+)$/.exec(line) ?? [];
    return pid === undefined || command === undefined ? [] : [{ pid: Number(pid), command }];
  });
}

/** etcd writes its data to the end when it is asked to stop; the others keep nothing. */
const stopsGracefully = "etcd";
const graceMilliseconds = 5000;
const killMilliseconds = 10_000;

/**
 * Ends processes and waits until they are gone.
 * @throws SimulatorError when one cannot be ended, naming it
 */
export async function endProcesses(processes: readonly ClusterProcess[]): Promise<void> {
  const graceful = processes.filter(({ name }) => name === stopsGracefully);
  const others = processes.filter(({ name }) => name !== stopsGracefully);
  await kill(others);
  for (const each of graceful) send(each, "SIGTERM");
  await gone(graceful, graceMilliseconds);
  await kill(graceful);
}

/** Ends processes without waiting, for when there is no time left. */
export function endNow(processes: readonly ClusterProcess[]): void {
  for (const each of processes) send(each, "SIGKILL");
}

async function kill(processes: readonly ClusterProcess[]): Promise<void> {
  endNow(processes);
  const left = await gone(processes, killMilliseconds);
  if (left.length === 0) return;
  const list = left.map(({ name, pid }) => `${name} (process ${pid})`).join(", ");
  throw new SimulatorError(
    `${list} did not end within ${killMilliseconds / 1000} s of SIGKILL. End it by hand and try again.`,
  );
}

function send(process_: ClusterProcess, signal: NodeJS.Signals): void {
  if (!isAlive(process_)) return;
  try {
    process.kill(process_.pid, signal);
  } catch (error) {
    if (!isAlive(process_)) return;
    const reason = error instanceof Error ? error.message : String(error);
    throw new SimulatorError(
      `${process_.name} (process ${process_.pid}) cannot be ended: ${reason}. Was it started by another user?`,
    );
  }
}
