import fs from "node:fs";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { silentProgress, type Progress } from "../../../tools/report/progress";
import { deleteCluster, ensureCluster, stopCluster, type ClusterOptions } from "../../../tools/simulator/cluster";
import { simulationFolder } from "../../../tools/simulator/folder";
import { controlPlaneFolder, type Programs } from "../../../tools/simulator/kwokctl";
import { processesIn } from "../../../tools/simulator/processes";
import { writeRecord } from "../../../tools/simulator/record";
import { script, temporaryFolder } from "./harness";

/**
 * A kwokctl that starts sleeps in place of a control plane: `dying` ends at once with these last words, and
 * like the real one it does not notice. It notes for every attempt its ports and whether there was data.
 */
function fakeKwokctl(folder: string, dying: string, lastWords: string): string {
  return script(
    path.join(folder, "kwokctl"),
    'cluster="$KWOK_WORKDIR/clusters/simulated"',
    `grep -o '"etcdPort": [0-9]*' "$2" >> ${folder}/attempts`,
    `[ -e "$cluster/etcd/member/wal" ] && echo data >> ${folder}/attempts`,
    'mkdir -p "$cluster/bin" "$cluster/pids" "$cluster/logs"',
    "for name in etcd kube-apiserver kube-controller-manager kube-scheduler kwok-controller; do",
    '  ln -s /bin/sleep "$cluster/bin/$name"',
    "  seconds=60",
    `  [ $name = ${dying} ] && { seconds=0; echo '${lastWords}' > "$cluster/logs/$name.log"; }`,
    '  "$cluster/bin/$name" $seconds < /dev/null > /dev/null 2>&1 &',
    '  echo $! > "$cluster/pids/$name.pid"',
    "done",
    "exec sleep 60",
  );
}

function attempts(folder: string): readonly string[] {
  const lines = fs.readFileSync(path.join(folder, "attempts"), "utf8").trim().split("\n");
  return lines.map((line) => (line.startsWith('"etcdPort"') ? line.replace(/\D/g, "") : line));
}

function options(folder: string, kwokctl: string, progress: Progress = silentProgress): ClusterOptions {
  const programs: Programs = {
    etcd: "etcd",
    "kube-apiserver": "kube-apiserver",
    "kube-controller-manager": "kube-controller-manager",
    "kube-scheduler": "kube-scheduler",
    kubectl: "kubectl",
    kwok: "kwok",
    kwokctl,
  };
  const { signal } = new AbortController();
  return { folder: simulationFolder(folder, "local"), context: "local-context", programs, progress, signal };
}

/** Leaves behind what a control plane that was once ready leaves. */
function leaveData({ folder }: ClusterOptions): void {
  const names = ["etcd/member/snap/db", "etcd/member/wal", "pki/ca.crt", "pki/admin.crt", "pki/admin.key"];
  for (const name of names) {
    const file = path.join(controlPlaneFolder(folder.cluster), name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, "");
  }
  fs.mkdirSync(folder.state, { recursive: true });
  writeRecord(folder, { format: 1, slot: 20_000, port: 20_003, configuration: "", processes: [] });
}

/** The bind address in etcd's words. */
const portTaken = "listen tcp 127.0.0.1:20001: bind: address already in use";

describe("starting a control plane", () => {
  it("fails with the words of the program that ended, and leaves no process", async () => {
    const folder = temporaryFolder();
    const all = options(folder, fakeKwokctl(folder, "kube-scheduler", "unknown flag"));
    await expect(ensureCluster(all)).rejects.toThrow(
      /^kube-scheduler of the simulated control plane ended while it was starting: unknown flag\nIts whole log: .*kube-scheduler\.log$/,
    );
    expect(processesIn(folder)).toEqual([]);
    expect(attempts(folder)).toHaveLength(1);
  });

  it("tries other ports when another program took one, a few times, with the data it had", async () => {
    const folder = temporaryFolder();
    const all = options(folder, fakeKwokctl(folder, "kube-apiserver", portTaken));
    leaveData(all);
    await expect(ensureCluster(all)).rejects.toThrow(portTaken);
    const lines = attempts(folder);
    expect(lines.filter((line) => line === "data")).toHaveLength(4);
    expect(new Set(lines.filter((line) => line !== "data")).size).toBe(4);
    expect(fs.existsSync(all.folder.state)).toBe(true);
    expect(processesIn(folder)).toEqual([]);
  });

  it("starts empty when etcd cannot read its data, and forgets the state that described it", async () => {
    const folder = temporaryFolder();
    const all = options(folder, fakeKwokctl(folder, "etcd", "failed to open database"));
    leaveData(all);
    await expect(ensureCluster(all)).rejects.toThrow("failed to open database");
    expect(attempts(folder)).toEqual([expect.any(String), "data", expect.any(String)]);
    expect(fs.existsSync(all.folder.state)).toBe(false);
  });

  it("keeps its data when another program than etcd fails", async () => {
    const folder = temporaryFolder();
    const all = options(folder, fakeKwokctl(folder, "kube-apiserver", "unknown flag"));
    leaveData(all);
    await expect(ensureCluster(all)).rejects.toThrow("unknown flag");
    expect(attempts(folder)).toEqual([expect.any(String), "data"]);
    expect(fs.existsSync(path.join(controlPlaneFolder(all.folder.cluster), "etcd/member/wal"))).toBe(true);
  });

  it("starts empty where a first start never came to its end", async () => {
    const folder = temporaryFolder();
    const all = options(folder, fakeKwokctl(folder, "etcd", "no"));
    leaveData(all);
    fs.rmSync(path.join(all.folder.cluster, "cluster.json"));
    await expect(ensureCluster(all)).rejects.toThrow("no");
    expect(attempts(folder)).toHaveLength(1);
  });

  it("leaves no process when it is interrupted", async () => {
    const folder = temporaryFolder();
    const controller = new AbortController();
    const all = { ...options(folder, fakeKwokctl(folder, "nothing", "")), signal: controller.signal };
    const started = ensureCluster(all);
    const stopped = expect(started).rejects.toThrow("stopped");
    await expect.poll(() => processesIn(folder).length).toBe(5);
    controller.abort(new Error("stopped"));
    await stopped;
    expect(processesIn(folder)).toEqual([]);
  });

  it("shows a step that ends with the reason", async () => {
    const folder = temporaryFolder();
    const said: string[] = [];
    const progress: Progress = {
      step: (title) => ({
        note: (text) => void said.push(text),
        done: () => void said.push("done"),
        fail: (reason) => void said.push(title, reason),
      }),
    };
    await expect(ensureCluster(options(folder, fakeKwokctl(folder, "etcd", "no"), progress))).rejects.toThrow();
    expect(said).toEqual([
      "starting a simulated Kubernetes control plane for local",
      "etcd of the simulated control plane ended while it was starting: no",
    ]);
  });
});

describe("a control plane", () => {
  /** Starts one that goes on starting until the test is over. */
  async function starting(root: string): Promise<ClusterOptions> {
    const controller = new AbortController();
    const all = { ...options(root, fakeKwokctl(root, "nothing", "")), signal: controller.signal };
    const started = ensureCluster(all).catch(() => undefined);
    onTestFinished(async () => {
      controller.abort();
      await started;
    });
    await expect.poll(() => processesIn(root).length).toBe(5);
    return all;
  }

  it("is stopped with every process that runs from its folder", async () => {
    const root = temporaryFolder();
    const { folder } = await starting(root);
    await stopCluster(folder);
    expect(processesIn(root)).toEqual([]);
    expect(fs.existsSync(folder.cluster)).toBe(true);
  });

  it("is stopped where its folder was moved while it ran", async () => {
    const root = temporaryFolder();
    const { folder } = await starting(root);
    const processes = [...processesIn(root)];
    writeRecord(folder, { format: 1, slot: 20_000, port: 20_003, configuration: "", processes });
    const moved = simulationFolder(temporaryFolder(), "local");
    fs.cpSync(folder.path, moved.path, { recursive: true, verbatimSymlinks: true });
    await stopCluster(moved);
    expect(processesIn(root)).toEqual([]);
  });

  it("is removed after it was stopped, with its folder alone", async () => {
    const root = temporaryFolder();
    const other = path.join(root, ".modelyard", "other");
    fs.mkdirSync(other, { recursive: true });
    const { folder } = await starting(root);
    await deleteCluster(folder);
    expect(processesIn(root)).toEqual([]);
    expect(fs.readdirSync(path.join(root, ".modelyard"))).toEqual(["other"]);
  });
});
