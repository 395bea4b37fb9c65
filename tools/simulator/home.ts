import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { versions } from "../run/parts/versions";
import { isExecutable } from "../run/parts/installed";
import { writePrivately, type SimulationFolder } from "./folder";
import { randomVersion, writeRandomProvider } from "./random-provider";

/** Pulumi's surroundings of one simulated environment: nothing of the user's own Pulumi is read or written. */
export interface PulumiHome {
  /** An empty folder for Pulumi.yaml and stack settings. */
  readonly projectFolder: string;
  /** Environment variables for the engine. */
  readonly variables: Readonly<Record<string, string>>;
  /** What is not the real thing, in words for a report. */
  readonly standIns: readonly string[];
}

export interface HomeOptions {
  readonly folder: SimulationFolder;
  /** Absolute path of the real Kubernetes provider. */
  readonly kubernetesProvider: string;
  /** Where to look for a real random provider: PATH, HOME, PULUMI_HOME. */
  readonly environment: NodeJS.ProcessEnv;
}

/** Makes a Pulumi home with exactly the plugins that a simulated update needs, or brings it up to date. */
export function makeHome({ folder, kubernetesProvider, environment }: HomeOptions): PulumiHome {
  const home = path.join(folder.pulumi, "home");
  const projectFolder = path.join(folder.pulumi, "project");
  for (const each of [home, projectFolder, folder.state]) fs.mkdirSync(each, { recursive: true, mode: 0o700 });
  link(
    kubernetesProvider,
    path.join(home, "plugins", `resource-kubernetes-v${versions.kubernetesProvider}`, "pulumi-resource-kubernetes"),
  );
  return {
    projectFolder,
    standIns: addRandomProvider(home, environment),
    variables: {
      PULUMI_HOME: home,
      PULUMI_BACKEND_URL: pathToFileURL(folder.state).href,
      ...passphraseVariables(path.join(folder.pulumi, "passphrase"), environment),
      KUBECONFIG: folder.kubeconfig,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    },
  };
}

/** The state of a simulation holds no secret worth a passphrase, but Pulumi wants one; made once. */
function passphraseVariables(file: string, environment: NodeJS.ProcessEnv): Record<string, string> {
  if (!fs.existsSync(file)) writePrivately(file, randomBytes(24).toString("base64url"));
  const variables = { PULUMI_CONFIG_PASSPHRASE_FILE: file };
  if (environment["PULUMI_CONFIG_PASSPHRASE"] === undefined) return variables;
  // The user's own passphrase would win over the file, and the next command might run without it.
  return { ...variables, PULUMI_CONFIG_PASSPHRASE: fs.readFileSync(file, "utf8").trim() };
}

const randomFile = "pulumi-resource-random";

function addRandomProvider(home: string, environment: NodeJS.ProcessEnv): readonly string[] {
  const plugin = path.join(home, "plugins", `resource-random-v${randomVersion}`);
  const real = findRandomProvider(environment);
  if (real !== undefined) {
    link(real, path.join(plugin, randomFile));
    return [];
  }
  writeRandomProvider(plugin);
  return [`Pulumi's provider random ${randomVersion}: passwords are made by a small stand-in`];
}

/** Absolute path of the real provider, or undefined: in the plugin folder of the user's Pulumi, or on PATH. */
export function findRandomProvider(environment: NodeJS.ProcessEnv): string | undefined {
  const home = environment["PULUMI_HOME"] ?? path.join(environment["HOME"] ?? os.homedir(), ".pulumi");
  const installed = path.join(home, "plugins", `resource-random-v${randomVersion}`, randomFile);
  const onPath = (environment["PATH"] ?? "").split(path.delimiter).filter((each) => path.isAbsolute(each));
  const candidates = [installed, ...onPath.map((each) => path.join(each, randomFile))];
  return candidates.find((file) => isExecutable(file) && saysItsVersion(file));
}

const [major] = randomVersion.split(".");
const askMilliseconds = 10_000;

/** Providers that wrap one of Terraform's print their version; a broken or foreign program does not. */
function saysItsVersion(file: string): boolean {
  const { status, stdout } = spawnSync(file, ["--version"], { encoding: "utf8", timeout: askMilliseconds });
  return status === 0 && new RegExp(`^v?${major}\\.\\d+\\.\\d+`).test(stdout.trim());
}

function link(target: string, file: string): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.rmSync(file, { force: true });
  fs.symlinkSync(target, file);
}
