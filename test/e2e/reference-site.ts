import fs from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { llama405, superPod } from "../harness/groups";

const Site = z.looseObject({
  clusters: z.object({ site: z.looseObject({ operators: z.array(z.string()) }) }),
  pools: z.record(z.string(), z.looseObject({ selector: z.record(z.string(), z.string()) })),
  releases: z.record(z.string(), z.looseObject({ pool: z.string() })),
});
/** The reference site as people wrote it, not as it was planned. */
export const site = Site.parse(parse(fs.readFileSync(path.join(__dirname, "../../stacks/onprem.yaml"), "utf8")));

/** The same site with a release over two machines more. */
export const withGroup = {
  ...site,
  clusters: { site: { ...site.clusters.site, operators: [...site.clusters.site.operators, "leader-worker-set"] } },
  pools: {
    ...site.pools,
    h100: { ...superPod, cluster: "site", price: "$0.5/GPU-hour", selector: { "gpu-type": "h100" } },
  },
  releases: {
    ...site.releases,
    "llama-405b": {
      ...llama405,
      weights: { from: "pvc", claim: "model-weights", path: "llama-405b" },
      pool: "h100",
      apiKey: { secret: "engine-api-keys", key: "llama-405b" },
    },
  },
};
