"use strict";
// Runs TypeScript as it stands on disk: never type-checked here, never stale. Loaded first by everything that
// runs our code: the command line (`tools/cli/modelyard.cjs`), Pulumi's Node host (`nodeargs` in Pulumi.yaml),
// the policy pack, and stand-in providers.
require("./lazy.cjs");
require("tsx/cjs");
