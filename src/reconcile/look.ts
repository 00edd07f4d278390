import type { Snapshot } from "../core/snapshot.ts";
import type { Clock } from "../ports/clock.ts";
import type { LimitsAhead } from "../ports/limits.ts";
import type { Measures } from "../ports/measure.ts";
import type { Metrics, ProviderSettings } from "../ports/metrics.ts";
import type { RepoKey } from "../ports/queue.ts";
import { withAnalyses } from "./analyses.ts";
import { observe } from "./observe.ts";
import { withReport } from "./reports.ts";
import { withSeasons } from "./seasons.ts";
import type { Eyes, Facts } from "./scene.ts";
import { withTimelines } from "./timelines.ts";

/** What a look reads with; nothing of it writes. */
export type Sight = Eyes & {
  readonly metrics: (settings: ProviderSettings) => Metrics;
  readonly measures: Measures;
  readonly clock: Pick<Clock, "now">;
  /** Absent where nothing is held back. */
  readonly limits?: LimitsAhead;
};

export type Look = { readonly facts: Facts; readonly snapshot: Snapshot };

/** Looks at one repository, measurements included; nothing is written. */
export async function look({ repo }: Pick<RepoKey, "repo">, sight: Sight): Promise<Look> {
  const facts = await observe(sight, sight.clock.now());
  const { branch, head, refusals, bumps, policed, unpoliced, litter, letGo, unconcerned, unheard, opting, lastMerge } =
    facts;
  const now = sight.clock.now();
  const measured = await withTimelines(facts, sight.metrics, now);
  const told = await Promise.all(measured.map((member) => withReport({ ...sight, head }, member, now)));
  const recalled = await withSeasons({ ...sight, head, config: facts.config }, told, now);
  const members = await withAnalyses({ ...sight, eyes: sight, head, config: facts.config }, recalled, now);
  const heldBack = sight.limits?.(facts.landed);
  const pulls = { refusals, bumps, policed, unpoliced, litter, letGo, unconcerned };
  const rest = { ...pulls, unheard, opting, lastMerge, heldBack };
  return { facts, snapshot: { repo, branch, head, members, ...rest } };
}
