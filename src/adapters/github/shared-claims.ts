import type { HeldBy, Rate } from "../../core/pacing.ts";
import type { Lane } from "../../ports/forge.ts";
import type { Claim } from "../../ports/limits.ts";
import { minuteReserve, type Cost, type Limits } from "./budget.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A claim, and what is said where there is no room for it. */
export type Claimed = Claim & { readonly by: HeldBy };

/** What a request takes of the budgets that processes share; the distance between writes is kept by each process alone. */
export function claimsOf(limits: Limits, { kind, lane, repo }: Cost): readonly Claimed[] {
  // Looks for news begin in other processes too, so that none can leave by not beginning what all of them are to leave.
  const reserves: Partial<Readonly<Record<Lane, number>>> = {
    progress: limits.progressReserve,
    news: limits.newsReserve,
  };
  const minutely = 1 - (reserves[lane] ?? minuteReserve(limits, { lane }));
  const own = (repo ?? "").toLowerCase();
  const claim = (
    by: "points" | "content" | "pushes" | "merges",
    rate: Rate,
    { share = 1, amount = 1 } = {},
  ): Claimed => {
    const most = Math.max(1, Math.floor(rate.most * share));
    const name = by === "pushes" || by === "merges" ? `${by}:${own}` : `${by}:${rate.perMs}`;
    return { name, most, perMs: rate.perMs, amount, by: { kind: by, most, perMs: rate.perMs } };
  };
  if (kind === "push") return [claim("pushes", limits.pushes, { share: lane === "progress" ? minutely : 1 })];
  const points = claim(
    "points",
    { most: limits.pointsPerMinute, perMs: MINUTE },
    { share: minutely, amount: kind === "read" ? 1 : 5 },
  );
  if (kind !== "content" && kind !== "merge") return [points];
  return [
    points,
    claim("content", { most: limits.contentPerMinute, perMs: MINUTE }, { share: minutely }),
    claim("content", { most: limits.contentPerHour, perMs: HOUR }, { share: 1 - limits.reserve }),
    ...(kind === "merge" ? [claim("merges", limits.merges)] : []),
  ];
}
