import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { z } from "zod";

/** The file that makes a folder of the cache a part: written last, checked before every use. */
export const manifestName = "part.json";

const Manifest = z.object({
  format: z.literal(1),
  name: z.string(),
  version: z.string(),
  platform: z.string(),
  obtained: z.enum(["download", "build"]),
  /** Addresses that were downloaded, or the Go that built it. */
  source: z.string(),
  at: z.iso.datetime(),
  /** Program → path inside the folder. */
  programs: z.record(z.string(), z.string()),
  files: z.array(z.object({ path: z.string(), bytes: z.number(), sha256: z.string() })),
  links: z.array(z.object({ path: z.string(), target: z.string() })),
});

export type Manifest = z.infer<typeof Manifest>;

/** Lists every file and link below a folder, with sizes and sums. */
export async function inventory(folder: string): Promise<Pick<Manifest, "files" | "links">> {
  const files: Manifest["files"] = [];
  const links: Manifest["links"] = [];
  for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const absolute = path.join(entry.parentPath, entry.name);
    const relative = path.relative(folder, absolute);
    if (relative === manifestName) continue;
    if (entry.isSymbolicLink()) links.push({ path: relative, target: fs.readlinkSync(absolute) });
    else if (entry.isFile()) {
      files.push({ path: relative, bytes: fs.statSync(absolute).size, sha256: await sha256(absolute) });
    }
  }
  return { files, links };
}

/** Writes the manifest, and has the system put it and everything it lists on the disk before it returns. */
export function writeManifest(folder: string, manifest: Manifest): void {
  const file = path.join(folder, manifestName);
  fs.writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
  const paths = [...manifest.files.map((listed) => path.join(folder, listed.path)), file];
  const folders = new Set(paths.map((listed) => path.dirname(listed)));
  for (const listed of [...paths, ...folders, folder]) syncToDisk(listed);
}

/** Flushes a file or folder: after a rename that survives a power failure, so must the content. */
export function syncToDisk(target: string): void {
  const descriptor = fs.openSync(target, "r");
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/**
 * Reads the manifest of a folder and compares it with what is there.
 * @returns the manifest, or why the folder cannot be trusted
 */
export function readManifest(folder: string): Manifest | { readonly damage: string } {
  let manifest: Manifest;
  try {
    manifest = Manifest.parse(JSON.parse(fs.readFileSync(path.join(folder, manifestName), "utf8")));
  } catch {
    return { damage: `${manifestName} is missing or unreadable` };
  }
  const file = manifest.files.find((listed) => sizeOf(path.join(folder, listed.path)) !== listed.bytes);
  if (file) return { damage: `${file.path} does not have the size that was recorded` };
  const link = manifest.links.find((listed) => targetOf(path.join(folder, listed.path)) !== listed.target);
  if (link) return { damage: `${link.path} is not the link that was recorded` };
  return manifest;
}

/** Compares the content of every file with its recorded sum: about a second for each GB. */
export async function checkSums(folder: string, manifest: Manifest): Promise<string | undefined> {
  for (const file of manifest.files) {
    if ((await sha256(path.join(folder, file.path))) !== file.sha256) {
      return `${file.path} does not have the content that was recorded`;
    }
  }
  return undefined;
}

/** The sum of a file's content, in hexadecimal. */
export async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(fs.createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest("hex");
}

function sizeOf(file: string): number | undefined {
  const found = fs.lstatSync(file, { throwIfNoEntry: false });
  return found?.isFile() ? found.size : undefined;
}

function targetOf(file: string): string | undefined {
  return fs.lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ? fs.readlinkSync(file) : undefined;
}
