export { exactly, worstStanding, type Amount } from "./amount";
export * from "./explain";
export * from "./findings";
export * from "./money";
export * from "./pool";
export * from "./routes";
export * from "./tokens";
