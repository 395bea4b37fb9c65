import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

type Files = Readonly<Record<string, string | Uint8Array>>;

/** A temporary folder with these files, gone after the test. */
export function folderWith(files: Files): string {
  const folder = makeFolder(files);
  onTestFinished(() => {
    remove(folder);
  });
  return folder;
}

/** Does something in a temporary folder with these files, which is gone afterwards. */
export function inFolderWith<Result>(files: Files, action: (folder: string) => Result): Result {
  const folder = makeFolder(files);
  try {
    return action(folder);
  } finally {
    remove(folder);
  }
}

function makeFolder(files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), "modelyard-test-"));
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), content);
  }
  return folder;
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
