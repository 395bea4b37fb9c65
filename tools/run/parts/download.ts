import fs from "node:fs";
import path from "node:path";
import type { Step } from "../../report/progress";
import { fetchFile, fetchText, type FetchOptions } from "./fetch-file";
import type { CommandDownload, Download, FileDownload, ProgramName, RemoteFile } from "./part";
import { lastWords, run, type StartOptions } from "./processes";
import type { Made, Workspace } from "./workspace";

/** A slow connection needs minutes for the largest part; a connection that hangs must not hold everything up. */
const longestCommandSeconds = 900;

export interface DownloadOptions extends StartOptions {
  /** The Pulumi CLI that was found, for downloads that it does itself. */
  readonly pulumi?: string | undefined;
}

/** The servers that must answer before a download is worth starting. */
export function originsOf(download: Download): readonly string[] {
  if (download.kind === "command") return [download.origin];
  const addresses = download.files.flatMap(({ url, checksums }) =>
    checksums === undefined ? [url] : [url, checksums],
  );
  return [...new Set(addresses.map((address) => new URL(address).origin))];
}

/**
 * Puts a part's published files into the workspace.
 * @throws Error with a reason for people
 */
export async function download(
  how: Download,
  workspace: Workspace,
  step: Step,
  options: DownloadOptions,
): Promise<Made> {
  return how.kind === "files"
    ? downloadFiles(how, workspace, step, options)
    : downloadByCommand(how, workspace, options);
}

async function downloadFiles(
  { files }: FileDownload,
  workspace: Workspace,
  step: Step,
  options: DownloadOptions,
): Promise<Made> {
  const programs: Partial<Record<ProgramName, string>> = {};
  for (const remote of files) {
    const target = path.join(workspace.part, remote.program);
    await downloadFile(remote, target, workspace, step, options);
    fs.chmodSync(target, 0o755);
    programs[remote.program] = remote.program;
  }
  return { obtained: "download", source: files.map(({ url }) => url).join(" "), programs };
}

async function downloadFile(
  remote: RemoteFile,
  target: string,
  workspace: Workspace,
  step: Step,
  options: DownloadOptions,
): Promise<void> {
  const fetching: FetchOptions = {
    signal: options.signal,
    sha256: remote.checksums === undefined ? undefined : await publishedSum(remote, remote.checksums, options),
    onProgress: (bytes, total) =>
      step.note(`${remote.program}: ${megabytes(bytes)}${total ? ` of ${megabytes(total)}` : ""} MB`),
  };
  if (remote.member === undefined) return fetchFile(remote.url, target, fetching);
  const archive = path.join(workspace.scratch, path.basename(remote.url));
  await fetchFile(remote.url, archive, fetching);
  // GNU tar unpacks .tar.gz, and the tar of macOS also .zip, which is what is published there.
  const unpacked = await run("tar", ["-xf", archive, "-C", workspace.scratch, remote.member], options);
  if (unpacked.code !== 0) throw new Error(`${remote.url} cannot be unpacked: ${lastWords(unpacked)}`);
  fs.renameSync(path.join(workspace.scratch, remote.member), target);
}

/** Publishers give either the sum alone in a file of its own, or lines of "sum  file name". */
async function publishedSum(remote: RemoteFile, checksums: string, { signal }: DownloadOptions): Promise<string> {
  const name = path.basename(remote.url);
  const lines = (await fetchText(checksums, { signal })).trim().split("\n");
  const line = lines.length === 1 ? lines[0] : lines.find((candidate) => candidate.split(/\s+\*?/)[1] === name);
  const sum = line?.split(/\s+/)[0] ?? "";
  if (!/^[0-9a-f]{64}$/.test(sum)) throw new Error(`${checksums} holds no sha256 of ${name}`);
  return sum;
}

async function downloadByCommand(how: CommandDownload, workspace: Workspace, options: DownloadOptions): Promise<Made> {
  const command = how.runs === "node" ? process.execPath : options.pulumi;
  if (command === undefined) throw new Error("it is downloaded by the Pulumi CLI, which is missing");
  const result = await run(command, how.arguments(workspace.part), {
    ...options,
    cwd: workspace.scratch,
    environment: { ...options.environment, ...how.environment(workspace.part) },
    seconds: longestCommandSeconds,
    onStart: workspace.started,
  });
  if (result.code !== 0) throw new Error(lastWords(result) || `the download ended with exit code ${result.code}`);
  return { obtained: "download", source: how.origin, programs: how.programs };
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
