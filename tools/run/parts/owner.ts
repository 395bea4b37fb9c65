import { createHash } from "node:crypto";
import os from "node:os";
import { isAlive, processStart, type NamedProcess } from "./processes";

/** A process on some machine. */
export interface Owner extends NamedProcess {
  /** A short hash of the machine's name: a home folder may be shared between machines. */
  readonly host: string;
}

const host = createHash("sha256").update(os.hostname()).digest("hex").slice(0, 8);

export function thisProcess(): Owner {
  return { pid: process.pid, start: processStart(process.pid) ?? "unknown", host };
}

/** Whether a process is known to be gone; of a process on another machine nothing is known. */
export function isDead(owner: Owner): boolean {
  return owner.host === host && !isAlive(owner);
}

export function isElsewhere(owner: Owner): boolean {
  return owner.host !== host;
}

let made = 0;

/** A name for something temporary, from which its owner can be read again. */
export function temporaryName(name: string): string {
  const { pid, start } = thisProcess();
  return `${name}.tmp-${pid}-${start}-${host}-${++made}`;
}

/** The owner in a name made by `temporaryName`, or undefined for any other name. */
export function ownerInName(name: string): Owner | undefined {
  const match = /\.tmp-(\d+)-(.+)-([0-9a-f]{8})-\d+$/.exec(name);
  const [, pid, start, where] = match ?? [];
  return pid && start && where ? { pid: Number(pid), start, host: where } : undefined;
}
