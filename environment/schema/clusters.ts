import { z } from "zod";
import { operatorIds } from "../../catalog/operators";
import { kubernetesMinor } from "../../catalog/versions";
import { settings } from "../settings";
import { labelKey, labelValue } from "./common";

const address = z
  .string()
  .regex(
    /^https?:\/\/[a-z0-9]([-.a-z0-9]*[a-z0-9])?(:\d{1,5})?(\/[\w./-]*)?$/,
    "an address is written as http://prometheus-operated.monitoring.svc:9090, without user, password or query",
  );

export const cluster = settings({
  kind: z.literal("existing").describe("A cluster that somebody else made and that a kubeconfig reaches."),
  context: z
    .string()
    .min(1)
    .describe(
      "The kubeconfig context that this environment may touch. No other cluster is ever used, whatever is current.",
    ),
  kubernetes: z
    .string()
    .regex(/^1\.\d{2}$/, "a version of Kubernetes is written as 1.35")
    .default(kubernetesMinor)
    .describe(`The minor version of Kubernetes that the cluster runs. Default ${kubernetesMinor}.`),
  operators: z
    .array(z.enum(operatorIds))
    .refine((ids) => new Set(ids).size === ids.length, "an operator is named once")
    .default([])
    .describe("What the cluster has beyond Kubernetes itself. Default: nothing."),
  prometheus: address
    .optional()
    .describe("Where Prometheus answers queries, as the autoscaler reaches it. Needed where pods are scaled."),
  monitorLabels: z
    .record(labelKey, labelValue)
    .default({})
    .describe("Labels by which that Prometheus selects its PodMonitors. Default: none; it then has to select all."),
  apiServer: settings({
    networks: z
      .array(z.cidrv4("a network is written as 10.0.0.0/28"))
      .min(1)
      .describe("Networks with the addresses of the API server's own machines."),
    port: z.int().min(1).max(65535).default(6443).describe("The port that it listens on there. Default 6443."),
  })
    .optional()
    .describe("Where the API server is, as network policies see it. Needed where Ray scales its workers itself."),
  devices: z
    .enum(["plugin", "dra"])
    .default("plugin")
    .describe(
      "How pods get GPUs: counted by a device plugin, or claimed one by one (`dra`, dynamic resource allocation). Default `plugin`.",
    ),
});

export type ClusterSettings = z.output<typeof cluster>;
