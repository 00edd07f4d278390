import type { CheckRun, Repo } from "./store.ts";

// GitHub takes neutral and skipped for green
const GREEN: ReadonlySet<string> = new Set(["success", "neutral", "skipped"]);

/** The newest run of each App and name on a commit. */
export function latestChecks({ checks }: Repo, sha: string): readonly CheckRun[] {
  const newest = new Map(
    [...checks.values()].filter(({ headSha }) => headSha === sha).map((run) => [`${run.app.id} ${run.name}`, run]),
  );
  return [...newest.values()];
}

/** Why required checks keep a commit off the default branch, in GitHub's words, or undefined. */
export function requiredCheckRefusal(repo: Repo, sha: string): string | undefined {
  const refusals = requiredChecksAt(repo, sha).map(({ name, word }) => `Required status check "${name}" is ${word}.`);
  return refusals.length < 2
    ? refusals[0]
    : `${refusals.length} of ${repo.settings.current.requiredChecks.length} required status checks have not succeeded.`;
}

/** Whether the required checks of a commit are green, may still become so, or are red. */
export function requiredStanding(repo: Repo, sha: string): "green" | "waiting" | "red" {
  const words = requiredChecksAt(repo, sha).map(({ word }) => word);
  if (words.includes("failing")) return "red";
  return words.length === 0 ? "green" : "waiting";
}

function requiredChecksAt(repo: Repo, sha: string) {
  const runs = latestChecks(repo, sha);
  return repo.settings.current.requiredChecks.flatMap(({ name, appId }) => {
    const word = standing(runs.filter((run) => run.name === name && (appId === undefined || run.app.id === appId)));
    return word === undefined ? [] : [{ name, word }];
  });
}

function standing(runs: readonly CheckRun[]): "expected" | "pending" | "failing" | undefined {
  if (runs.length === 0) return "expected";
  if (runs.some(({ status }) => status.kind !== "completed")) return "pending";
  return runs.every(({ status }) => status.kind === "completed" && GREEN.has(status.conclusion))
    ? undefined
    : "failing";
}
