import fs from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { SimulatorError } from "../../../tools/simulator/errors";
import {
  controlPlaneFolder,
  createCluster,
  kwokctlConfiguration,
  programsOf,
  type Programs,
} from "../../../tools/simulator/kwokctl";
import { script, temporaryFolder } from "./harness";

const ports = { etcd: 1, etcdPeer: 2, apiServer: 3, controllerManager: 4, scheduler: 5, kwok: 6 };

/** Creates a cluster with a kwokctl that is this shell script. */
async function create(workFolder: string, ...lines: readonly string[]): Promise<void> {
  const kwokctl = script(path.join(temporaryFolder(), "kwokctl"), ...lines);
  const { signal } = new AbortController();
  await createCluster({ workFolder, kwokctl, configuration: { some: "setting" }, signal });
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("the programs of a control plane", () => {
  it("are refused as long as some are missing, each of them named", () => {
    const folder = temporaryFolder();
    const find = (name: string): string =>
      name.startsWith("kwok") ? path.join(folder, "missing", name) : script(path.join(folder, name));
    expect(() => programsOf(find)).toThrow(/not there: .*missing\/kwok, .*missing\/kwokctl\./);
  });
});

describe("kwokctl's configuration", () => {
  const programs: Programs = {
    etcd: "/programs/etcd",
    "kube-apiserver": "/programs/kube-apiserver",
    "kube-controller-manager": "/programs/kube-controller-manager",
    "kube-scheduler": "/programs/kube-scheduler",
    kubectl: "/programs/kubectl",
    kwok: "/programs/kwok",
    kwokctl: "/programs/kwokctl",
  };
  const configuration = kwokctlConfiguration(programs, ports);

  it("binds every program to the loopback address and its own port", () => {
    expect(configuration).toMatchObject({
      options: {
        runtime: "binary",
        bindAddress: "127.0.0.1",
        etcdPort: 1,
        etcdPeerPort: 2,
        kubeApiserverPort: 3,
        kubeControllerManagerPort: 4,
        kubeSchedulerPort: 5,
        kwokControllerPort: 6,
        etcdBinary: "/programs/etcd",
        kubeApiserverBinary: "/programs/kube-apiserver",
        kubeControllerManagerBinary: "/programs/kube-controller-manager",
        kubeSchedulerBinary: "/programs/kube-scheduler",
        kubectlBinary: "/programs/kubectl",
        kwokControllerBinary: "/programs/kwok",
      },
    });
  });

  it("keeps authorization and admission at kwokctl's default, which is on", () => {
    const text = JSON.stringify(configuration);
    expect(text).not.toMatch(/kubeAdmission|kubeAuthorization|admission-plugins|disableKube|runtime-config/i);
  });
});

describe("creating a cluster", () => {
  it("keeps data and certificates, and removes what kwokctl would wrongly trust", async () => {
    const work = temporaryFolder();
    const folder = controlPlaneFolder(work);
    for (const name of ["etcd/data", "pki/ca.crt", "bin/etcd", "pids/etcd.pid", "logs/etcd.log", "kwok.yaml"]) {
      fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      fs.writeFileSync(path.join(folder, name), "");
    }
    await create(work);
    expect(fs.readdirSync(folder).sort()).toEqual(["etcd", "pki"]);
  });

  it("gives kwokctl our configuration and folder, and none of the user's settings or files", async () => {
    const work = temporaryFolder();
    const said = path.join(work, "said");
    vi.stubEnv("KWOK_KUBE_APISERVER_PORT", "1");
    vi.stubEnv("KWOK_WORKDIR", "/somewhere/else");
    await create(work, `echo "$@" > ${said}`, `env | grep ^KWOK_ >> ${said}`, `cat "$2" >> ${said}`);
    const [args = "", environment, ...configuration] = fs.readFileSync(said, "utf8").split("\n");
    expect(args.split(" ").slice(2)).toEqual([
      ...["--name", "simulated", "create", "cluster"],
      ...["--kubeconfig=", "--node-lease-duration-seconds=0"],
    ]);
    expect(environment).toBe(`KWOK_WORKDIR=${work}`);
    expect(JSON.parse(configuration.join("\n"))).toEqual({ some: "setting" });
  });

  it.each([
    [
      `echo '{"level":"INFO","msg":"Creating"}' >&2; printf '%s\\n' '{"level":"ERROR","msg":"Setup","err":"no etcd\\n"}' >&2; exit 1`,
      "Setup: no etcd",
    ],
    [`echo '{"level":"ERROR","msg":"Broken"}' >&2; echo '{"level":"ERROR","msg":"Exit"}' >&2; exit 2`, "Broken"],
    ["echo 'not JSON' >&2; exit 1", "not JSON"],
  ])("fails with what kwokctl complains about first: %s", async (line, complaint) => {
    const message = `kwokctl could not start the simulated control plane: ${complaint}`;
    await expect(create(temporaryFolder(), line)).rejects.toThrow(new SimulatorError(message));
  });
});
