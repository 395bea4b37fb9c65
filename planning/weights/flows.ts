import { podIdentityAgent } from "../../catalog/weights";
import type { WeightsSettings } from "../../environment";
import type { Arithmetic, By, Flow } from "../plan";

/** What whoever downloads weights reaches; nothing where a volume has them. */
export function weightsFlows(weights: WeightsSettings): readonly Flow[] {
  switch (weights.from) {
    case "hub":
      return [
        { direction: "egress", to: "internet", port: 443, reason: "weights are downloaded from the Hugging Face hub" },
      ];
    case "s3":
      return [bucketFlow(weights), ...(weights.credentials === "identity" ? [identityFlow] : [])];
    case "pvc":
    case "oci":
      return [];
  }
}

function bucketFlow({ endpoint, networks }: Extract<WeightsSettings, { from: "s3" }>): Flow {
  const port = portOf(endpoint);
  const reason = "weights are read from the bucket";
  return networks === undefined
    ? { direction: "egress", to: "internet", port, reason }
    : { direction: "egress", to: "networks", networks, port, reason };
}

function portOf(endpoint: string | undefined): number {
  const written = endpoint === undefined ? "" : new URL(endpoint).port;
  return written === "" ? 443 : Number(written);
}

/** The agent of EKS hands out keys on every machine. The metadata service, whose keys are the machine's, stays closed. */
const identityFlow: Flow = {
  direction: "egress",
  to: "networks",
  networks: [podIdentityAgent.network],
  port: podIdentityAgent.port,
  reason: "the pod's identity gives the keys for the bucket",
};

/** The arithmetic of ports that somebody reaches, by their place among the flows. */
export function explainFlows(flows: readonly Flow[]): By<Arithmetic> {
  return Object.fromEntries(
    flows.flatMap((flow, index): [string, Arithmetic][] =>
      "reason" in flow ? [[`flows.${index}.port`, { formula: flow.reason, terms: [], result: flow.port }]] : [],
    ),
  );
}
