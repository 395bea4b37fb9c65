import type { Flow } from "../../planning";
import { partLabel } from "../base";

/** Cluster networks, link-local addresses and the cloud's metadata service: never reached over "the internet". */
const notInternet = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"];

type Ingress = Extract<Flow, { direction: "ingress" }>;
type Egress = Extract<Flow, { direction: "egress" }>;

interface PodSelector {
  readonly matchLabels: Readonly<Record<string, string>>;
}

/** The rules of a NetworkPolicy that allow the planned flows and nothing else. */
export function networkRules(flows: readonly Flow[], ownPods: PodSelector) {
  return {
    policyTypes: ["Ingress", "Egress"],
    ingress: [...among(flows, (peer) => ({ from: [peer] }), ownPods), ...flows.filter(isIngress).map(ingressRule)],
    egress: [...among(flows, (peer) => ({ to: [peer] }), ownPods), ...flows.filter(isEgress).map(egressRule)],
  };
}

/** Pods of one release that talk to each other do so both ways. */
function among<Rule>(
  flows: readonly Flow[],
  rule: (peer: { readonly podSelector: PodSelector }) => Rule,
  podSelector: PodSelector,
): readonly Rule[] {
  return flows.some(({ direction }) => direction === "both") ? [rule({ podSelector })] : [];
}

function isIngress(flow: Flow): flow is Ingress {
  return flow.direction === "ingress";
}

function isEgress(flow: Flow): flow is Egress {
  return flow.direction === "egress";
}

function ingressRule({ from, port }: Ingress) {
  const peer = {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": from.namespace } },
    podSelector: { matchLabels: "part" in from ? { [partLabel]: from.part } : from.labels },
  };
  return { from: [peer], ports: [{ protocol: "TCP", port }] };
}

function egressRule(flow: Egress) {
  if (flow.to === "internet") {
    return {
      to: [{ ipBlock: { cidr: "0.0.0.0/0", except: notInternet } }],
      ports: [{ protocol: "TCP", port: flow.port }],
    };
  }
  if (flow.to === "networks") {
    return {
      to: flow.networks.map((cidr) => ({ ipBlock: { cidr } })),
      ports: [{ protocol: "TCP", port: flow.port }],
    };
  }
  const resolver = {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
    podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
  };
  const ports = ["UDP", "TCP"].map((protocol) => ({ protocol, port: 53 }));
  return { to: [resolver], ports };
}
