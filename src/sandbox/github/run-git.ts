import { spawn } from "node:child_process";

/** A bare repository, and the `PATH` on which git is found. */
export type GitPlace = { readonly dir: string; readonly path: string };

export type GitResult = { readonly code: number; readonly stdout: Buffer; readonly stderr: string };

export type GitInput = { readonly input?: string | Buffer; readonly env?: Readonly<Record<string, string>> };

/** A git command that failed where it should not have. */
export class GitError extends Error {
  override readonly name = "GitError";
}

/** The environment in which git reads no configuration but the repository's own. */
export function gitEnv(path: string, extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    PATH: path,
    HOME: "/",
    LC_ALL: "C",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_SYSTEM: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    ...extra,
  };
}

/** Runs git in a bare repository and gives its exit code and output; rejects only if git cannot be started. */
export function tryGit(place: GitPlace, args: readonly string[], { input, env }: GitInput = {}): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const child = spawn("git", ["--git-dir", place.dir, ...args], {
      env: gitEnv(place.path, env),
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout?.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => err.push(chunk));
    // git may end before it has read its input; its exit code tells why
    child.stdin?.on("error", () => undefined);
    child.on("error", reject);
    child.on("close", (code) =>
      resolve({ code: code ?? 1, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() }),
    );
    child.stdin?.end(input);
  });
}

/** Runs git and gives its standard output as text; any exit code but 0 is a `GitError`. */
export async function git(place: GitPlace, args: readonly string[], given: GitInput = {}): Promise<string> {
  const { code, stdout, stderr } = await tryGit(place, args, given);
  if (code !== 0) throw new GitError(`git ${args[0]} exited with ${code}: ${stderr.trim()}`);
  return stdout.toString();
}
