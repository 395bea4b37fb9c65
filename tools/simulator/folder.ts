import fs from "node:fs";
import path from "node:path";
import { SimulatorError } from "./errors";

/** Where everything of one simulated environment lives; nothing of it is anywhere else. */
export interface SimulationFolder {
  readonly environment: string;
  /** `<root>/.modelyard/<environment>`, an absolute path without symbolic links. */
  readonly path: string;
  readonly kubeconfig: string;
  /** The control plane: what kwokctl makes, and our record of it. */
  readonly cluster: string;
  /** Pulumi's home, state and project for this environment. */
  readonly pulumi: string;
  /** Pulumi's state. It describes the objects of this cluster, so it is worth nothing without it. */
  readonly state: string;
  /** Beside the environments, because it outlives the deletion of one; no environment can have its name. */
  readonly lock: string;
}

/** RFC 1123 label: what may stand in a path and in Kubernetes names alike. */
const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * @param root - the project's folder, which must exist
 * @throws SimulatorError when the name is not a plain DNS label, before it becomes part of any path
 */
export function simulationFolder(root: string, environment: string): SimulationFolder {
  if (!label.test(environment)) {
    throw new SimulatorError(
      `"${environment}" cannot be the name of a simulated environment: it must be 1 to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends.`,
    );
  }
  // Processes are known by the path of their program, so there must be one path however the root was reached.
  const all = path.join(fs.realpathSync(root), ".modelyard");
  const own = path.join(all, environment);
  return {
    environment,
    path: own,
    kubeconfig: path.join(own, "kubeconfig"),
    cluster: path.join(own, "cluster"),
    pulumi: path.join(own, "pulumi"),
    state: path.join(own, "pulumi", "state"),
    lock: path.join(all, ".locks", environment),
  };
}

/** Writes a file in one step: a reader sees the old content or the new, never half of it. Mode 0600. */
export function writePrivately(file: string, content: string): void {
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${process.pid}.tmp`;
  fs.rmSync(temporary, { force: true });
  fs.writeFileSync(temporary, content, { mode: 0o600, flag: "wx" });
  fs.renameSync(temporary, file);
}
