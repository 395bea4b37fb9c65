/** Parts of a release that engines have alike. */
import type { ApiKeySettings } from "../../environment";
import { namespaceName, parts } from "../names";
import type { ApiKeyPlan, Flow } from "../plan";

/** An image by tag and digest: the tag is for people, the digest decides. Without a digest the tag alone is left. */
export function imageReference(repository: string, tag: string, digest: string | undefined): string {
  return digest === undefined ? `${repository}:${tag}` : `${repository}:${tag}@${digest}`;
}

/** The gateway sends requests and the metrics collector reads metrics. */
export function ingressFlows(environment: string, port: number, metricsPort = port): readonly Flow[] {
  const namespace = namespaceName(environment, "platform");
  return [
    { direction: "ingress", from: { namespace, part: parts.gateway }, port },
    { direction: "ingress", from: { namespace, part: parts.observability }, port: metricsPort },
  ];
}

export const dnsFlow: Flow = { direction: "egress", to: "dns" };

export function apiKeyOf(apiKey: ApiKeySettings): ApiKeyPlan {
  return apiKey === "generated" ? { from: "generated" } : { from: "secret", ...apiKey };
}
