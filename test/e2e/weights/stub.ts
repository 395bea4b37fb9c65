import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** One request as a stub got it. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

type Answer = (request: IncomingMessage, response: ServerResponse, url: URL) => void;

/** A server on loopback that remembers what it was asked, gone after the test. */
export async function serve(answer: Answer): Promise<{ readonly url: string; readonly asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://stub");
    const { range, authorization } = request.headers;
    asked.push({ method: request.method ?? "", path: url.pathname + url.search, range, authorization });
    answer(request, response, url);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** Sends a file, or the rest of it that is asked for; of it only the first bytes where the connection is to break. */
export function sendFile(request: IncomingMessage, response: ServerResponse, body: Buffer, breakAfter?: number): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  const rest = body.subarray(from);
  response.writeHead(from > 0 ? 206 : 200, { "content-length": rest.length });
  if (request.method === "HEAD" || breakAfter === undefined) {
    response.end(request.method === "HEAD" ? undefined : rest);
    return;
  }
  response.write(rest.subarray(0, breakAfter), () => response.destroy());
}

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

export const scripts = join(__dirname, "../../../components/releases/scripts");

/** Runs the script as a pod would, without pauses between attempts. */
export function run(args: readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return python([join(scripts, "weights.py"), ...args], variables);
}

export function python(args: readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const environment = { PATH: process.env["PATH"] ?? "", MODELYARD_FIRST_PAUSE: "0.01", PYTHONDONTWRITEBYTECODE: "1" };
  return new Promise((resolve, reject) => {
    const child = spawn("python3", args, { cwd: scripts, env: { ...environment, ...variables } });
    const texts = { out: "", error: "" };
    child.stdout.on("data", (data: Buffer) => (texts.out += data.toString()));
    child.stderr.on("data", (data: Buffer) => (texts.error += data.toString()));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...texts }));
  });
}

export function sha256(data: Buffer | string, encoding: "hex" | "base64" = "hex"): string {
  return createHash("sha256").update(data).digest(encoding);
}
