/** Where adapters are, each in a directory of its name. */
export const adaptersPath = "/adapters";
