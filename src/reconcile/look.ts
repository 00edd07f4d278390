import { read, unavailable, type Reading } from "../core/reading.ts";
import type { Snapshot } from "../core/snapshot.ts";
import type { Window } from "../core/window.ts";
import type { Clock } from "../ports/clock.ts";
import type { Metrics, PrometheusSettings } from "../ports/metrics.ts";
import type { RepoKey } from "../ports/queue.ts";
import { observe } from "./observe.ts";
import { questionOf } from "./question.ts";
import { withReport } from "./reports.ts";
import type { Eyes, Facts, UnmeasuredMember } from "./scene.ts";

/** What a look reads with; nothing of it writes. */
export type Sight = Eyes & {
  readonly metrics: (settings: PrometheusSettings) => Metrics;
  readonly clock: Pick<Clock, "now">;
};

export type Look = { readonly facts: Facts; readonly snapshot: Snapshot };

/** Looks at one repository, measurements included; nothing is written. */
export async function look({ repo }: Pick<RepoKey, "repo">, sight: Sight): Promise<Look> {
  const facts = await observe(sight, sight.clock.now());
  const { branch, head, refusals, bumps, litter, letGo, unconcerned, unheard, lastMerge } = facts;
  const measuring: Measuring = { metrics: sight.metrics, now: sight.clock.now() };
  const members = await Promise.all(
    facts.members.map(async (member) => {
      const measured = { ...member, timeline: await timelineOf(member, facts, measuring) };
      return withReport({ ...sight, head }, measured, measuring.now);
    }),
  );
  const rest = { refusals, bumps, litter, letGo, unconcerned, unheard, lastMerge };
  return { facts, snapshot: { repo, branch, head, members, ...rest } };
}

type Measuring = Pick<Sight, "metrics"> & { readonly now: number };

/** A member that rests is not measured. */
async function timelineOf(
  member: UnmeasuredMember,
  { config }: Facts,
  { metrics, now }: Measuring,
): Promise<Reading<readonly Window[]>> {
  if (member.bump === undefined && member.at.release === undefined) return read([]);
  const settings = config.metricsFor(member.target);
  if (settings.kind === "refused") return unavailable(settings.problems.join("; "));
  const question = questionOf(member, now);
  return question === undefined ? read([]) : metrics(settings.value).timeline(question);
}
