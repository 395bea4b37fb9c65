/** Parts of a release that engines have alike. */
import { resolveModel, type ResolvedModel } from "../../catalog/model-names";
import type { ApiKeySettings, DescribedModel } from "../../environment";
import { namespaceName, parts } from "../names";
import type { ApiKeyPlan, By, Flow, PoolPlan } from "../plan";
import type { NodeQuestion } from "../time";

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

/** How long a machine takes before pods run on it: none, where all of a pool's are always there. */
export function machineStart({ provisioningSeconds }: Pick<PoolPlan, "provisioningSeconds">): NodeQuestion {
  if (provisioningSeconds === 0) return { kind: "existing" };
  return { kind: "cloud", measured: { value: provisioningSeconds, source: "the setting `provisioning`" } };
}

export const dnsFlow: Flow = { direction: "egress", to: "dns" };

export function apiKeyOf(apiKey: ApiKeySettings): ApiKeyPlan {
  return apiKey === "generated" ? { from: "generated" } : { from: "secret", ...apiKey };
}

/** A model of the environment's own, or the one that the catalogue knows by this name. */
export function modelNamed(name: string, models: By<DescribedModel>): ResolvedModel {
  const described = Object.hasOwn(models, name) ? models[name] : undefined;
  if (described !== undefined) return { model: described, format: described.format };
  const found = resolveModel(name);
  if (found === undefined) throw new RangeError(`not in the catalogue: ${name}`);
  return found;
}
