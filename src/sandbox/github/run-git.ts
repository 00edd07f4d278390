import { spawn } from "node:child_process";

/** A bare repository, and the `PATH` on which git is found. */
export type GitPlace = { readonly dir: string; readonly path: string };

export type GitResult = { readonly code: number; readonly stdout: Buffer; readonly stderr: string };

/** Answers of git's that never change, by its arguments; mutable, the oldest go first. */
export type Answers = Map<string, GitResult>;

type Answering = GitPlace & { readonly answers: Answers };

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
  return textOf(args, await tryGit(place, args, given));
}

/**
 * Like `tryGit`, for a question whose answer depends on nothing but its arguments: it is about commits by their full SHAs. Such a one is
 * answered once; where an argument names a ref, or an object is not there, git is asked again.
 */
export async function tryGitOnce({ answers, ...place }: Answering, args: readonly string[]): Promise<GitResult> {
  const key = args.join(" ");
  const known = answers.get(key);
  if (known !== undefined) return known;
  const answer = await tryGit(place, args);
  if (answer.code <= 1 && args.slice(1).every(isSettled)) keep(answers, key, answer);
  return answer;
}

/** Like `git`, for such questions. */
export async function gitOnce(place: Answering, args: readonly string[]): Promise<string> {
  return textOf(args, await tryGitOnce(place, args));
}

/** What git says that it can do before a fetch (in version 2 of its protocol) or a push (with the refs as they were when it was asked first). */
export async function abilitiesOf(
  { answers, ...place }: Answering,
  service: "upload-pack" | "receive-pack",
): Promise<Buffer> {
  const args = [service, "--stateless-rpc", "--advertise-refs", place.dir];
  const answer = answers.get(service) ?? (await tryGit(place, args, { env: { GIT_PROTOCOL: "version=2" } }));
  keep(answers, service, answer);
  return answer.stdout;
}

const MOST_ANSWERS = 200;

function keep(answers: Answers, key: string, answer: GitResult): void {
  answers.set(key, answer);
  const [oldest] = answers.keys();
  if (answers.size > MOST_ANSWERS && oldest !== undefined) answers.delete(oldest);
}

function isSettled(argument: string): boolean {
  return /^-|^[0-9a-f]{40}(?:\.{2,3}[0-9a-f]{40})?$/.test(argument);
}

function textOf([task]: readonly string[], { code, stdout, stderr }: GitResult): string {
  if (code !== 0) throw new GitError(`git ${task} exited with ${code}: ${stderr.trim()}`);
  return stdout.toString();
}
