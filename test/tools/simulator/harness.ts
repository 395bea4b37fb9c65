import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import type { KubernetesApi } from "../../../tools/simulator";

/** A folder that is removed when the test is over; without symbolic links in its path. */
export function temporaryFolder(): string {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "modelyard-test-")));
  onTestFinished(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Writes a shell script that can be run. */
export function script(file: string, ...lines: readonly string[]): string {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, ["#!/bin/sh", ...lines, ""].join("\n"), { mode: 0o755 });
  return file;
}

/** An API that answers from a table of path → answer, and remembers what was asked of it. */
export class FakeApi implements KubernetesApi {
  readonly applied: { path: string; object: object }[] = [];
  readonly removed: { path: string; options: object | undefined }[] = [];

  constructor(public answers: Readonly<Record<string, unknown>>) {}

  get(asked: string): Promise<unknown> {
    const answer = this.answers[asked.split("?", 1)[0] ?? ""];
    return answer === undefined ? Promise.resolve({ items: [] }) : Promise.resolve(answer);
  }

  apply(at: string, object: object): Promise<unknown> {
    this.applied.push({ path: at, object });
    return Promise.resolve(object);
  }

  patch(at: string, object: object): Promise<unknown> {
    return this.apply(at, object);
  }

  remove(at: string, options?: object): Promise<void> {
    this.removed.push({ path: at, options });
    return Promise.resolve();
  }
}
