import { z } from "zod";
import { settings } from "../../settings";
import { vllmShape } from "./vllm";
import { checkVllm } from "./vllm-checks";

/** What vLLM's own server does, and Ray Serve does in another way or not at all. */
const notThere = {
  nodes: "a replica of Ray Serve stays on one machine here",
  lora: "Ray Serve loads adapters from a bucket at run time, which is not set up here",
  queueLimits: "Ray Serve has no such limits",
  extraArgs: "they are arguments of `vllm serve`, which Ray Serve does not run",
} as const;

export const rayServeRelease = settings({
  engine: z.literal("ray-serve").describe("vLLM inside Ray Serve, on a cluster that KubeRay makes."),
  ...vllmShape,
  dashboard: z
    .boolean()
    .default(false)
    .describe(
      "Whether the gateway may reach Ray's dashboard. It asks for the cluster's token either way. Default false.",
    ),
  operatorNamespace: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, "not the name of a namespace")
    .default("kuberay-system")
    .describe("The namespace of KubeRay, which talks to the cluster that it made. Default `kuberay-system`."),
})
  .superRefine(checkVllm)
  .superRefine((release, context) => {
    const said: readonly (readonly [keyof typeof notThere, boolean])[] = [
      ["nodes", release.nodes > 1],
      ["lora", release.lora !== undefined],
      ["queueLimits", Object.values(release.queueLimits).some((value) => value !== undefined)],
      ["extraArgs", release.extraArgs.length > 0],
    ];
    for (const [key, wrong] of said)
      if (wrong) context.addIssue({ code: "custom", path: [key], message: notThere[key] });
  });

export type RayServeSettings = z.output<typeof rayServeRelease>;
