import fs from "node:fs";
import path from "node:path";
import { z } from "zod";
import { writePrivately, type SimulationFolder } from "../folder";
import type { ControllerPorts } from "./controllers";
import type { ClusterProcess } from "../processes";

/** A controller that was once ready. */
export interface ControllerRecord {
  readonly process: ClusterProcess;
  readonly ports: ControllerPorts;
  /** What it was started with, to notice that it is to be started with something else. */
  readonly configuration: string;
}

const StoredRecord = z.object({
  format: z.literal(1),
  controllers: z.array(
    z.object({
      process: z.object({ name: z.string(), pid: z.number(), start: z.string() }),
      ports: z.object({ health: z.number(), webhook: z.number() }),
      configuration: z.string(),
    }),
  ),
});

/** The folder of everything about operators; removed with the cluster. */
export function operatorsFolder(folder: SimulationFolder): string {
  return path.join(folder.cluster, "operators");
}

/** Controllers are called by links in this folder, so that their processes are known by its path. */
export function controllerPrograms(folder: SimulationFolder): string {
  return path.join(operatorsFolder(folder), "bin");
}

function recordFile(folder: SimulationFolder): string {
  return path.join(operatorsFolder(folder), "controllers.json");
}

export function writeControllers(folder: SimulationFolder, controllers: readonly ControllerRecord[]): void {
  writePrivately(recordFile(folder), JSON.stringify({ format: 1, controllers }, undefined, 2));
}

/** The controllers on record; none when there is no record or it cannot be read. */
export function readControllers(folder: SimulationFolder): readonly ControllerRecord[] {
  try {
    return StoredRecord.parse(JSON.parse(fs.readFileSync(recordFile(folder), "utf8"))).controllers;
  } catch {
    return [];
  }
}
