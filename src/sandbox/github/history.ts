import { plainRange, readCommit } from "./plain-history.ts";
import { gitOnce } from "./run-git.ts";
import type { GitRepo } from "./repo.ts";

export type Person = { readonly name: string; readonly email: string; readonly date: string };

export type FileStatus = "added" | "modified" | "removed" | "renamed";

export type Commit = {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Person;
  readonly committer: Person;
  readonly message: string;
  readonly files: readonly { readonly status: FileStatus; readonly path: string }[];
};

export type FileChange = {
  readonly status: FileStatus;
  readonly path: string;
  readonly previousPath: string | undefined;
  /** The blob after the change; of a removed file, the blob before. */
  readonly blob: string;
  readonly additions: number;
  readonly deletions: number;
};

export const EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

const FORMAT = ["%H", "%T", "%P", "%an", "%ae", "%aI", "%cn", "%ce", "%cI", "%B"].join("%x00");

const STATUS: Readonly<Record<string, FileStatus>> = { A: "added", D: "removed", R: "renamed" };

/** Commits by `git log` arguments (revisions, limits), newest first, each with the paths it changed against its first parent. */
export async function history(repo: GitRepo, revisions: readonly string[]): Promise<readonly Commit[]> {
  return (await plainly(repo, revisions)) ?? logged(repo, revisions);
}

// most ask for one commit, or for a few in a row
async function plainly(repo: GitRepo, revisions: readonly string[]): Promise<readonly Commit[] | undefined> {
  const [range = "", ...others] = revisions
    .filter((revision) => !["--no-merges", "--reverse"].includes(revision))
    .toReversed();
  const [, from, to] = /^(?:([0-9a-f]{40})\.\.)?([0-9a-f]{40})$/.exec(range) ?? [];
  if (to === undefined || others.some((other) => other !== "--max-count=1")) return undefined;
  const one = others.length > 0 && from === undefined ? await readCommit(repo, to) : undefined;
  const commits = one === undefined ? await plainRange(repo, from, to) : [one];
  const some = others.length > 0 ? commits?.slice(0, 1) : commits;
  return revisions.includes("--reverse") ? some?.toReversed() : some;
}

async function logged(repo: GitRepo, revisions: readonly string[]): Promise<readonly Commit[]> {
  const args = [
    "log",
    "-z",
    "--topo-order",
    "--no-renames",
    "--diff-merges=first-parent",
    "--name-status",
    `--format=%x01${FORMAT}%x00`,
    ...revisions,
    "--",
  ];
  const text = await gitOnce(repo, args);
  return text.split("\u0001").slice(1).map(parseCommit);
}

/** The files that differ, with renames, in git's order; `range` is `<base>...<head>` or two revisions. */
export async function changedFiles(repo: GitRepo, range: readonly string[]): Promise<readonly FileChange[]> {
  const text = await gitOnce(repo, ["diff", "-M", "--raw", "--numstat", "--abbrev=40", "-z", ...range]);
  const tokens = text.split("\0");
  const raws: Raw[] = [];
  let at = 0;
  for (; tokens[at]?.startsWith(":"); at += raws.at(-1)?.previousPath === undefined ? 2 : 3)
    raws.push(parseRaw(tokens, at));
  return raws.map((raw) => {
    const [additions = "0", deletions = "0"] = (tokens[at] ?? "").split("\t");
    at += raw.previousPath === undefined ? 1 : 3;
    return { ...raw, additions: lineCount(additions), deletions: lineCount(deletions) };
  });
}

/** The unified hunks of each changed file, in the order of `changedFiles`; undefined for a binary file or a pure rename. */
export async function patches(repo: GitRepo, range: readonly string[]): Promise<readonly (string | undefined)[]> {
  const text = await gitOnce(repo, ["diff", "-M", "--no-color", "--no-ext-diff", ...range]);
  return text
    .split(/^(?=diff --git )/m)
    .filter((file) => file !== "")
    .map((file) => {
      const hunks = file.search(/^@@ /m);
      return hunks < 0 ? undefined : file.slice(hunks).replace(/\n$/, "");
    });
}

type Raw = Omit<FileChange, "additions" | "deletions">;

function parseCommit(record: string): Commit {
  const [
    sha = "",
    tree = "",
    parents = "",
    an = "",
    ae = "",
    ad = "",
    cn = "",
    ce = "",
    cd = "",
    message = "",
    ...names
  ] = record.split("\0");
  const tokens = names.map((token) => token.replace(/^\n+/, "")).filter((token) => token !== "");
  return {
    sha,
    tree,
    parents: parents.split(" ").filter((parent) => parent !== ""),
    author: { name: an, email: ae, date: utc(ad) },
    committer: { name: cn, email: ce, date: utc(cd) },
    message: message.replace(/\n+$/, ""),
    files: pairs(tokens).map(([status, path]) => ({ status: STATUS[status] ?? "modified", path })),
  };
}

function pairs(tokens: readonly string[]): readonly (readonly [string, string])[] {
  return Array.from({ length: Math.floor(tokens.length / 2) }, (_, at) => [
    tokens[2 * at] ?? "",
    tokens[2 * at + 1] ?? "",
  ]);
}

function parseRaw(tokens: readonly string[], at: number): Raw {
  const [, , before = "", after = "", letter = ""] = (tokens[at] ?? "").split(" ");
  const status = STATUS[letter.slice(0, 1)] ?? "modified";
  const first = tokens[at + 1] ?? "";
  if (status === "renamed") return { status, path: tokens[at + 2] ?? "", previousPath: first, blob: after };
  return { status, path: first, previousPath: undefined, blob: status === "removed" ? before : after };
}

// numstat writes "-" for a binary file
function lineCount(text: string): number {
  return text === "-" ? 0 : Number(text);
}

function utc(date: string): string {
  return new Date(date).toISOString().replace(/\.\d+Z$/, "Z");
}
