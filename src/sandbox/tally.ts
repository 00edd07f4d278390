import { createHash } from "node:crypto";
import { git, type GitPlace } from "./github/run-git.ts";
import { REPO, type SandboxWorld } from "./world.ts";

/** What a run left behind, without what differs by nature: times, ids and numbers of pull requests. */
export type Tally = {
  /** A digest of every path, mode and content on the default branch; a commit that a file names counts by its subject. */
  readonly tree: string;
  /** Subjects of the commits on the default branch, without the pull request's number, sorted. */
  readonly commits: readonly string[];
  /** The branch of each pull request, sorted; one that was opened twice is there twice. */
  readonly pulls: readonly string[];
  /** Each comment's pull request, by its branch, and first line, sorted. */
  readonly comments: readonly string[];
  /** Branches of the bot's that are left. */
  readonly branches: readonly string[];
};

/** Reads the end of a run from git and GitHub, from outside the bot. */
export async function tallyOf({ github }: SandboxWorld): Promise<Tally> {
  const place = github.gitPlace(REPO);
  const [log, refs] = await Promise.all([
    github.log(REPO, "main"),
    git(place, ["for-each-ref", "--format=%(refname:short)", "refs/heads/tidegate"]),
  ]);
  const pulls = github.pulls(REPO);
  const comments = pulls.flatMap(({ number, head }) =>
    github.comments(REPO, number).map(({ body }) => `${stable(head.branch)}: ${body.split("\n")[0]}`),
  );
  return {
    tree: await treeDigest(place, new Map(log.map(({ sha, message }) => [sha, subjectOf(message)]))),
    commits: log.map(({ message }) => subjectOf(message)).toSorted(),
    pulls: pulls.map(({ head }) => stable(head.branch)).toSorted(),
    comments: comments.toSorted(),
    branches: refs.split("\n").filter((line) => line !== ""),
  };
}

function subjectOf(message: string): string {
  return (message.split("\n")[0] ?? "").replace(/ \(#\d+\)$/, "");
}

/** The id of a commit has times in it; where a file names one, such as the bump that a block is of, its subject says which. */
async function treeDigest(place: GitPlace, subjects: ReadonlyMap<string, string>): Promise<string> {
  const entries = (await git(place, ["ls-tree", "-r", "-z", "main"])).split("\0").filter((entry) => entry !== "");
  const digests = entries.map(async (entry) => {
    const [, mode = "", id = "", path = ""] = /^(\d+) blob ([0-9a-f]{40})\t(.*)$/s.exec(entry) ?? [];
    const text = await git(place, ["cat-file", "blob", id]);
    const named = text.replaceAll(/\b[0-9a-f]{40}\b/g, (word) => subjects.get(word) ?? word);
    return `${mode} ${createHash("sha1").update(named).digest("hex")} ${path}`;
  });
  return createHash("sha1")
    .update((await Promise.all(digests)).join("\n"))
    .digest("hex");
}

/** A branch's name without the commit that the release began with, which is another one in each run. */
function stable(branch: string): string {
  return branch.replace(/\/[0-9a-f]{10}\//, "/…/");
}

/** How a run's end differs from that of the run without kills; empty where it does not. */
export function differences(tally: Tally, undisturbed: Tally): readonly string[] {
  const tree = tally.tree === undisturbed.tree ? [] : [`the tree is ${tally.tree}, not ${undisturbed.tree}`];
  return [
    ...tree,
    ...differing("commit", tally.commits, undisturbed.commits),
    ...differing("comment", tally.comments, undisturbed.comments),
    ...twice(tally.pulls).map((branch) => `more than one pull request of ${branch}`),
  ];
}

// A step's pull request may never have been opened, where its release had failed by the time that it was due.
function twice(branches: readonly string[]): readonly string[] {
  return [...new Set(branches.filter((branch, at) => branches.indexOf(branch) < at))];
}

function differing(what: string, here: readonly string[], there: readonly string[]): readonly string[] {
  const count = (of: readonly string[], one: string) => of.filter((other) => other === one).length;
  return [...new Set([...here, ...there])]
    .filter((one) => count(here, one) !== count(there, one))
    .map((one) => `${what} ${count(here, one)} times instead of ${count(there, one)}: ${one}`);
}
