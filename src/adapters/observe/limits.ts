import type { InstallationLimits, LimitsState, Used } from "../../ports/limits.ts";
import type { Meters } from "./meters.ts";

/** Writes what is known of GitHub's limits into the metrics. `now` is in milliseconds. */
export function showLimits(meters: Meters, limits: LimitsState, now: number): void {
  const { hourlyLeft, hourlyLimit, limitUsed, repositoryUsed, requestsWaiting, blocked, heldBack } = meters;
  for (const one of [hourlyLeft, hourlyLimit, limitUsed, repositoryUsed, requestsWaiting, blocked, heldBack])
    one.reset();
  for (const of of limits) showOne(meters, of, now);
}

function showOne(meters: Meters, limits: InstallationLimits, now: number): void {
  const { hour, waiting, blockedUntil, points, contentPerMinute, contentPerHour } = limits;
  const installation = String(limits.installation);
  // What was left of an hour that is over says nothing of this one.
  if (hour !== undefined && now < hour.resetAt) {
    meters.hourlyLeft.set({ installation }, hour.left);
    meters.hourlyLimit.set({ installation }, hour.limit);
  }
  for (const [limit, used] of Object.entries({ points, contentPerMinute, contentPerHour }))
    meters.limitUsed.set({ installation, limit }, shareOf(used));
  for (const [lane, count] of Object.entries(waiting)) meters.requestsWaiting.set({ installation, lane }, count);
  for (const [lane, until] of Object.entries(blockedUntil))
    meters.blocked.set({ installation, lane }, Math.max(0, until - now) / 1000);
  meters.heldBack.inc({ installation }, limits.heldBack);
  for (const { repo: repository, pushes, merges } of limits.repositories)
    for (const [limit, used] of Object.entries({ pushes, merges }))
      meters.repositoryUsed.set({ repository, limit }, shareOf(used));
}

function shareOf({ used, most }: Used): number {
  return most === 0 ? 0 : used / most;
}
