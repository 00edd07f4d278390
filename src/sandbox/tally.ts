import { git } from "./github/run-git.ts";
import { REPO, type SandboxWorld } from "./world.ts";

/** What a run left behind, without what differs by nature: times, ids and numbers of pull requests. */
export type Tally = {
  /** `git rev-parse main^{tree}`. */
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
  const [tree, log, refs] = await Promise.all([
    git(place, ["rev-parse", "main^{tree}"]),
    github.log(REPO, "main"),
    git(place, ["for-each-ref", "--format=%(refname:short)", "refs/heads/tidegate"]),
  ]);
  const pulls = github.pulls(REPO);
  const comments = pulls.flatMap(({ number, head }) =>
    github.comments(REPO, number).map(({ body }) => `${stable(head.branch)}: ${body.split("\n")[0]}`),
  );
  return {
    tree: tree.trim(),
    commits: log.map(({ message }) => (message.split("\n")[0] ?? "").replace(/ \(#\d+\)$/, "")).toSorted(),
    pulls: pulls.map(({ head }) => stable(head.branch)).toSorted(),
    comments: comments.toSorted(),
    branches: refs.split("\n").filter((line) => line !== ""),
  };
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
