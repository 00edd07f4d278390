import { defineConfig } from "vitest/config";

// Functions of their arguments alone: nothing of one file is left for the next, and each need not load everything anew.
const PURE = [
  "analysis",
  "config",
  "core",
  "data",
  "lint",
  "manifest",
  "prose",
  "render",
  "scripts",
  "simulation",
  "template",
  "yaml",
].map((folder) => `test/${folder}/**/*.test.ts`);

const STORIES = ["test/stories/**/*.test.ts"];

// Once more on a real Redis: those that say most of the queue. All of them are there on demand, by the same variable.
const STORIES_ON_REDIS = ["good-bump", "bad-bump", "webhooks"].map((name) => `test/stories/${name}.test.ts`);
const ON_REDIS = { TIDEGATE_STORIES_QUEUE: "redis" };

export default defineConfig({
  test: {
    // They run in the order of their names: the longest files before the short ones, so that none is left to run alone at the end.
    projects: [
      { extends: true, test: { name: "stories", include: STORIES } },
      { extends: true, test: { name: "stories on Redis", include: STORIES_ON_REDIS, env: ON_REDIS } },
      { extends: true, test: { name: "world", include: ["test/**/*.test.ts"], exclude: [...PURE, ...STORIES] } },
      { extends: true, test: { name: "pure", include: PURE, isolate: false } },
    ],
    // All cores: the default leaves one idle, which on a machine with two is half of it.
    maxWorkers: "100%",
    setupFiles: ["test/support/laws-seed.ts"],
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
