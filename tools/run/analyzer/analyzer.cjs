"use strict";
require("../typescript.cjs");
require("@pulumi/pulumi/cmd/run-policy-pack");
