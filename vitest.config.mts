import { defineConfig } from "vitest/config";

/** Fast tests: no network, no Pulumi CLI, no servers. The slower suites have their own configuration below test/. */
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/e2e/**"],
    // Loading Pulumi's SDK costs each worker a third of a second.
    pool: "threads",
    maxWorkers: 2,
    // Ends what hangs; on a busy machine a test that starts processes takes longer than the usual five seconds.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
