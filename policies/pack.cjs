"use strict";
// CrossGuard loads a pack by its package.json; this runs the pack's TypeScript as it stands on disk.
require("../tools/run/typescript.cjs");
require("./index.ts");
