import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import kubernetesPackage from "@pulumi/kubernetes/package.json";
import { simulationFolder } from "../../../tools/simulator/folder";
import { findRandomProvider, makeHome } from "../../../tools/simulator/home";
import { script, temporaryFolder } from "./harness";

const kubernetesProvider = "/programs/pulumi-resource-kubernetes";
const kubernetesPlugin = `plugins/resource-kubernetes-v${kubernetesPackage.version}/pulumi-resource-kubernetes`;
const randomPlugin = "plugins/resource-random-v4.21.2/pulumi-resource-random";

function make(environment: NodeJS.ProcessEnv = {}) {
  const root = temporaryFolder();
  const folder = simulationFolder(root, "local");
  const options = { folder, kubernetesProvider, environment: { HOME: root, ...environment } };
  return { folder, home: makeHome(options), again: () => makeHome(options) };
}

describe("Pulumi's home for a simulated environment", () => {
  it("has the real Kubernetes provider where the installed SDK looks for it", () => {
    const { home } = make();
    const link = path.join(home.variables["PULUMI_HOME"] ?? "", kubernetesPlugin);
    expect(fs.readlinkSync(link)).toBe(kubernetesProvider);
  });

  it("keeps home, state and kubeconfig inside the environment's folder", () => {
    const { folder, home } = make();
    expect(home.variables).toEqual({
      PULUMI_HOME: path.join(folder.path, "pulumi", "home"),
      PULUMI_BACKEND_URL: pathToFileURL(path.join(folder.path, "pulumi", "state")).href,
      PULUMI_CONFIG_PASSPHRASE_FILE: path.join(folder.path, "pulumi", "passphrase"),
      KUBECONFIG: path.join(folder.path, "kubeconfig"),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    });
    expect(home.projectFolder).toBe(path.join(folder.path, "pulumi", "project"));
    expect(fs.existsSync(home.projectFolder)).toBe(true);
  });

  it("makes a passphrase once, for its owner only", () => {
    const { home, again } = make();
    const file = home.variables["PULUMI_CONFIG_PASSPHRASE_FILE"] ?? "";
    const passphrase = fs.readFileSync(file, "utf8");
    expect(passphrase).toMatch(/^\S{32}$/);
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    again();
    expect(fs.readFileSync(file, "utf8")).toBe(passphrase);
    expect(make().home.variables["PULUMI_CONFIG_PASSPHRASE_FILE"]).not.toBe(file);
  });

  it("does not let a passphrase of the user's own win over it", () => {
    const { home } = make({ PULUMI_CONFIG_PASSPHRASE: "the user's" });
    const file = home.variables["PULUMI_CONFIG_PASSPHRASE_FILE"] ?? "";
    expect(home.variables["PULUMI_CONFIG_PASSPHRASE"]).toBe(fs.readFileSync(file, "utf8"));
  });

  it("has a stand-in for the provider random where the real one is not to be had, and says so", () => {
    const { home } = make();
    expect(home.standIns).toEqual([expect.stringContaining("random 4.21.2")]);
    const text = fs.readFileSync(path.join(home.variables["PULUMI_HOME"] ?? "", randomPlugin), "utf8");
    expect(text).toContain("random-provider-main.ts");
  });

  it("has the real provider random where the user's Pulumi has it, also when it comes later", () => {
    const root = temporaryFolder();
    const folder = simulationFolder(root, "local");
    const options = { folder, kubernetesProvider, environment: { HOME: root } };
    expect(makeHome(options).standIns).toHaveLength(1);
    const real = script(path.join(root, ".pulumi", randomPlugin), "echo v4.21.2");
    const { standIns, variables } = makeHome(options);
    expect(standIns).toEqual([]);
    expect(fs.readlinkSync(path.join(variables["PULUMI_HOME"] ?? "", randomPlugin))).toBe(real);
    fs.rmSync(real);
    expect(makeHome(options).standIns).toHaveLength(1);
  });
});

describe("the real provider random", () => {
  it.each([
    ["in PULUMI_HOME", (root: string) => ({ file: path.join(root, randomPlugin), variables: { PULUMI_HOME: root } })],
    ["in HOME", (root: string) => ({ file: path.join(root, ".pulumi", randomPlugin), variables: { HOME: root } })],
    [
      "on PATH",
      (root: string) => ({
        file: path.join(root, "bin", "pulumi-resource-random"),
        variables: { HOME: root, PATH: ["bin", path.join(root, "none"), path.join(root, "bin")].join(path.delimiter) },
      }),
    ],
  ])("is found %s", (_where, place) => {
    const { file, variables } = place(temporaryFolder());
    expect(findRandomProvider(variables)).toBeUndefined();
    script(file, "echo 4.22.0");
    expect(findRandomProvider(variables)).toBe(file);
  });

  it.each([
    ["fails", "exit 1"],
    ["is of another major version", "echo v3.0.0"],
    ["says nothing", "true"],
  ])("is not taken when it %s", (_how, line) => {
    const root = temporaryFolder();
    script(path.join(root, ".pulumi", randomPlugin), line);
    expect(findRandomProvider({ HOME: root })).toBeUndefined();
  });
});
