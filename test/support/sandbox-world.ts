import { githubApp, type GitHubApp } from "../../src/adapters/github/app.ts";
import { mergesOf, pushesOf } from "../../src/adapters/github/budget.ts";
import { sha, type Sha } from "../../src/core/names.ts";
import type { GitHubOptions } from "../../src/sandbox/github/start.ts";
import { APP, REPO, testGitHub, type TestGitHub } from "./github.ts";
import { memoryLog } from "./remote.ts";

export type SandboxWorld = TestGitHub & {
  readonly app: GitHubApp;
  readonly installation: number;
  readonly log: ReturnType<typeof memoryLog>;
  readonly now: () => number;
  readonly pass: (ms: number) => void;
  readonly push: (branch: string, files: Readonly<Record<string, string | undefined>>) => Promise<Sha>;
  readonly tip: (branch: string) => Promise<Sha | undefined>;
};

/** A sandbox GitHub on a clock that starts at the machine's, and our App signed in to it. */
export async function sandboxWorld(options: Partial<GitHubOptions> = {}): Promise<SandboxWorld> {
  // The App signs its tokens by the machine's clock.
  const start = Date.now();
  let passed = 0;
  const now = () => start + passed;
  const test = await testGitHub({ clock: { now }, ...options });
  const { github, key } = test;
  const log = memoryLog();
  const sleep = async (ms: number) => {
    passed += ms;
  };
  const app = githubApp({
    app: { id: APP.id, privateKey: key.privateKey },
    baseUrl: github.url,
    clock: { now, sleep },
    log,
    // What GitHub only advises would hold up tests of something else.
    limits: { minWriteGapMs: 0, pushes: pushesOf(10_000), merges: mergesOf(10_000) },
  });
  return {
    ...test,
    app,
    log,
    now,
    installation: github.installationId(REPO),
    pass: (ms) => {
      passed += ms;
    },
    push: async (branch, files) =>
      sha(await github.push({ repo: REPO, user: "ben", branch, files, message: "Change", date: now() })),
    tip: async (branch) => {
      const [commit] = await github.log(REPO, branch);
      return commit === undefined ? undefined : sha(commit.sha);
    },
  };
}
