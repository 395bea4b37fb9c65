import fs from "node:fs";
import path from "node:path";
import kubernetesPackage from "@pulumi/kubernetes/package.json";
import pulumiPackage from "@pulumi/pulumi/package.json";
import { describe, expect, it } from "vitest";
import { dependencies } from "../../../../package.json";
import { recipes } from "../../../../tools/run/parts/recipes";
import { versions } from "../../../../tools/run/parts/versions";

const modules = Object.fromEntries(
  Object.values(recipes()).map(({ name, build }) => [name, fs.readFileSync(path.join(build.module, "go.mod"), "utf8")]),
);

/** The version that a go.mod requires of a module. */
function required(part: string, module: string): string | undefined {
  const lines = (modules[part] ?? "").split("\n").filter((line) => !line.includes("=>"));
  const match = lines.map((line) => /^(?:require)?\s*(\S+) (v\S+)/.exec(line)).find((found) => found?.[1] === module);
  return match?.[2];
}

describe("the versions of the parts", () => {
  it.each([
    ["the CLI", versions.pulumi, dependencies["@pulumi/pulumi"], pulumiPackage.version],
    ["the provider", versions.kubernetesProvider, dependencies["@pulumi/kubernetes"], kubernetesPackage.version],
  ])("of %s are those of its SDK, as required and as installed", (_title, ours, wanted, installed) => {
    expect([wanted, installed]).toEqual([ours, ours]);
  });

  it.each([
    ["pulumi", "github.com/pulumi/pulumi/pkg/v3", `v${versions.pulumi}`],
    ["kubernetes-provider", "github.com/pulumi/pulumi-kubernetes/provider/v4", versions.kubernetesProviderModule],
    ["control-plane", "k8s.io/kubernetes", `v${versions.kubernetes}`],
    ["control-plane", "go.etcd.io/etcd/server/v3", `v${versions.etcd}`],
    ["kwok", "sigs.k8s.io/kwok", `v${versions.kwok}`],
  ])("are what %s/go.mod builds from %s", (part, module, version) => {
    expect(required(part, module)).toBe(version);
  });

  it("are the same for every module that Kubernetes publishes with itself", () => {
    const replaced = [...(modules["control-plane"] ?? "").matchAll(/=> k8s\.io\/\S+ v(\S+)/g)].map((match) => match[1]);
    expect(replaced.length).toBeGreaterThan(25);
    expect(new Set(replaced)).toEqual(new Set([versions.kubernetes.replace(/^1\./, "0.")]));
  });

  it.each(Object.keys(modules))("of Go suffice for %s", (part) => {
    const line = /^go (\d+\.\d+)/m.exec(modules[part] ?? "")?.[1];
    expect(line).toBe(versions.go);
  });
});
