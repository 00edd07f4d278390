import { execFile, execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { sha, type Sha } from "../../src/core/names.ts";

const run = promisify(execFile);

type Files = Readonly<Record<string, string>>;

/** A repository on a server, written by pushes of one commit. */
export type RealGit = {
  /** Commits files on top of a branch's tip, or as a first commit; gives the commit. */
  readonly push: (branch: string, files: Files, parent: Sha | undefined) => Promise<Sha>;
  /** Removes every branch under a prefix. */
  readonly sweep: (prefix: string) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Pushes to an address with a token, which stands on no command line. */
export async function realGit(url: string, token: string): Promise<RealGit> {
  const root = await mkdtemp(join(tmpdir(), "contract-"));
  const basic = Buffer.from(`x-access-token:${token}`).toString("base64");
  const env = {
    ...process.env,
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_SYSTEM: "/dev/null",
    GIT_TERMINAL_PROMPT: "0",
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "http.extraHeader",
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
  };
  const git = async (...args: readonly string[]) => (await run("git", args, { cwd: root, env })).stdout;
  await git("init", "--bare", "--quiet");
  return {
    push: async (branch, files, parent) => {
      if (parent !== undefined && !(await isThere(git, parent)))
        await git("fetch", "--quiet", "--depth=1", url, parent);
      const made = committed(root, { branch, files, parent });
      await git("push", "--quiet", url, `${made}:refs/heads/${branch}`);
      return made;
    },
    sweep: async (prefix) => {
      const listed = await git("ls-remote", url, `refs/heads/${prefix}/*`);
      const refs = listed.split("\n").flatMap((line) => line.split("\t").slice(1));
      if (refs.length > 0) await git("push", "--quiet", url, ...refs.map((ref) => `:${ref}`));
    },
    close: () => rm(root, { recursive: true, force: true }),
  };
}

type Git = (...args: readonly string[]) => Promise<string>;

function isThere(git: Git, commit: Sha): Promise<boolean> {
  return git("cat-file", "-e", `${commit}^{tree}`).then(
    () => true,
    () => false,
  );
}

type Order = { readonly branch: string; readonly files: Files; readonly parent: Sha | undefined };

// The branch is each world's own: equal changes of two worlds in one second would be one commit, and share its checks.
function committed(root: string, { branch, files, parent }: Order): Sha {
  const parts = [
    `commit refs/heads/${branch}\ncommitter Tidegate <tidegate@example.com> now\n${data(`Change ${branch}`)}`,
    parent === undefined ? "" : `from ${parent}\n`,
    ...Object.entries(files).map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`),
    "\nget-mark :1\n",
  ];
  const input = parts.join("").replace("\ncommitter", "\nmark :1\ncommitter");
  const options = { cwd: root, input, encoding: "utf8" } as const;
  return sha(execFileSync("git", ["fast-import", "--quiet", "--force", "--date-format=now"], options).trim());
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}
