export * from "./budget";
export * from "./explain";
export * from "./fetch";
export * from "./findings";
export { timePartIds, type TimePart, type TimePartId } from "./parts";
export * from "./question";
