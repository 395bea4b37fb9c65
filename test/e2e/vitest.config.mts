import { defineConfig } from "vitest/config";

/** Suites with the real Pulumi and a real control plane: one file after the other, each with minutes to spare. */
export default defineConfig({
  test: {
    include: ["test/e2e/**/*.e2e.test.ts"],
    pool: "forks",
    fileParallelism: false,
    testTimeout: 300_000,
    // The first run on a machine builds the real parts.
    hookTimeout: 3_000_000,
    bail: 0,
  },
});
