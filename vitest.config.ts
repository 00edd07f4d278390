import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // All cores: the default leaves one idle, which on a machine with two is half of it.
    maxWorkers: "100%",
    testTimeout: 150_000,
    hookTimeout: 150_000,
    // No test may read the git or the proxy settings of the machine that it runs on.
    env: {
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_SYSTEM: "/dev/null",
      GIT_TERMINAL_PROMPT: "0",
      NO_PROXY: "127.0.0.1,localhost",
      TZ: "UTC",
    },
    // A run in CI prints one line per file and what failed; the numbers and the skipped tests are read from the report.
    reporters:
      process.env.CI === undefined ? ["default"] : ["default", ["json", { outputFile: "coverage/tests.json" }]],
  },
});
