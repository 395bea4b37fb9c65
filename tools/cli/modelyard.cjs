#!/usr/bin/env node
"use strict";
// Plain JavaScript, so that an old Node gets a sentence instead of a syntax error.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Modelyard needs Node 20.19 or later; this is ${process.versions.node}.`);
  process.exit(2);
}
require("../install.cjs");
require("../run/typescript.cjs");
require("./main.ts").main(process.argv.slice(2));
