export { Component } from "./component";
export { labels, ownershipLabel, partLabel, selectorLabels, type Identity } from "./labels";
export type { Pool } from "./pool";
export type { SecretRef } from "./secret-ref";
export { transformed, type Transform } from "./transform";
