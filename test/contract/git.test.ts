import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

import { describe } from "vitest";

import { openMirror } from "../../src/adapters/git/git.ts";
import { repoName, sha, type Sha } from "../../src/core/names.ts";
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
    const push = async (branch: string, files: Parameters<typeof remote.commit>[1]) => {
      if (tip(branch) === "") remote.git("branch", branch, "main");
      return remote.commit(branch, files);
    };
    return {
      git,
      push,
      link: (branch, path, to) => push(branch, { [path]: { mode: "120000", text: to } }),
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
    const link = async (branch: string, path: string, to: string) =>
      pushLink(join(root, "work"), withToken(world.github.gitUrl(REPO), await token()), { branch, path, to });
    return { git, push: world.push, link, tip: world.tip, close };
  });
});

function withToken(plain: string, token: string): string {
  const url = new URL(plain);
  url.username = "x-access-token";
  url.password = token;
  return url.href;
}

type Link = { readonly branch: string; readonly path: string; readonly to: string };

/** The sandbox's people push files alone: a link goes as git itself pushes it. */
async function pushLink(work: string, url: string, { branch, path, to }: Link): Promise<Sha> {
  const git = async (...args: readonly string[]) => (await run("git", [...WHO, ...args])).stdout.trim();
  await git("clone", "--quiet", url, work);
  mkdirSync(dirname(join(work, path)), { recursive: true });
  symlinkSync(to, join(work, path));
  await git("-C", work, "add", ".");
  await git("-C", work, "commit", "--quiet", "--message", "Link it");
  await git("-C", work, "push", "--quiet", "origin", `HEAD:refs/heads/${branch}`);
  return sha(await git("-C", work, "rev-parse", "HEAD"));
}

const run = promisify(execFile);
const WHO = ["-c", "user.name=ben", "-c", "user.email=ben@example.com"];
