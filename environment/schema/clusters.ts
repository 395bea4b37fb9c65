import { z } from "zod";
import { settings } from "../settings";

export const cluster = settings({
  kind: z.literal("existing").describe("A cluster that somebody else made and that a kubeconfig reaches."),
  context: z
    .string()
    .min(1)
    .describe(
      "The kubeconfig context that this environment may touch. No other cluster is ever used, whatever is current.",
    ),
});

export type ClusterSettings = z.output<typeof cluster>;
