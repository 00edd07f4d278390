import { describe } from "vitest";

import { repoName } from "../../src/core/names.ts";
import { APP, REPO } from "../support/github.ts";
import { sandboxWorld } from "../support/sandbox-world.ts";
import { forgeContract } from "./forge.suite.ts";
import { forgeWordsContract } from "./forge-words.suite.ts";
import type { ForgeWorld } from "./forge-world.ts";

async function sandboxForge(): Promise<ForgeWorld> {
  const world = await sandboxWorld();
  const { github, app, installation } = world;
  const at = (user: string) => ({ repo: REPO, user });
  return {
    ...world,
    forge: app.forge(installation, repoName(REPO)),
    bot: `${APP.slug}[bot]`,
    about: (at) => Math.floor(at / 1_000) * 1_000,
    read: (branch, path) => github.readFile(REPO, branch, path),
    openAs: async (user, branch, from) => {
      const fork = from === "fork" ? ({ fork: "own", files: { [`${branch}.yaml`]: "1" } } as const) : {};
      return (await github.openPull({ ...at(user), branch, title: branch, ...fork })).number;
    },
    closeAs: async (user, number) => void (await github.editPull({ ...at(user), number, state: "closed" })),
    mergeAs: async (user, number) => void (await github.mergePull({ ...at(user), number })),
    markAs: (user, number, { draft, label }) => {
      if (draft) github.convertToDraft({ ...at(user), number });
      github.addLabel({ ...at(user), number, label });
    },
    deleteBranchAs: (user, branch) => github.deleteBranch({ ...at(user), branch }),
    commentAs: async (user, number, body) => github.comment({ ...at(user), number, body }).id,
    editAs: async (user, id, body) => void github.editComment({ ...at(user), id, body }),
    said: async (pull) => github.comments(REPO, pull).map(({ author, body }) => ({ author: author.login, body })),
    isOpen: async (pull) => github.pulls(REPO).find(({ number }) => number === pull)?.state.kind === "open",
    allow: (mergeMethods) => github.configure(REPO, { mergeMethods }),
    requireGate: () => github.configure(REPO, { requiredChecks: [{ name: "tidegate/gate", appId: APP.id }] }),
    rule: (rules) => github.configure(REPO, rules),
    setTeam: github.setTeam,
    reportAsOther: async (headSha, name) => {
      await github.reportCheck({
        repo: REPO,
        app: "ci",
        sha: headSha,
        name,
        status: "completed",
        conclusion: "success",
      });
    },
    statusAs: (user, sha, context, state) => github.postStatus({ ...at(user), sha, context, state }),
    deployAs: (user, sha, environment, state) => github.reportDeployment({ ...at(user), sha, environment, state }),
    writes: () => github.calls().filter(({ method }) => method !== "GET").length,
  };
}

describe("the forge over the sandbox", () => {
  forgeContract(sandboxForge);
  forgeWordsContract(sandboxForge);
});
