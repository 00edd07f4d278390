import type { RepoName } from "../../core/names.ts";
import type { Rate } from "../../core/pacing.ts";
import type { InstallationLimits, RepositoryLimits, Used } from "../../ports/limits.ts";
import { since, type Budget, type Limits, type Spent } from "./budget.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What a budget tells of itself: what was used of GitHub's own numbers, reserves not taken off. `now` is in milliseconds. */
export function usedOf(
  budget: Budget,
  limits: Limits,
  now: number,
): Pick<
  InstallationLimits,
  "points" | "contentPerMinute" | "contentPerHour" | "hour" | "blockedUntil" | "repositories"
> {
  const { points, content, hour, blockedUntil } = budget;
  return {
    points: usedIn(points, { most: limits.pointsPerMinute, perMs: MINUTE }, now),
    contentPerMinute: usedIn(content, { most: limits.contentPerMinute, perMs: MINUTE }, now),
    contentPerHour: usedIn(content, { most: limits.contentPerHour, perMs: HOUR }, now),
    hour: hour === undefined || now >= hour.resetAt ? undefined : hour,
    blockedUntil,
    repositories: repositoriesIn(budget, limits, now),
  };
}

function repositoriesIn({ pushes, merges }: Budget, limits: Limits, now: number): readonly RepositoryLimits[] {
  const names = new Set([...pushes, ...merges].flatMap(({ repo }) => repo ?? []));
  return [...names]
    .map((repo) => ({
      repo,
      pushes: usedIn(of(pushes, repo), limits.pushes, now),
      merges: usedIn(of(merges, repo), limits.merges, now),
    }))
    .filter((one) => one.pushes.used + one.merges.used > 0);
}

function of(spent: readonly Spent[], repo: RepoName): readonly Spent[] {
  return spent.filter((one) => one.repo === repo);
}

function usedIn(spent: readonly Spent[], { most, perMs }: Rate, now: number): Used {
  return { most, perMs, used: since(spent, now - perMs).reduce((sum, { amount }) => sum + amount, 0) };
}
