import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { terminalProgress } from "../../tools/report/progress";
import { ensureParts, type ProgramName } from "../../tools/run/parts";

/**
 * Where the real programs are: in the folder `MODELYARD_TEST_PROGRAMS`, each under its own name, or else
 * wherever the parts finder gets them from.
 */
export async function findPrograms(): Promise<(name: ProgramName) => string> {
  const folder = process.env["MODELYARD_TEST_PROGRAMS"];
  if (folder !== undefined) return (name) => path.join(folder, name);
  const parts = await ensureParts(["pulumi", "kubernetes-provider", "control-plane", "kwok"], {
    progress: terminalProgress(process.stderr),
  });
  return parts.program;
}

/** The ids of all processes with a path of this folder in their command, asked of the system, not of our code. */
export function processesMentioning(folder: string): readonly { pid: number; command: string }[] {
  const listed = execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" });
  return listed
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(.*)$/.exec(line))
    .flatMap((match) => (match?.[2]?.includes(folder) ? [{ pid: Number(match[1]), command: match[2] }] : []));
}

/** The local addresses on which a process listens (Linux only), as the kernel writes them: `0100007F` is 127.0.0.1. */
export function listeningAddresses(pid: number): readonly string[] {
  const sockets = new Set(
    fs.readdirSync(`/proc/${pid}/fd`).map((fd) => /^socket:\[(\d+)\]$/.exec(readLink(`/proc/${pid}/fd/${fd}`))?.[1]),
  );
  const listening = "0A";
  return ["tcp", "tcp6"]
    .flatMap((name) => fs.readFileSync(`/proc/${pid}/net/${name}`, "utf8").split("\n").slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === listening && sockets.has(fields[9]))
    .map((fields) => fields[1]?.split(":")[0] ?? "");
}

function readLink(file: string): string {
  try {
    return fs.readlinkSync(file);
  } catch {
    return "";
  }
}

/** Waits until `question` gives something, for at most `seconds`. */
export async function eventually<T>(seconds: number, question: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await question();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`it did not come about within ${seconds} s`);
    await sleep(200);
  }
}

/** A Deployment whose pods ask for GPUs of the pool and meet the strictest Pod Security standard. */
export function deployment(name: string, replicas: number, gpus: number, privileged = false) {
  const labels = { "app.kubernetes.io/instance": name };
  const securityContext = {
    privileged,
    allowPrivilegeEscalation: privileged,
    runAsNonRoot: true,
    capabilities: { drop: ["ALL"] },
    seccompProfile: { type: "RuntimeDefault" },
  };
  const resources = { limits: { "nvidia.com/gpu": String(gpus) } };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "serving" },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          tolerations: [{ key: "nvidia.com/gpu", operator: "Exists" }],
          containers: [{ name: "engine", image: "example.com/engine:1", resources, securityContext }],
        },
      },
    },
  };
}
