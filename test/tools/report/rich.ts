import { planEnvironment, type Plan } from "../../../planning";
import { everything } from "../../environment/everything";
import { load, smallest, today } from "../../harness/environments";

/**
 * An environment with everything that a plan shows: machines owned, reserved and on the spot market, releases under the
 * load of routes, a fallback to a provider, tenants, facts of every standing.
 */
const rich = {
  clusters: smallest.clusters,
  pools: {
    own: { ...smallest.pools.gpus, accelerator: "H100-80GB", gpusPerNode: 8 },
    l40s: everything.pools.rented,
    burst: {
      cluster: "here",
      instances: ["g6.24xlarge", "g5.12xlarge"],
      region: "us-east-1",
      purchase: "spot",
      quota: "384 vCPU",
      disk: "300GiB",
      nodes: { min: 0, max: 2 },
      provisioning: "6m",
    },
  },
  releases: {
    chat: { ...smallest.releases.chat, pool: "l40s", replicas: "auto" },
    large: {
      ...smallest.releases.chat,
      model: "Qwen/Qwen3-32B",
      pool: "own",
      quantization: "auto",
      replicas: { min: 1, max: 3 },
    },
    night: { ...smallest.releases.chat, pool: "burst", replicas: 2 },
  },
  routes: {
    fast: {
      targets: [{ release: "chat" }],
      load: { requests: "5/s", peak: "12/s", inputTokens: 1200, outputTokens: 300, prefixHit: "30%" },
      slo: { ttftP95: "2s", interTokenP95: "80ms" },
      fallback: [{ external: "claude", share: "5%" }],
      tenants: { search: "60%", support: "40%" },
    },
    deep: {
      targets: [{ release: "large" }],
      load: { requests: "0.2/s", inputTokens: 3000, outputTokens: 400 },
      slo: { ttftP95: "4s", interTokenP95: "80ms" },
    },
  },
  externalModels: { claude: { provider: "anthropic", model: "claude-haiku-4-5-20251001" } },
};

/** The plan of an environment that can work. */
export function planOf(environment: object, files: Readonly<Record<string, string>> = {}): Plan {
  const { plan, findings } = planEnvironment(load({ ...environment }, files).environment, today);
  if (plan === undefined) throw new Error(findings.map(({ message }) => message).join("\n"));
  return plan;
}

/** The same environment with one pool changed. */
export function richWithPool(name: keyof typeof rich.pools, changes: object): object {
  return { ...rich, pools: { ...rich.pools, [name]: { ...rich.pools[name], ...changes } } };
}

export const richPlan = planOf(rich);
