import { describe } from "vitest";

import { repoName } from "../../src/core/names.ts";
import { APP, REPO } from "../support/github.ts";
import { sandboxWorld } from "../support/sandbox-world.ts";
import { forgeContract } from "./forge.suite.ts";

describe("the forge over the sandbox", () => {
  forgeContract(async () => {
    const world = await sandboxWorld();
    const { github, app, installation } = world;
    const at = (user: string) => ({ repo: REPO, user });
    return {
      ...world,
      forge: app.forge(installation, repoName(REPO)),
      bot: `${APP.slug}[bot]`,
      read: (branch, path) => github.readFile(REPO, branch, path),
      openAs: async (user, branch, from) => {
        const fork = from === "fork" ? ({ fork: "own", files: { [`${branch}.yaml`]: "1" } } as const) : {};
        return (await github.openPull({ ...at(user), branch, title: branch, ...fork })).number;
      },
      commentAs: async (user, number, body) => github.comment({ ...at(user), number, body }).id,
      editAs: async (user, id, body) => void github.editComment({ ...at(user), id, body }),
      said: async (pull) => github.comments(REPO, pull).map(({ author, body }) => ({ author: author.login, body })),
      isOpen: async (pull) => github.pulls(REPO).find(({ number }) => number === pull)?.state.kind === "open",
      allow: (mergeMethods) => github.configure(REPO, { mergeMethods }),
      requireGate: () => github.configure(REPO, { requiredChecks: [{ name: "tidegate/gate", appId: APP.id }] }),
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
      writes: () => github.calls().filter(({ method }) => method !== "GET").length,
    };
  });
});
