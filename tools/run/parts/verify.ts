import { once } from "node:events";
import fs from "node:fs";
import http2 from "node:http2";
import type { Program } from "./part";
import { endGroup, followLines, lastWords, run, start, type StartOptions } from "./processes";
import { parseVersion, type Version } from "./version-rule";

/** A first start reads up to 300 MB from the disk, on a machine that may be busy building. */
const longestStartSeconds = 60;

/**
 * Starts a program and asks for its version.
 * @throws Error with a reason for people when it does not start, fails or prints no version
 */
export async function askVersion(program: Program, file: string, options: StartOptions): Promise<Version> {
  const environment = { ...options.environment, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const said = await ask(program.ask, file, { ...options, environment });
  const version = parseVersion(said);
  if (!version) throw new Error(`${program.name} does not say its version but ${JSON.stringify(said.slice(0, 80))}`);
  return version;
}

async function ask(question: Program["ask"], file: string, options: StartOptions): Promise<string> {
  if (question === "plugin-protocol") return askPlugin(file, options);
  if (!("module" in question)) return askFlag(file, question, options);
  await askFlag(file, question.starts, options);
  return moduleVersion(file, question.module);
}

/** Go lists the modules of a binary in it, one a line: "mod" or "dep", path, version and sum, separated by tabs. */
function moduleVersion(file: string, module: string): string {
  const binary = fs.readFileSync(file);
  const before = `\t${module}\t`;
  const start = binary.indexOf(before);
  if (start === -1) throw new Error(`"${file}" was not built from the Go module ${module}`);
  const from = start + before.length;
  return binary.subarray(from, binary.indexOf("\t", from)).toString("latin1");
}

async function askFlag(file: string, args: readonly string[], options: StartOptions): Promise<string> {
  const result = await run(file, args, { ...options, seconds: longestStartSeconds });
  if (result.code === 0) return result.output;
  throw new Error(`"${file} ${args.join(" ")}" failed with exit code ${result.code}: ${lastWords(result)}`);
}

/**
 * A provider has no flag for its version. It prints the port of its gRPC server, and the engine
 * then asks GetPluginInfo; so does this.
 */
async function askPlugin(file: string, options: StartOptions): Promise<string> {
  const child = start(file, [], options);
  const complaints: string[] = [];
  followLines(child.stderr, (line) => complaints.push(line));
  try {
    const port = await new Promise<number>((resolve, reject) => {
      const late = (): void => reject(new Error(`${file} printed no port within ${longestStartSeconds} s`));
      setTimeout(late, longestStartSeconds * 1000).unref();
      followLines(child.stdout, (line) => {
        if (/^\d+$/.test(line.trim())) resolve(Number(line));
      });
      child.once("error", reject);
      child.once("close", () => {
        reject(
          new Error(
            `${file} ended before it printed its port: ${lastWords({ output: "", errors: complaints.join("\n") })}`,
          ),
        );
      });
    });
    return await pluginVersion(port);
  } finally {
    endGroup(child.pid);
  }
}

/**
 * One gRPC call by hand: an empty message in its five-byte frame, answered by a frame around
 * `message PluginInfo { string version = 1; }` (pulumi/plugin.proto). The version is plain ASCII.
 */
async function pluginVersion(port: number): Promise<string> {
  const session = http2.connect(`http://127.0.0.1:${port}`);
  try {
    const request = session.request({
      ":method": "POST",
      ":path": "/pulumirpc.ResourceProvider/GetPluginInfo",
      "content-type": "application/grpc",
      te: "trailers",
    });
    const received: Buffer[] = [];
    request.on("data", (data: Buffer) => received.push(data));
    request.setTimeout(longestStartSeconds * 1000, () => request.close());
    const over = Promise.race([
      once(request, "close"),
      once(session, "error").then(([error]: unknown[]) => {
        throw error instanceof Error ? error : new Error(String(error));
      }),
    ]);
    request.end(Buffer.alloc(5));
    await over;
    return Buffer.concat(received).subarray(7).toString("latin1");
  } finally {
    session.destroy();
  }
}
