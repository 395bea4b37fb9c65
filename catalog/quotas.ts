import type { Source } from "./fact";

/** How machines are bought, as far as quotas tell it apart. Reserved ones count as on-demand. */
export type QuotaPurchase = "on-demand" | "spot";

/** A limit of AWS on vCPUs of running machines, per account and region. */
export interface VcpuQuota extends Source {
  /** Code in Service Quotas, where an increase is asked for; the service is `ec2`. */
  readonly code: string;
  readonly name: string;
  /** vCPUs that a new account has. */
  readonly default: number;
}

const table: Source = {
  source: "AWS General Reference, Amazon EC2 endpoints and quotas, as a public repository copies it",
  date: "2026-11-21",
  standing: "exact",
};
const restated: Source = {
  source: "AWS documentation, as public scripts use it",
  date: "2026-11-21",
  standing: "exact",
};

const quota = (code: string, name: string, free: number, source: Source): VcpuQuota => ({
  code,
  name,
  default: free,
  ...source,
});

const running = (code: string, families: string, free = 0): VcpuQuota =>
  quota(code, `Running On-Demand ${families} instances`, free, restated);
const requests = (code: string, families: string, free = 0): VcpuQuota =>
  quota(code, `All ${families} Spot Instance Requests`, free, table);

const standard = "Standard (A, C, D, H, I, M, R, T, Z)";

interface Class {
  readonly families: RegExp;
  readonly onDemand: VcpuQuota;
  /** Undefined where AWS documents none. */
  readonly spot: VcpuQuota | undefined;
}

const onDemandP = running("L-417A185B", "P");

/** Classes of families, the first that matches counts. */
const classes: readonly Class[] = [
  {
    families: /^(g|vt)\d|^gr\d/,
    onDemand: running("L-DB2E81BA", "G and VT"),
    spot: requests("L-3819A6DF", "G and VT"),
  },
  { families: /^p[234]/, onDemand: onDemandP, spot: requests("L-7212CCBC", "P4, P3 and P2") },
  { families: /^p5/, onDemand: onDemandP, spot: requests("L-C4BD4855", "P5") },
  { families: /^p\d/, onDemand: onDemandP, spot: undefined },
  { families: /^inf\d/, onDemand: running("L-1945791B", "Inf"), spot: requests("L-B5D1601B", "Inf") },
  { families: /^trn\d/, onDemand: running("L-2C3B7624", "Trn"), spot: requests("L-6B0D517C", "Trn") },
  {
    families: /^[acdhimrtz]\d/,
    onDemand: running("L-1216C47A", standard, 5),
    spot: requests("L-34B43A08", standard, 5),
  },
];

/**
 * The quota that machines of a family count against, with all their vCPUs.
 *
 * @param family the part of an EC2 type before the dot, such as `g6e`
 * @returns undefined where none is known: a plan must then say that the quota was not checked
 */
export function vcpuQuota(family: string, purchase: QuotaPurchase): VcpuQuota | undefined {
  const found = classes.find(({ families }) => families.test(family));
  return purchase === "spot" ? found?.spot : found?.onDemand;
}
