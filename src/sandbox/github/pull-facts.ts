import { ruleRefusal } from "./branch-rules.ts";
import { changedFiles } from "./history.ts";
import { countCommits, mergeTrees, refTip, writeCommit } from "./repo.ts";
import { webFlow } from "./signing.ts";
import type { PullDetails } from "./shapes/pull.ts";
import type { Acting, Mergeability, Pull, PullSize, Repo } from "./store.ts";

/** The commit that a pull request is compared with: its base's tip while it is open, then the one it was closed against. */
export async function comparedBase(repo: Repo, { state, base }: Pull): Promise<string> {
  if (state.kind !== "open") return base.sha;
  return (await refTip(repo.git, `refs/heads/${base.branch}`)) ?? base.sha;
}

/** What `GET /pulls/{number}` tells beyond the list. An unknown mergeability is worked out in the background, so the first answer lacks it. */
export async function pullDetails({ store, repo, by }: Acting, pull: Pull): Promise<PullDetails> {
  const base = await comparedBase(repo, pull);
  const [method = "merge"] = repo.settings.current.mergeMethods;
  return {
    size: await pullSize(repo, base, pull.head.sha),
    mergeability: pull.state.kind === "open" ? knownMergeability(repo, pull, base) : { kind: "computing" },
    blocked: (await ruleRefusal(store, repo, pull, { by, method })) !== undefined,
    comments: [...repo.comments.values()].filter(({ number }) => number === pull.number).length,
  };
}

/** How much a pull request changes. */
export function pullSize(repo: Repo, base: string, head: string): Promise<PullSize> {
  const key = `${base} ${head}`;
  const known = repo.sizes.get(key) ?? measure(repo, base, head);
  repo.sizes.set(key, known);
  return known;
}

function knownMergeability(repo: Repo, pull: Pull, base: string): Mergeability {
  const ends = `${base} ${pull.head.sha}`;
  const known = repo.mergeability.get(pull.number);
  if (known?.ends === ends) return known.merge;
  const computing: Mergeability = { kind: "computing" };
  repo.mergeability.set(pull.number, { ends, merge: computing });
  const work: Promise<void> = workOut(repo, pull, base).finally(() => repo.background.delete(work));
  repo.background.add(work);
  return computing;
}

async function workOut(repo: Repo, pull: Pull, base: string): Promise<void> {
  const ends = `${base} ${pull.head.sha}`;
  const merge = await tryMerge(repo, pull, base).catch(() => undefined);
  if (repo.mergeability.get(pull.number)?.ends !== ends) return;
  if (merge === undefined) repo.mergeability.delete(pull.number);
  else repo.mergeability.set(pull.number, { ends, merge });
}

async function tryMerge({ git }: Repo, { head, updatedAt, number }: Pull, base: string): Promise<Mergeability> {
  const merged = await mergeTrees(git, base, head.sha);
  if (merged.kind === "conflict") return merged;
  const who = webFlow(updatedAt);
  const testCommit = await writeCommit(git, {
    tree: merged.tree,
    parents: [base, head.sha],
    message: `Merge #${number}`,
    author: who,
    committer: who,
  });
  return { kind: "clean", testCommit };
}

async function measure({ git }: Repo, base: string, head: string): Promise<PullSize> {
  const [commits, files] = await Promise.all([countCommits(git, base, head), changedFiles(git, [`${base}...${head}`])]);
  const sum = (count: (file: (typeof files)[number]) => number) =>
    files.reduce((total, file) => total + count(file), 0);
  return {
    commits,
    additions: sum(({ additions }) => additions),
    deletions: sum(({ deletions }) => deletions),
    changedFiles: files.length,
  };
}
