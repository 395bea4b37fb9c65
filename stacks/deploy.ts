import { Provider } from "@pulumi/kubernetes/provider";
import type { Output } from "@pulumi/pulumi";
import type { Pool, SecretRef } from "../components/base";
import { LayerNamespace } from "../components/namespaces/layer-namespace";
import { ExistingPool } from "../components/nodes/existing-pool";
import { PriorityClasses } from "../components/priorities/priority-classes";
import { declareRelease } from "../components/releases";
import { GeneratedSecret } from "../components/secrets/generated-secret";
import { BucketVolume } from "../components/weights/bucket-volume";
import type { By, Plan, ReleasePlan } from "../planning";

/** Declares everything that a plan says, layer by layer: each uses only what the layers before it made. */
export function deploy(plan: Plan) {
  const ground = declareGround(plan);
  const platform = declarePlatform(plan, ground);
  const serving = declareServing(plan, ground, platform.priorityClasses);
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
  const { classNames } = new PriorityClasses(
    "priorities",
    { environment: plan.environment, plan: plan.priorities },
    { provider },
  );
  return { namespace: namespace.namespaceName, priorityClasses: classNames };
}

/** The models. */
function declareServing(plan: Plan, { provider, pools }: Ground, priorityClasses: By<Output<string>>) {
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
    const priorityClass = release.priority === undefined ? undefined : priorityClasses[release.priority];
    const args = {
      environment,
      plan: release,
      pool,
      namespace,
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(priorityClass === undefined ? {} : { priorityClass }),
    };
    const volumes = (release.buckets ?? []).map(
      (bucket) =>
        new BucketVolume(bucket.claim, { environment, release: release.name, plan: bucket, namespace }, { provider }),
    );
    const { serviceName } = declareRelease(release.name, args, { provider, dependsOn: volumes });
    return [release.name, serviceName] as const;
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
