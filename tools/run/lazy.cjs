"use strict";
// @pulumi/pulumi loads the TypeScript compiler, npm's arborist and a file finder at its start, for the
// serialisation of closures, which we never use: two thirds of its load time. Here they are loaded when something first touches
// them; the compiler's version alone is answered from its package.json.
const Module = require("node:module");

const known = {
  typescript: { version: () => require("typescript/package.json").version },
  "@npmcli/arborist": {},
  fdir: {},
};
const load = Module._load;
Module._load = function (request, parent, isMain) {
  const fromPulumi = /[\\/]@pulumi[\\/]pulumi[\\/]/.test(parent?.filename ?? "");
  if (!Object.hasOwn(known, request) || !fromPulumi) return load.call(this, request, parent, isMain);
  let loaded;
  const module = () => (loaded ??= load.call(this, request, parent, isMain));
  return new Proxy(
    {},
    {
      get(_, key) {
        if (key === "__esModule") return true;
        return Object.hasOwn(known[request], key) ? known[request][key]() : module()[key];
      },
    },
  );
};
