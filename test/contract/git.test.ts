import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe } from "vitest";

import { openMirror } from "../../src/adapters/git/git.ts";
import { repoName, sha } from "../../src/core/names.ts";
import { REPO } from "../support/github.ts";
import { bareRemote, memoryLog } from "../support/remote.ts";
import { sandboxWorld } from "../support/sandbox-world.ts";
import { gitContract } from "./git.suite.ts";

describe("git over a bare repository", () => {
  gitContract(async () => {
    const remote = bareRemote();
    const git = await openMirror({
      directory: join(remote.root, "mirror"),
      url: remote.url,
      token: async () => "none",
      log: memoryLog(),
      ambient: process.env,
    });
    const tip = (branch: string) => remote.git("for-each-ref", "--format=%(objectname)", `refs/heads/${branch}`);
    return {
      git,
      push: async (branch, files) => {
        if (tip(branch) === "") remote.git("branch", branch, "main");
        return remote.commit(branch, files);
      },
      tip: async (branch) => (tip(branch) === "" ? undefined : sha(tip(branch))),
      close: async () => remote.remove(),
    };
  });
});

describe("git over the sandbox", () => {
  gitContract(async () => {
    const world = await sandboxWorld();
    const root = mkdtempSync(join(tmpdir(), "mirror-"));
    const token = (refused?: string) => world.app.token(world.installation, repoName(REPO), refused);
    const git = await openMirror({
      directory: join(root, "mirror"),
      url: world.github.gitUrl(REPO),
      token,
      log: world.log,
      ambient: process.env,
    });
    const close = async () => {
      await world.close();
      rmSync(root, { recursive: true, force: true });
    };
    return { git, push: world.push, tip: world.tip, close };
  });
});
