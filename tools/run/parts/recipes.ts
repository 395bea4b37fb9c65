import path from "node:path";
import type { OperatorId } from "../../../catalog/operators";
import type { Build, FileDownload, PartName, Program, ProgramName, Recipe, RemoteFile } from "./part";
import { exactly, sameMajorAtLeast, sameMinor, type VersionRule } from "./version-rule";
import { versions } from "./versions";

/** An operating system and processor as Go names them: "linux-amd64", "darwin-arm64". */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
}

/** The machine this runs on. */
export const thisPlatform: Platform = {
  os: process.platform === "win32" ? "windows" : process.platform,
  architecture: process.arch === "x64" ? "amd64" : process.arch,
};

/** Where the publishers keep their files; a mirror or a test may put others in. */
export interface Sources {
  readonly kubernetes: string;
  /** The control plane for other systems than Linux, for which Kubernetes itself publishes only kubectl. */
  readonly kubernetesElsewhere: string;
  readonly etcd: string;
  readonly kwok: string;
}

/** The same addresses that kwokctl 0.8.0 downloads from (its pkg/consts/consts.go and pkg/config/vars.go). */
export const officialSources: Sources = {
  kubernetes: "https://dl.k8s.io/release",
  kubernetesElsewhere: "https://github.com/kwok-ci/k8s/releases/download",
  etcd: "https://github.com/etcd-io/etcd/releases/download",
  kwok: "https://github.com/kubernetes-sigs/kwok/releases/download",
};

/** The host that Pulumi's own installer and, after GitHub, its plugin downloader ask. */
const pulumiOrigin = "https://get.pulumi.com";

/**
 * The table of parts but for operators, which have a table of their own. The seconds of the builds were measured with empty caches on two cores, one
 * after the other in this order.
 */
export function recipes(
  platform: Platform = thisPlatform,
  sources = officialSources,
): Record<Exclude<PartName, OperatorId>, Recipe> {
  return {
    pulumi: pulumi(),
    "kubernetes-provider": kubernetesProvider(),
    "control-plane": controlPlane(platform, sources),
    kwok: kwok(platform, sources),
  };
}

/**
 * Accepts on PATH: the same major version, not older than the SDK. That is what the Automation API
 * itself demands of a CLI, and the SDK may call anything the CLI of its own release offers.
 */
function pulumi(): Recipe {
  const version = versions.pulumi;
  return {
    name: "pulumi",
    title: "the Pulumi CLI",
    version,
    homepage: "https://www.pulumi.com/docs/install/",
    programs: [program("pulumi", ["version"], version, sameMajorAtLeast(version))],
    download: {
      kind: "command",
      runs: "node",
      origin: pulumiOrigin,
      // In a process of its own, because PulumiCommand.install cannot be interrupted. Without a
      // version it installs that of the SDK, which is ours.
      arguments: (folder) => [
        "-e",
        `require(${JSON.stringify(require.resolve("@pulumi/pulumi/automation"))}).PulumiCommand` +
          `.install({ root: ${JSON.stringify(folder)} })` +
          `.catch((error) => { console.error(error.message); process.exit(1); });`,
      ],
      environment: () => ({ PULUMI_SKIP_UPDATE_CHECK: "true" }),
      programs: { pulumi: path.join("bin", "pulumi") },
      seconds: 60,
    },
    build: {
      module: moduleFolder("pulumi"),
      packages: ["github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"],
      variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": version },
      output: "pulumi",
      seconds: 195,
    },
  };
}

/**
 * Accepts on PATH and in Pulumi's plugin folder: exactly the SDK's version. The engine picks a
 * provider by the version that the SDK states and refuses or warns about any other.
 */
function kubernetesProvider(): Recipe {
  const version = versions.kubernetesProvider;
  const pluginFolder = `resource-kubernetes-v${version}`;
  const name = "pulumi-resource-kubernetes";
  return {
    name: "kubernetes-provider",
    title: "the Kubernetes provider for Pulumi",
    version,
    homepage: "https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/",
    programs: [program(name, "plugin-protocol", version, exactly(version))],
    pluginFolder,
    download: {
      kind: "command",
      runs: "pulumi",
      origin: pulumiOrigin,
      arguments: () => ["plugin", "install", "resource", "kubernetes", version, "--non-interactive"],
      environment: (folder) => ({ PULUMI_HOME: folder, PULUMI_SKIP_UPDATE_CHECK: "true" }),
      programs: { [name]: path.join("plugins", pluginFolder, name) },
      seconds: 60,
    },
    build: {
      module: moduleFolder("kubernetes-provider"),
      packages: ["."],
      variables: { "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version": version },
      output: name,
      seconds: 360,
    },
  };
}

/**
 * Accepts on PATH: the same minor version of every program. API and flags change between minors,
 * patches only repair; for etcd it is the minor that this Kubernetes was released with.
 */
function controlPlane(platform: Platform, sources: Sources): Recipe {
  const version = versions.kubernetes;
  const minor = sameMinor(version);
  return {
    name: "control-plane",
    title: "the Kubernetes control plane",
    version,
    homepage: "https://kubernetes.io/releases/download/",
    programs: [
      program("etcd", ["--version"], versions.etcd, sameMinor(versions.etcd)),
      program("kube-apiserver", ["--version"], version, minor),
      program("kube-controller-manager", ["--version"], version, minor),
      program("kube-scheduler", ["--version"], version, minor),
      program("kubectl", ["version", "--client"], version, minor),
    ],
    download: controlPlaneDownload(platform, sources),
    build: {
      module: moduleFolder("control-plane"),
      packages: ["."],
      variables: {
        "k8s.io/component-base/version.gitVersion": `v${version}`,
        "k8s.io/component-base/version.gitMajor": version.split(".")[0] ?? "",
        "k8s.io/component-base/version.gitMinor": version.split(".")[1] ?? "",
        "k8s.io/client-go/pkg/version.gitVersion": `v${version}`,
      },
      output: "control-plane",
      links: ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"],
      seconds: 260,
    },
  };
}

/** Accepts on PATH: 0.8.x. Before 1.0 a minor version may change flags and the stages' format. */
function kwok(platform: Platform, sources: Sources): Recipe {
  const version = versions.kwok;
  const file = (name: ProgramName): RemoteFile => ({
    program: name,
    url: `${sources.kwok}/v${version}/${name}-${platform.os}-${platform.architecture}`,
  });
  return {
    name: "kwok",
    title: "kwok (simulated nodes)",
    version,
    homepage: "https://kwok.sigs.k8s.io/docs/user/installation/",
    programs: [
      program("kwok", ["--version"], version, sameMinor(version)),
      program("kwokctl", ["--version"], version, sameMinor(version)),
    ],
    download: { kind: "files", seconds: 30, files: isPublished(platform) ? [file("kwok"), file("kwokctl")] : [] },
    build: {
      module: moduleFolder("kwok"),
      packages: ["sigs.k8s.io/kwok/cmd/kwok", "sigs.k8s.io/kwok/cmd/kwokctl"],
      variables: { "sigs.k8s.io/kwok/pkg/consts.Version": `v${version}` },
      seconds: 100,
    },
  };
}

/** kwokctl has no command that only downloads, so the same files are fetched from the same places. */
function controlPlaneDownload(platform: Platform, sources: Sources): FileDownload {
  const target = `${platform.os}-${platform.architecture}`;
  const official = `${sources.kubernetes}/v${versions.kubernetes}/bin/${platform.os}/${platform.architecture}`;
  const elsewhere = `${sources.kubernetesElsewhere}/v${versions.kubernetes}-kwok.0-${target}`;
  const officialFile = (name: ProgramName): RemoteFile => ({
    program: name,
    url: `${official}/${name}`,
    checksums: `${official}/${name}.sha256`,
  });
  const server = (name: ProgramName): RemoteFile =>
    platform.os === "linux" ? officialFile(name) : { program: name, url: `${elsewhere}/${name}` };
  const etcdName = `etcd-v${versions.etcd}-${target}`;
  const etcd: RemoteFile = {
    program: "etcd",
    url: `${sources.etcd}/v${versions.etcd}/${etcdName}.${platform.os === "linux" ? "tar.gz" : "zip"}`,
    checksums: `${sources.etcd}/v${versions.etcd}/SHA256SUMS`,
    member: `${etcdName}/etcd`,
  };
  const servers = [server("kube-apiserver"), server("kube-controller-manager"), server("kube-scheduler")];
  const files = [etcd, ...servers, officialFile("kubectl")];
  return { kind: "files", seconds: 60, files: isPublished(platform) ? files : [] };
}

function isPublished({ os, architecture }: Platform): boolean {
  return ["linux", "darwin"].includes(os) && ["amd64", "arm64"].includes(architecture);
}

export function program(name: ProgramName, ask: Program["ask"], version: string, accepts: VersionRule): Program {
  return { name, ask, version, accepts };
}

/** The Go modules are committed beside this file. */
export function moduleFolder(name: PartName): Build["module"] {
  return path.join(__dirname, name);
}
