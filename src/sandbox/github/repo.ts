import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { history } from "./history.ts";
import { openObjectReader } from "./object-reader.ts";
import type { ObjectReader } from "./object-reader.ts";
import { plainRange } from "./plain-history.ts";
import type { Commits } from "./plain-history.ts";
import { moveRefFile } from "./ref-files.ts";
import { git, gitOnce, tryGit, tryGitOnce } from "./run-git.ts";
import type { Answers, GitPlace } from "./run-git.ts";
import { writeObject } from "./write-object.ts";

/** One bare repository on disk. */
export type GitRepo = GitPlace & {
  readonly objects: ObjectReader;
  readonly answers: Answers;
  readonly commits: Commits;
};

export const NO_SHA = "0".repeat(40);

/** Who writes a commit, and when (milliseconds since the epoch). */
export type Signature = { readonly name: string; readonly email: string; readonly at: number };

export type RefChange = { readonly ref: string; readonly before: string; readonly after: string };

/** Files to write (text), or to remove (undefined), by path. */
export type Files = Readonly<Record<string, string | undefined>>;

export type Merged = { readonly kind: "clean"; readonly tree: string } | { readonly kind: "conflict" };

// what GitHub allows a client, and nothing that runs behind the caller's back
const SETTINGS = [
  ["uploadpack.allowFilter", "true"],
  ["uploadpack.allowAnySHA1InWant", "true"],
  ["transfer.hideRefs", "refs/scratch"],
  ["receive.hideRefs", "refs/pull"],
  ["receive.fsckObjects", "true"],
  ["receive.autogc", "false"],
  ["receive.unpackLimit", "1000"],
  ["gc.auto", "0"],
  ["core.fsync", "none"],
  ["merge.renames", "true"],
] as const;

// a protected branch is named in the environment of the push; git reports "hook declined" for that ref alone
const UPDATE_HOOK = `#!/bin/sh
if [ "$1" = "$SANDBOX_PROTECTED_REF" ]; then
  echo "error: GH006: Protected branch update failed for $1." >&2
  echo "error: Changes must be made through a pull request." >&2
  exit 1
fi
`;

/** Creates an empty bare repository whose HEAD is `branch`. */
export async function createGitRepo(place: GitPlace, branch: string): Promise<GitRepo> {
  const { dir } = place;
  await mkdir(dir, { recursive: true });
  await git(place, ["init", "--quiet", "--bare", `--initial-branch=${branch}`, "--template="]);
  const sections = SETTINGS.map(
    ([key, value]) => `[${key.slice(0, key.indexOf("."))}]\n\t${key.slice(key.indexOf(".") + 1)} = ${value}\n`,
  );
  await writeFile(join(dir, "config"), sections.join(""), { flag: "a" });
  await mkdir(join(dir, "hooks"), { recursive: true });
  await writeFile(join(dir, "hooks", "update"), UPDATE_HOOK, { mode: 0o755 });
  return { ...place, objects: openObjectReader(place), answers: new Map(), commits: new Map() };
}

/** Whether a branch may have this name, by the rules of `git check-ref-format`. */
export function isBranchName(name: string): boolean {
  if (/[\s\p{Cc}~^:?*[\\]|\.\.|@\{|^-/u.test(name)) return false;
  return name
    .split("/")
    .every((part) => part !== "" && !part.startsWith(".") && !part.endsWith(".") && !part.endsWith(".lock"));
}

/** The commit at a full ref name, or undefined. */
export async function refTip({ objects }: GitRepo, ref: string): Promise<string | undefined> {
  if (!isBranchName(ref)) return undefined;
  return (await objects.read(`${ref}^{commit}`))?.sha;
}

/** The commit that a branch, a tag, a full ref or a (shortened) SHA names, or undefined. */
export async function resolveCommit(repo: GitRepo, name: string): Promise<string | undefined> {
  if (/^[0-9a-f]{40}$/.test(name)) return (await repo.objects.read(`${name}^{commit}`))?.sha;
  if (name === "HEAD") return (await repo.objects.read("HEAD^{commit}"))?.sha;
  for (const ref of [`refs/heads/${name}`, `refs/tags/${name}`, `refs/${name}`]) {
    const tip = await refTip(repo, ref);
    if (tip !== undefined) return tip;
  }
  return /^[0-9a-f]{7,39}$/.test(name) ? (await repo.objects.read(`${name}^{commit}`))?.sha : undefined;
}

/** Moves refs all at once, or none of them if one is no longer where `before` says (40 zeros: absent). */
export async function moveRefs(repo: GitRepo, changes: readonly RefChange[]): Promise<"moved" | "lost"> {
  const [change, ...others] = changes;
  const moved = change === undefined || others.length > 0 ? undefined : moveRefFile(repo.dir, change);
  if (moved !== undefined) return moved;
  const lines = changes.map(({ ref, before, after }) =>
    after === NO_SHA ? `delete ${ref} ${before}\n` : `update ${ref} ${after} ${before}\n`,
  );
  const { code } = await tryGit(repo, ["update-ref", "--stdin"], { input: lines.join("") });
  return code === 0 ? "moved" : "lost";
}

/** Merges two commits in memory, with renames; a conflict writes nothing that anyone sees. */
export async function mergeTrees(repo: GitRepo, ours: string, theirs: string): Promise<Merged> {
  const { code, stdout, stderr } = await tryGitOnce(repo, [
    "merge-tree",
    "--write-tree",
    "--name-only",
    "--no-messages",
    ours,
    theirs,
  ]);
  if (code === 1) return { kind: "conflict" };
  if (code !== 0) throw new Error(`git merge-tree exited with ${code}: ${stderr}`);
  return { kind: "clean", tree: stdout.toString().slice(0, 40) };
}

export type NewCommit = {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  readonly author: Signature;
  readonly committer: Signature;
};

/** Writes a commit object and gives its SHA; moves no ref. */
export function writeCommit({ dir }: GitRepo, commit: NewCommit): Promise<string> {
  const { tree, parents, message, author, committer } = commit;
  const lines = [
    `tree ${tree}`,
    ...[...new Set(parents)].map((parent) => `parent ${parent}`),
    `author ${personOf(author)}`,
    `committer ${personOf(committer)}`,
    "",
    message.endsWith("\n") ? message : `${message}\n`,
  ];
  return writeObject(dir, "commit", lines.join("\n"));
}

export type FilesCommit = { readonly files: Files; readonly message: string; readonly by: Signature };

/** Writes one commit of changed files on `parent` (undefined: a first commit) and gives its SHA; moves no ref that anyone sees. */
export async function commitFiles(
  repo: GitRepo,
  parent: string | undefined,
  { files, message, by }: FilesCommit,
): Promise<string> {
  const who = personOf(by);
  const head = [
    `commit ${SCRATCH_REF}\nmark :1\n`,
    `author ${who}\ncommitter ${who}\n`,
    dataOf(`${message}\n`),
    parent === undefined ? "" : `from ${parent}\n`,
  ];
  const changes = Object.entries(files).map(([path, text]) =>
    text === undefined ? `D ${JSON.stringify(path)}\n` : `M 100644 inline ${JSON.stringify(path)}\n${dataOf(text)}`,
  );
  const marked = `${head.join("")}${changes.join("")}\nget-mark :1\ndone\n`;
  return (await git(repo, ["fast-import", "--quiet", "--force", "--done"], { input: marked })).trim();
}

/** How many commits `to` has that `from` has not. */
export async function countCommits(repo: GitRepo, from: string, to: string): Promise<number> {
  const plain = SHA.test(from) && SHA.test(to) ? await plainRange(repo, from, to) : undefined;
  if (plain !== undefined) return plain.length;
  return Number(await gitOnce(repo, ["rev-list", "--count", `${from}..${to}`]));
}

/** The commits that `to` has and `from` has not, newest first. */
export async function listCommits(repo: GitRepo, from: string, to: string): Promise<readonly string[]> {
  return (await history(repo, [`${from}..${to}`])).map(({ sha }) => sha);
}

/** The best common ancestor, or undefined between unrelated histories. */
export async function mergeBase(repo: GitRepo, one: string, other: string): Promise<string | undefined> {
  const plain = SHA.test(one) && SHA.test(other) ? await plainRange(repo, one, other) : undefined;
  if (plain !== undefined) return plain.length === 0 ? other : plain.at(-1)?.parents[0];
  const { code, stdout } = await tryGitOnce(repo, ["merge-base", one, other]);
  return code === 0 ? stdout.toString().trim() : undefined;
}

const SHA = /^[0-9a-f]{40}$/;

// fast-import must move some ref; this one is hidden from clients and overwritten each time
const SCRATCH_REF = "refs/scratch/commit";

function dataOf(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

function personOf({ name, email, at }: Signature): string {
  return `${name} <${email}> ${Math.floor(at / 1000)} +0000`;
}
