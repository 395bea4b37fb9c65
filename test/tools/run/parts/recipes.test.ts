import { describe, expect, it } from "vitest";
import { linkerFlags } from "../../../../tools/run/parts/build-flags";
import { originsOf } from "../../../../tools/run/parts/download";
import { recipes } from "../../../../tools/run/parts/recipes";

const linux = recipes({ os: "linux", architecture: "amd64" });

function addresses(os: string, architecture: string): string[] {
  const { "control-plane": controlPlane, kwok } = recipes({ os, architecture });
  return [controlPlane.download, kwok.download].flatMap((download) =>
    download.kind === "files" ? download.files.map(({ url, member }) => (member ? `${url}#${member}` : url)) : [],
  );
}

describe("the table of parts", () => {
  it("fetches on Linux what kwokctl fetches", () => {
    expect(addresses("linux", "amd64")).toEqual([
      "https://github.com/etcd-io/etcd/releases/download/v3.6.5/etcd-v3.6.5-linux-amd64.tar.gz#etcd-v3.6.5-linux-amd64/etcd",
      "https://dl.k8s.io/release/v1.35.4/bin/linux/amd64/kube-apiserver",
      "https://dl.k8s.io/release/v1.35.4/bin/linux/amd64/kube-controller-manager",
      "https://dl.k8s.io/release/v1.35.4/bin/linux/amd64/kube-scheduler",
      "https://dl.k8s.io/release/v1.35.4/bin/linux/amd64/kubectl",
      "https://github.com/kubernetes-sigs/kwok/releases/download/v0.8.0/kwok-linux-amd64",
      "https://github.com/kubernetes-sigs/kwok/releases/download/v0.8.0/kwokctl-linux-amd64",
    ]);
  });

  it("takes the servers for a Mac from kwok's own builds, and kubectl from Kubernetes", () => {
    const [etcd, apiserver, , , kubectl] = addresses("darwin", "arm64");
    expect(etcd).toMatch(/etcd-v3\.6\.5-darwin-arm64\.zip#/);
    expect(apiserver).toBe(
      "https://github.com/kwok-ci/k8s/releases/download/v1.35.4-kwok.0-darwin-arm64/kube-apiserver",
    );
    expect(kubectl).toBe("https://dl.k8s.io/release/v1.35.4/bin/darwin/arm64/kubectl");
  });

  it.each([
    ["windows", "amd64"],
    ["linux", "riscv64"],
  ])("fetches nothing for %s-%s", (os, architecture) => expect(addresses(os, architecture)).toEqual([]));

  it.each(Object.values(linux))("takes $name only from https servers", ({ download }) => {
    const origins = originsOf(download);
    expect(origins.length).toBeGreaterThan(0);
    expect(origins.filter((origin) => !origin.startsWith("https://"))).toEqual([]);
  });

  it.each(Object.values(linux))("has every program of $name in its download and in its build", (recipe) => {
    const programs = recipe.programs.map(({ name }) => name).sort();
    const { download, build } = recipe;
    const downloaded =
      download.kind === "files" ? download.files.map(({ program }) => program) : Object.keys(download.programs);
    const built =
      build.links ??
      (build.output === undefined ? build.packages.map((name) => name.split("/").pop()) : [build.output]);
    expect([...downloaded].sort()).toEqual(programs);
    expect([...built].sort()).toEqual(programs);
  });

  it.each([
    ["pulumi", "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=3.246.0"],
    ["kubernetes-provider", "-s -w -X github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version=4.25.0"],
    ["kwok", "-s -w -X sigs.k8s.io/kwok/pkg/consts.Version=v0.8.0"],
    [
      "control-plane",
      "-s -w -X k8s.io/component-base/version.gitVersion=v1.35.4 -X k8s.io/component-base/version.gitMajor=1 " +
        "-X k8s.io/component-base/version.gitMinor=35 -X k8s.io/client-go/pkg/version.gitVersion=v1.35.4",
    ],
  ] as const)("tells the linker the version of %s", (name, flags) => {
    expect(linkerFlags(linux[name].build)).toBe(flags);
  });

  it("installs the CLI into the folder, and the provider into a Pulumi home of its own", () => {
    const { pulumi, "kubernetes-provider": provider } = linux;
    if (pulumi.download.kind !== "command" || provider.download.kind !== "command") throw new Error("not commands");
    expect(pulumi.download.arguments("/folder")[1]).toMatch(/PulumiCommand\.install\(\{ root: "\/folder" \}\)/);
    expect(provider.download.environment("/folder").PULUMI_HOME).toBe("/folder");
    expect(provider.download.arguments("/folder")).toEqual([
      "plugin",
      "install",
      "resource",
      "kubernetes",
      "4.25.0",
      "--non-interactive",
    ]);
    expect(provider.download.programs["pulumi-resource-kubernetes"]).toBe(
      "plugins/resource-kubernetes-v4.25.0/pulumi-resource-kubernetes",
    );
  });
});
