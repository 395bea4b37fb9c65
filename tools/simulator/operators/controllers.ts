import fs from "node:fs";
import path from "node:path";
import type { OperatorId } from "../../../catalog/operators";
import type { ProgramName } from "../../run/parts";
import { loopback } from "../ports";

export interface ControllerPorts {
  /** Serves `/readyz`. */
  readonly health: number;
  readonly webhook: number;
}

/** Where a controller runs, and what it may use. */
export interface ControllerPlace {
  /** A folder of its own for its files. */
  readonly folder: string;
  readonly ports: ControllerPorts;
}

/** How an operator's controller is run outside a cluster. */
export interface Controller {
  /** Its program, of the operator's part. */
  readonly program: ProgramName;
  readonly arguments: (place: ControllerPlace) => readonly string[];
  /**
   * Makes the files that it reads.
   * @param certificates - folder of the control plane's certificates, of which the API server's own is for the
   * loopback address
   */
  readonly prepare?: (place: ControllerPlace, certificates: string) => void;
  /** Whether the API server calls it. */
  readonly webhook: boolean;
}

/**
 * The operators whose controller runs: of the others a cluster has the definitions only. One controller needs no
 * election of a leader, and nobody scrapes its metrics.
 */
export const controllers: Readonly<Partial<Record<OperatorId, Controller>>> = {
  "leader-worker-set": {
    program: "lws-manager",
    arguments: ({ folder }) => ["--config", configurationFile(folder)],
    prepare: prepareLeaderWorkerSet,
    webhook: true,
  },
  kuberay: {
    program: "kuberay-operator",
    arguments: ({ ports }) => [
      "--enable-leader-election=false",
      "--metrics-addr=0",
      `--health-probe-bind-address=${loopback}:${ports.health}`,
    ],
    webhook: false,
  },
};

function configurationFile(folder: string): string {
  return path.join(folder, "configuration.json");
}

/** @see sigs.k8s.io/lws v0.8.0 api/config/v1alpha1/configuration_types.go */
function prepareLeaderWorkerSet({ folder, ports }: ControllerPlace, certificates: string): void {
  const certDir = path.join(folder, "certificate");
  fs.mkdirSync(certDir, { recursive: true });
  link(path.join(certificates, "admin.crt"), path.join(certDir, "tls.crt"));
  link(path.join(certificates, "admin.key"), path.join(certDir, "tls.key"));
  const configuration = {
    apiVersion: "config.lws.x-k8s.io/v1alpha1",
    kind: "Configuration",
    webhook: { host: loopback, port: ports.webhook, certDir },
    health: { healthProbeBindAddress: `${loopback}:${ports.health}` },
    metrics: { bindAddress: "0" },
    leaderElection: { leaderElect: false },
    internalCertManagement: { enable: false },
  };
  fs.writeFileSync(configurationFile(folder), JSON.stringify(configuration, undefined, 2));
}

function link(target: string, file: string): void {
  fs.rmSync(file, { force: true });
  fs.symlinkSync(target, file);
}
