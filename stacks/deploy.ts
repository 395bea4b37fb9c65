import { Provider } from "@pulumi/kubernetes/provider";
import type { Output } from "@pulumi/pulumi";
import type { Pool, SecretRef } from "../components/base";
import { LayerNamespace } from "../components/namespaces/layer-namespace";
import { ExistingPool } from "../components/nodes/existing-pool";
import { declareRelease } from "../components/releases";
import { GeneratedSecret } from "../components/secrets/generated-secret";
import type { By, Plan, ReleasePlan } from "../planning";

/** Declares everything that a plan says, layer by layer: each uses only what the layers before it made. */
export function deploy(plan: Plan) {
  const ground = declareGround(plan);
  const platform = declarePlatform(plan, ground);
  const serving = declareServing(plan, ground);
  return {
    namespaces: { platform: platform.namespace, serving: serving.namespace },
    usdPerHourAtMaximum: plan.cost.usdPerHour,
    services: serving.services,
  };
}

interface Ground {
  /** Reaches the one cluster that the environment names, whatever context is current. */
  readonly provider: Provider;
  readonly pools: By<Pool>;
}

/** What everything stands on: the cluster and its machines. */
function declareGround(plan: Plan): Ground {
  const provider = new Provider("cluster", { context: plan.context });
  const pools = Object.values(plan.pools).map(
    (pool) => [pool.name, new ExistingPool(pool.name, { plan: pool })] as const,
  );
  return { provider, pools: Object.fromEntries(pools) };
}

/** What all releases share. */
function declarePlatform(plan: Plan, { provider }: Ground) {
  const namespace = new LayerNamespace(
    "platform",
    { environment: plan.environment, plan: plan.namespaces.platform },
    { provider },
  );
  return { namespace: namespace.namespaceName };
}

/** The models. */
function declareServing(plan: Plan, { provider, pools }: Ground) {
  const layer = new LayerNamespace(
    "serving",
    { environment: plan.environment, plan: plan.namespaces.serving },
    { provider },
  );
  const namespace = layer.namespaceName;
  const services = Object.values(plan.releases).map((release) => {
    const { environment } = plan;
    const pool = pools[release.pool];
    if (pool === undefined)
      throw new RangeError(`the plan of ${release.name} names the pool ${release.pool}, which it does not have`);
    const apiKey = apiKeyOf(release, environment, namespace, provider);
    const args = { environment, plan: release, pool, namespace, ...(apiKey === undefined ? {} : { apiKey }) };
    const { service } = declareRelease(release.name, args, { provider });
    return [release.name, service.metadata.name] as const;
  });
  return { namespace, services: Object.fromEntries(services) };
}

function apiKeyOf(
  { apiKey, name }: ReleasePlan,
  environment: string,
  namespace: Output<string>,
  provider: Provider,
): SecretRef | undefined {
  if (apiKey === null) return undefined;
  if (apiKey.key.from === "secret") return { name: apiKey.key.secret, key: apiKey.key.key };
  const identity = { environment, part: "release", instance: name };
  const secretName = `${name}-api-key`;
  return new GeneratedSecret(secretName, { namespace, secretName, identity }, { provider }).ref;
}
