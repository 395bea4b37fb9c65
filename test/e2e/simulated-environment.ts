import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "vitest";
import { silentProgress, terminalProgress } from "../../tools/report/progress";
import { ensureParts, type Parts } from "../../tools/run/parts";
import { deleteSimulation, startSimulation } from "../../tools/simulator";
import { Checkout, simulationOf, type CommandResult } from "./checkout";
import { locks, objectName, readState, workers } from "./interrupting";

/** By the name of its Secret. */
type Keys = Readonly<Record<string, string>>;

interface Secret {
  readonly metadata: { readonly name: string };
  readonly data: { readonly value: string };
}

function keysOf(secrets: readonly Secret[]): Keys {
  return Object.fromEntries(
    secrets.map(({ metadata, data }) => [metadata.name, Buffer.from(data.value, "base64").toString()]),
  );
}

/** The environment `local` in a checkout of its own, on the simulator, with the questions that tests ask of it. */
export class SimulatedEnvironment {
  readonly name = "local";
  readonly checkout = new Checkout();
  #kinds: string | undefined;

  private constructor(private readonly parts: Parts) {}

  static async prepare(): Promise<SimulatedEnvironment> {
    const progress = terminalProgress(process.stderr);
    const parts = await ensureParts(["pulumi", "kubernetes-provider", "control-plane", "kwok"], { progress });
    return new SimulatedEnvironment(parts);
  }

  /** Ends every process, in whatever state a test left the environment, and removes the checkout. */
  async end(): Promise<void> {
    await deleteSimulation({ root: this.checkout.folder, environment: this.name, progress: silentProgress });
    this.checkout.remove();
  }

  up(): Promise<CommandResult> {
    return this.checkout.modelyard("up", this.name, "--simulate");
  }

  destroy(): Promise<CommandResult> {
    return this.checkout.modelyard("destroy", this.name, "--simulate");
  }

  /** Starts the cluster that a destruction stopped, with the objects that it left. */
  async startCluster(): Promise<void> {
    const { parts, name: environment } = this;
    const progress = silentProgress;
    const context = "modelyard-local";
    await startSimulation({
      root: this.checkout.folder,
      environment,
      context,
      pools: [],
      program: parts.program,
      progress,
    });
  }

  async kubectl(...args: readonly string[]): Promise<string> {
    const kubeconfig = join(simulationOf(this.checkout, this.name), "kubeconfig");
    return this.#run("kubectl", ["--kubeconfig", kubeconfig, ...args]);
  }

  /** What Pulumi's own CLI says of the state. */
  async pulumi(...args: readonly string[]): Promise<string> {
    const folder = join(simulationOf(this.checkout, this.name), "pulumi");
    return this.#run("pulumi", [...args, "--stack", `organization/modelyard/${this.name}`], {
      ...process.env,
      PULUMI_HOME: join(folder, "home"),
      PULUMI_BACKEND_URL: pathToFileURL(join(folder, "state")).href,
      PULUMI_CONFIG_PASSPHRASE_FILE: join(folder, "passphrase"),
    });
  }

  async #run(program: "kubectl" | "pulumi", args: readonly string[], variables?: NodeJS.ProcessEnv): Promise<string> {
    const { code, stdout, stderr } = await this.checkout.run(this.parts.program(program), args, variables);
    if (code !== 0) throw new Error(stderr);
    return stdout;
  }

  changeStack(change: (text: string) => string): void {
    const file = "stacks/local.yaml";
    this.checkout.write(file, change(readFileSync(join(this.checkout.folder, file), "utf8")));
  }

  /** Deletes the state, as a laptop that is replaced does; the passphrase stays. */
  loseState(): void {
    rmSync(join(simulationOf(this.checkout, this.name), "pulumi/state"), { recursive: true });
  }

  /** The generated API keys, as the cluster has them. */
  async keysOfCluster(): Promise<Keys> {
    const selector = `modelyard.dev/environment=${this.name}`;
    const text = await this.kubectl("get", "secrets", "--all-namespaces", "--selector", selector, "--output=json");
    return keysOf((JSON.parse(text) as { items: Secret[] }).items);
  }

  /** The generated API keys, as the state has them. */
  async keysOfState(): Promise<Keys> {
    const text = await this.pulumi("stack", "export", "--show-secrets");
    const { deployment } = JSON.parse(text, (_key, value: unknown) =>
      typeof value === "object" && value !== null && "plaintext" in value
        ? (JSON.parse(String(value.plaintext)) as unknown)
        : value,
    ) as { deployment: { resources: { type: string; inputs: Secret }[] } };
    const secrets = deployment.resources.filter(({ type }) => type === "kubernetes:core/v1:Secret");
    return keysOf(secrets.map(({ inputs }) => inputs));
  }

  /** Every object of the cluster that bears the environment's label and that no controller made, asked of kubectl. */
  async labelled(): Promise<readonly string[]> {
    this.#kinds ??= (await this.kubectl("api-resources", "--verbs=list,delete", "--output=name"))
      .split("\n")
      .filter((name) => name !== "" && !/^(events|endpoints)(\.|$)/.test(name))
      .join(",");
    const selector = `modelyard.dev/environment=${this.name}`;
    const listed = JSON.parse(
      await this.kubectl("get", this.#kinds, "--all-namespaces", "--selector", selector, "--output=json"),
    ) as { items: { kind: string; metadata: { name: string; namespace?: string; ownerReferences?: unknown[] } }[] };
    return listed.items
      .filter(({ metadata }) => metadata.ownerReferences === undefined)
      .map(({ kind, metadata }) => objectName(kind, metadata))
      .sort();
  }

  /** After a command that succeeded: cluster and state say the same, and nothing of a dead run is left. */
  async expectClean(): Promise<void> {
    const state = readState(this.checkout, this.name);
    expect(await this.labelled()).toEqual(state.objects);
    expect(state.pending).toBe(0);
    expect(locks(this.checkout, this.name)).toEqual([]);
    expect(workers(this.checkout)).toEqual([]);
  }

  async expectUp(result: CommandResult): Promise<void> {
    expect(result, result.stderr).toMatchObject({ code: 0 });
    expect(result.stdout).toContain("pods: 3 of 3 Running");
    expect(readState(this.checkout, this.name).resources).toBe(30);
    await this.expectClean();
  }

  async expectDestroyed(result: CommandResult): Promise<void> {
    expect(result, result.stderr).toMatchObject({ code: 0 });
    expect(this.checkout.processes()).toEqual([]);
    await this.startCluster();
    expect(readState(this.checkout, this.name).objects).toEqual([]);
    await this.expectClean();
  }
}
