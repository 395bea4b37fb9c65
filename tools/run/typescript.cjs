"use strict";
/**
 * Runs TypeScript as it stands on disk: never type-checked here, never stale. Loaded first by everything that
 * runs our code: the command line (`tools/cli/modelyard.cjs`), Pulumi's Node host (`nodeargs` in Pulumi.yaml),
 * the policy pack, and the stand-in providers.
 */
const Module = require("node:module");

// @pulumi/pulumi loads the TypeScript compiler and npm's arborist at its start, for the serialisation of
// closures, which we never use: two thirds of its load time. They are loaded when something first touches them.
const lazy = new Set(["@npmcli/arborist", "typescript"]);
const load = Module._load;
Module._load = function (request, parent, isMain) {
  const fromPulumi = /[\\/]@pulumi[\\/]pulumi[\\/]/.test(parent?.filename ?? "");
  if (!lazy.has(request) || !fromPulumi) return load.call(this, request, parent, isMain);
  let loaded;
  const module = () => (loaded ??= load.call(this, request, parent, isMain));
  return new Proxy({}, { get: (_, key) => (key === "__esModule" ? true : module()[key]) });
};

require("tsx/cjs");
