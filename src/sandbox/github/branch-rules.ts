import { requiredCheckRefusal } from "./check-rules.ts";
import { codeOwners } from "./code-owners.ts";
import { changedFiles } from "./history.ts";
import { listCommits, refTip } from "./repo.ts";
import { hasRole } from "./roles.ts";
import type { Account, Acting, MergeMethod, Pull, Repo, Settings, Store } from "./store.ts";

/** Who would merge a pull request, and how. */
export type Landing = { readonly by: Account; readonly method: MergeMethod };

/** Whether the rules let nothing but pull requests reach the default branch. */
export function asksForPulls({ protectsDefaultBranch, approvals, codeOwners, mergeQueue }: Settings): boolean {
  return protectsDefaultBranch || approvals > 0 || codeOwners || mergeQueue;
}

/** Whether whoever acts may pass the rules by with a push, or with the merge of a pull request. */
export function mayBypass({ store, repo, by }: Acting, way: "push" | "merge"): boolean {
  const { bypass } = repo.settings.current;
  return by.id === store.app.bot.id && (bypass === "always" || (bypass === "pullRequests" && way === "merge"));
}

/** Why the rules of the base forbid a merge, in GitHub's words, or undefined. Passing them by is not considered. */
export async function ruleRefusal(store: Store, repo: Repo, pull: Pull, landing: Landing): Promise<string | undefined> {
  if (pull.base.branch !== repo.defaultBranch) return undefined;
  const { mergeQueue } = repo.settings.current;
  const violations = [
    ...(await entryViolations(store, repo, pull)),
    ...(mergeQueue ? ["Changes must be made through the merge queue"] : []),
    ...(await historyViolations(repo, pull, landing)),
  ];
  return worded(violations);
}

/** Why a pull request may not enter the merge queue, in GitHub's words, or undefined. */
export async function queueRefusal(store: Store, repo: Repo, pull: Pull): Promise<string | undefined> {
  return worded(await entryViolations(store, repo, pull));
}

function worded(violations: readonly string[]): string | undefined {
  if (violations.length < 2) return violations[0];
  return `Repository rule violations found\n\n${violations.join("\n\n")}\n\n`;
}

async function entryViolations(store: Store, repo: Repo, pull: Pull): Promise<readonly string[]> {
  const approvers = approversOf(repo, pull);
  return [
    approvalViolation(repo, approvers),
    await ownerViolation(store, repo, pull, approvers),
    requiredCheckRefusal(repo, pull.head.sha),
  ].filter((violation) => violation !== undefined);
}

// GitHub counts the approvals of those who may write, and nobody's of their own work
function approversOf(repo: Repo, { number, head, author }: Pull): readonly string[] {
  const { dismissesStale } = repo.settings.current;
  const counted = [...repo.reviews.values()].filter(
    (review) =>
      review.number === number &&
      review.author.id !== author.id &&
      (!dismissesStale || review.sha === head.sha) &&
      hasRole(repo, review.author.login, "write"),
  );
  return [...new Set(counted.map((review) => review.author.login))];
}

function approvalViolation({ settings }: Repo, approvers: readonly string[]): string | undefined {
  const { approvals } = settings.current;
  if (approvers.length >= approvals) return undefined;
  return approvals === 1
    ? "At least 1 approving review is required by reviewers with write access."
    : `At least ${approvals} approving reviews are required by reviewers with write access.`;
}

async function ownerViolation(
  store: Store,
  repo: Repo,
  pull: Pull,
  approvers: readonly string[],
): Promise<string | undefined> {
  if (!repo.settings.current.codeOwners) return undefined;
  const owners = await codeOwners(repo, pull.base.branch);
  const files = await changedFiles(repo.git, [`${pull.base.sha}...${pull.head.sha}`]);
  const waiting = files
    .flatMap(({ path, previousPath }) => [path, ...(previousPath === undefined ? [] : [previousPath])])
    .map((path) => owners(path))
    .find((owning) => owning.length > 0 && !approvers.some((login) => owning.some((one) => isOf(store, one, login))));
  return waiting === undefined ? undefined : `Waiting on code owner review from ${waiting.join(" and/or ")}.`;
}

function isOf({ teams }: Store, owner: string, login: string): boolean {
  return owner.includes("/")
    ? (teams.get(owner.toLowerCase())?.members.has(login.toLowerCase()) ?? false)
    : owner.toLowerCase() === login.toLowerCase();
}

async function historyViolations(repo: Repo, pull: Pull, landing: Landing): Promise<readonly string[]> {
  const { signatures, linear } = repo.settings.current;
  return [
    ...(signatures && !(await landsSigned(repo, pull, landing)) ? ["Commits must have verified signatures."] : []),
    ...(linear && landing.method === "merge" ? ["This branch must not contain merge commits."] : []),
  ];
}

// GitHub signs a merge commit and a squash, the latter without looking at the head only for its author; it cannot sign a rebase
async function landsSigned(repo: Repo, { head, base, author }: Pull, { by, method }: Landing): Promise<boolean> {
  if (method === "rebase") return false;
  if (method === "squash" && author.id === by.id) return true;
  const tip = (await refTip(repo.git, `refs/heads/${base.branch}`)) ?? base.sha;
  return (await listCommits(repo.git, tip, head.sha)).every((sha) => repo.signed.has(sha));
}
