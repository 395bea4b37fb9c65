"use strict";
// Runs a policy pack the way Pulumi's Node host does, without the type check that the host's ts-node would make
// at every start: the pack brings its own loader (policies/pack.cjs).
const Module = require("node:module");
require("../lazy.cjs");

const load = Module._load;
Module._load = function (request, parent, isMain) {
  const fromPulumi = /[\\/]@pulumi[\\/]pulumi[\\/]/.test(parent?.filename ?? "");
  const isTsNode = fromPulumi && /(^|[\\/])ts-node(@|[\\/]|$)/.test(request);
  return isTsNode ? { register: () => undefined } : load.call(this, request, parent, isMain);
};
require("@pulumi/pulumi/cmd/run-policy-pack");
