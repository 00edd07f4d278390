import { read, unavailable, type Reading } from "../core/reading.ts";
import type { Member } from "../core/snapshot.ts";
import type { Window } from "../core/window.ts";
import type { Metrics, ProviderSettings, TimelineQuestion } from "../ports/metrics.ts";
import { questionOf } from "./question.ts";
import type { Facts, UnmeasuredMember } from "./scene.ts";

/** What is read of a member, or is to be asked of its provider. */
type Measuring =
  | { readonly kind: "known"; readonly timeline: Timeline }
  | { readonly kind: "asked"; readonly settings: ProviderSettings; readonly question: TimelineQuestion };

type Timeline = Reading<readonly Window[]>;

/** The members with their timelines, in their order; all that one provider is asked for it is asked together. */
export async function withTimelines(
  { members, config }: Pick<Facts, "members" | "config">,
  metrics: (settings: ProviderSettings) => Metrics,
  now: number,
): Promise<readonly Member[]> {
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
  return members.map((member, place) => {
    const one = measuring[place];
    const timeline = one?.kind === "known" ? one.timeline : timelines.get(place);
    return { ...member, timeline: timeline ?? NOT_ANSWERED };
  });
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
