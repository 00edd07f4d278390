import type { RepoKey } from "../../ports/queue.ts";
import type { Standings } from "../../ports/telemetry.ts";
import type { Meters } from "./meters.ts";

/** What the last look at each repository has found, kept for whoever asks next. */
export type Seen = {
  readonly looked: (key: RepoKey, endedWell: boolean) => void;
  readonly stood: (key: RepoKey, standings: Standings) => void;
  /** Writes it into the metrics. `now` is in milliseconds. */
  readonly show: (meters: Meters, now: number) => void;
};

type Sight = { readonly at: number; readonly standings: Standings };

/** What this process has seen. What is older than `keepMs` is not shown: another process looks there now, or nobody may. */
export function seenHere({ keepMs, now }: { readonly keepMs: number; readonly now: () => number }): Seen {
  const sights = new Map<string, Sight>();
  const failures = new Map<string, { readonly at: number; readonly count: number }>();
  return {
    looked: ({ repo }, endedWell) => {
      if (endedWell) failures.delete(repo);
      else failures.set(repo, { at: now(), count: (failures.get(repo)?.count ?? 0) + 1 });
    },
    stood: ({ repo }, standings) => {
      if (standings.stages.size === 0) sights.delete(repo);
      else sights.set(repo, { at: now(), standings });
    },
    show: (meters, at) => {
      for (const map of [sights, failures]) dropOld(map, at - keepMs);
      reset(meters);
      for (const [repository, { count }] of failures) meters.failing.set({ repository }, count);
      for (const [repository, sight] of sights) showOne(meters, repository, sight, at);
    },
  };
}

function dropOld(map: Map<string, { readonly at: number }>, before: number): void {
  for (const [repo, { at }] of map) if (at < before) map.delete(repo);
}

function reset(meters: Meters): void {
  const { failing, members, gates, releases, blind, overdue, oldestStep, abortsWaiting, seen } = meters;
  for (const gauge of [failing, members, gates, releases, blind, overdue, oldestStep, abortsWaiting, seen])
    gauge.reset();
}

function showOne(meters: Meters, repository: string, { at, standings }: Sight, now: number): void {
  for (const [stage, count] of standings.stages) meters.members.set({ repository, stage }, count);
  for (const [verdict, count] of standings.verdicts) meters.gates.set({ repository, verdict }, count);
  meters.releases.set({ repository }, standings.releases);
  meters.blind.set({ repository }, standings.blind);
  meters.overdue.set({ repository }, standings.overdue);
  meters.abortsWaiting.set({ repository }, standings.abortsWaiting);
  meters.seen.set({ repository }, at / 1000);
  const { oldestStep } = standings;
  if (oldestStep !== undefined) meters.oldestStep.set({ repository }, Math.max(0, now - oldestStep) / 1000);
}
