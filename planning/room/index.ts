export * from "./explain";
export * from "./findings";
export type { Dimension, Machine, Machines, Tenant, ZoneSpread } from "./machine";
export * from "./need";
export * from "./pack";
export * from "./pool";
export * from "./quota";
export * from "./surge";
