import fs from "node:fs";
import path from "node:path";
import { z } from "zod";
import { writePrivately, type SimulationFolder } from "./folder";
import { controlPlaneFolder } from "./kwokctl";

const StoredRecord = z.object({
  format: z.literal(1),
  /** First port of the slot, see ports.ts. */
  slot: z.number(),
  /** The API server's port. */
  port: z.number(),
  /** What the control plane was started with, to notice that other programs are to be used. */
  configuration: z.string(),
  processes: z.array(z.object({ name: z.string(), pid: z.number(), start: z.string() })),
});

/** What is known of a control plane that was once ready; written when it is. */
export type ClusterRecord = Readonly<z.infer<typeof StoredRecord>>;

function recordFile(folder: SimulationFolder): string {
  return path.join(folder.cluster, "cluster.json");
}

export function writeRecord(folder: SimulationFolder, record: ClusterRecord): void {
  writePrivately(recordFile(folder), JSON.stringify(record, undefined, 2));
}

/** The record, or undefined when there is none or it cannot be read: then the control plane is not whole. */
export function readRecord(folder: SimulationFolder): ClusterRecord | undefined {
  try {
    return StoredRecord.parse(JSON.parse(fs.readFileSync(recordFile(folder), "utf8")));
  } catch {
    return undefined;
  }
}

/** What must be there for a control plane to go on with the objects it had. */
const data = ["etcd/member/snap/db", "etcd/member/wal", "pki/ca.crt", "pki/admin.crt", "pki/admin.key"];

export function hasData(folder: SimulationFolder): boolean {
  const controlPlane = controlPlaneFolder(folder.cluster);
  return data.every((name) => fs.existsSync(path.join(controlPlane, name)));
}
