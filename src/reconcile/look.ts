import { read, unavailable, type Reading } from "../core/reading.ts";
import type { Snapshot } from "../core/snapshot.ts";
import type { Window } from "../core/window.ts";
import type { Clock } from "../ports/clock.ts";
import type { Metrics, ProviderSettings, TimelineQuestion } from "../ports/metrics.ts";
import type { RepoKey } from "../ports/queue.ts";
import { observe } from "./observe.ts";
import { questionOf } from "./question.ts";
import { withReport } from "./reports.ts";
import type { Eyes, Facts, UnmeasuredMember } from "./scene.ts";

/** What a look reads with; nothing of it writes. */
export type Sight = Eyes & {
  readonly metrics: (settings: ProviderSettings) => Metrics;
  readonly clock: Pick<Clock, "now">;
};

export type Look = { readonly facts: Facts; readonly snapshot: Snapshot };

/** Looks at one repository, measurements included; nothing is written. */
export async function look({ repo }: Pick<RepoKey, "repo">, sight: Sight): Promise<Look> {
  const facts = await observe(sight, sight.clock.now());
  const { branch, head, refusals, bumps, litter, letGo, unconcerned, unheard, lastMerge } = facts;
  const now = sight.clock.now();
  const timelines = await timelinesOf(facts, sight.metrics, now);
  const members = await Promise.all(
    facts.members.map((member, place) => {
      const measured = { ...member, timeline: timelines[place] ?? NOT_ANSWERED };
      return withReport({ ...sight, head }, measured, now);
    }),
  );
  const rest = { refusals, bumps, litter, letGo, unconcerned, unheard, lastMerge };
  return { facts, snapshot: { repo, branch, head, members, ...rest } };
}

/** What is read of a member, or is to be asked of its provider. */
type Measuring =
  | { readonly kind: "known"; readonly timeline: Timeline }
  | { readonly kind: "asked"; readonly settings: ProviderSettings; readonly question: TimelineQuestion };

type Timeline = Reading<readonly Window[]>;

/** A timeline for each member; all that one provider is asked for it is asked together. */
async function timelinesOf(
  { members, config }: Facts,
  metrics: Sight["metrics"],
  now: number,
): Promise<readonly Timeline[]> {
  const measuring = members.map((member) => measuringOf(member, config, now));
  const asked = measuring.flatMap((one, place) => (one.kind === "asked" ? [{ ...one, place }] : []));
  const providers = Map.groupBy(asked, ({ settings }) => JSON.stringify(settings));
  const timelines = new Map<number, Timeline>();
  await Promise.all(
    [...providers.values()].map(async (ofProvider) => {
      const [first] = ofProvider;
      if (first === undefined) return;
      const readings = await metrics(first.settings).timelines(ofProvider.map(({ question }) => question));
      ofProvider.forEach(({ place }, index) => timelines.set(place, readings[index] ?? NOT_ANSWERED));
    }),
  );
  return measuring.map((one, place) => (one.kind === "known" ? one.timeline : (timelines.get(place) ?? NOT_ANSWERED)));
}

const NOT_ANSWERED: Timeline = unavailable("The provider did not answer this question.");

/** A member that rests is not measured. */
function measuringOf(member: UnmeasuredMember, config: Facts["config"], now: number): Measuring {
  if (member.bump === undefined && member.at.release === undefined) return { kind: "known", timeline: read([]) };
  const settings = config.metricsFor(member.target);
  if (settings.kind === "refused") return { kind: "known", timeline: unavailable(settings.problems.join("; ")) };
  const question = questionOf(member, now);
  return question === undefined
    ? { kind: "known", timeline: read([]) }
    : { kind: "asked", settings: settings.value, question };
}
