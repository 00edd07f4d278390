import type { Action, Part } from "../core/action.ts";
import { totalOf } from "../core/gate/evidence.ts";
import { versionOf } from "../core/image.ts";
import type { Member } from "../core/snapshot.ts";
import type { Aborting, ReleaseState } from "../core/state.ts";
import { LONGEST_NAME } from "./divergence.ts";
import { code, escaped } from "./markdown.ts";
import { duration, percent, whole } from "./numbers.ts";
import { newVersion } from "./step.ts";
import { endWord, wordText } from "./title.ts";
import { named, placeOf } from "./wave.ts";

type Ended = { readonly member: Member; readonly release: ReleaseState };

/** How a release ended, on its bump's pull request; where it reaches several targets, what has become of it in each. */
export function summaryComment({ parts }: Extract<Action, { readonly kind: "summarise" }>): string {
  const [first] = parts;
  if (parts.length > 1 || first === undefined) return ofSeveral(parts);
  const { member, release } = first;
  return release === undefined ? ofSeveral(parts) : ofOne({ member, release });
}

function ofOne(ended: Ended): string {
  return joined([headlineOf(ended), ...detailsOf(ended), afterwards(ended)], "\n\n");
}

/** One line that says it all, then each target by itself, in the order of waves. */
function ofSeveral(parts: readonly Part[]): string {
  const [first] = parts;
  if (first === undefined) return "";
  const { state } = first.member;
  const version = escaped(versionIn(first));
  const places = Map.groupBy(parts, becameOf);
  const clauses = BECAME.flatMap((became) => {
    const targets = (places.get(became) ?? []).map(({ member }) => member.target);
    return targets.length === 0 ? [] : [`${became} ${named(targets, MOST_TARGETS)}`];
  });
  return [`**${state.service} ${version}: ${clauses.join("; ")}.**`, ...parts.map(partText)].join("\n\n");
}

const MOST_TARGETS = 12;

const BECAME = [
  "released to",
  "taken back in",
  "ended early in",
  "being taken back in",
  "under way in",
  "waiting in",
  "not started in",
] as const;

/** What has become of the version in a target, as the beginning of a clause. */
function becameOf({ member, stage, release }: Part): (typeof BECAME)[number] {
  if (release !== undefined) {
    if (release.aborting === undefined) return "released to";
    return release.aborting.by === "containment" ? "ended early in" : "taken back in";
  }
  if (member.at.release !== undefined)
    return member.at.release.aborting === undefined ? "under way in" : "being taken back in";
  return stage.kind === "blocked" ? "not started in" : "waiting in";
}

function versionIn({ member, release }: Part): string {
  return release === undefined ? newVersion(member) : versionOf(release.image);
}

function partText({ member, release }: Part): string {
  if (release === undefined) return `**${placeOf(member)}**: ${notOver(member)}`;
  const ended = { member, release };
  return `**${placeOf(member)}**: ${joined([whyOf(release), ...detailsOf(ended), afterwards(ended)], " ")}`;
}

function notOver(member: Member): string {
  const { at, behind } = member;
  if (at.release !== undefined) return "not over yet.";
  if (behind.length > 0) return "begins when the waves before it are done.";
  const isBlocked = member.state.blocked.length > 0;
  return isBlocked
    ? `the version is blocked and does not start by itself; ${code("/retry")} lets it.`
    : "about to begin.";
}

function whyOf({ aborting }: ReleaseState): string | undefined {
  return aborting && `${escaped(`${endWord(aborting)}: ${aborting.reason}`, 500)}.`;
}

function detailsOf({ member, release }: Ended): readonly (string | undefined)[] {
  return [countsOf(release), wordsOfPeople(member, release)];
}

function joined(parts: readonly (string | undefined)[], by: string): string {
  return parts.filter((part) => part !== undefined).join(by);
}

function headlineOf({ member: { state, target }, release: { image, aborting } }: Ended): string {
  const version = escaped(versionOf(image));
  if (aborting === undefined) return `**${state.service} ${version} is released to ${target}.**`;
  const word = aborting.by === "containment" ? "ended early" : "was taken back";
  return `**${state.service} ${version} ${word} in ${target}.** ${escaped(`${endWord(aborting)}: ${aborting.reason}`, 500)}.`;
}

function countsOf({ evidence }: ReleaseState): string | undefined {
  if (evidence.strata.length === 0) return undefined;
  const [canary, canaryFailed, stable, stableFailed] = totalOf(evidence.strata);
  const rate = (failed: number, requests: number) =>
    `${whole(failed)} of ${whole(requests)} requests${requests === 0 ? "" : ` (${percent(failed / requests)})`}`;
  return `In the steps that were judged, ${rate(canaryFailed, canary)} to the canary failed and ${rate(stableFailed, stable)} to stable.`;
}

/** Where people's word stood in the place of a gate's, at the end of the release. */
function wordsOfPeople({ merger }: Member, { override, skips }: ReleaseState): string | undefined {
  const words = [
    ...(skips.length === 0 ? [] : [`${escaped(wordText({ override: undefined, skips }), 500)}.`]),
    ...(override === undefined ? [] : [`The last step: ${escaped(wordText({ override, skips: [] }))}.`]),
    ...(merger === undefined
      ? []
      : [`The last step was merged by hand by ${escaped(merger, LONGEST_NAME)}, before its gate had said so.`]),
  ];
  return words.length === 0 ? undefined : words.join(" ");
}

function afterwards({ member: { at, changedAt, manifest }, release: { since, aborting } }: Ended): string {
  const took = `It took ${duration(Math.max(0, changedAt - since))} from landing to rest.`;
  if (aborting === undefined) return `${took} Stable runs ${code(at.stable)}, and the canary is at weight 0.`;
  const canary = manifest.canary.image === at.stable ? "the canary, on the same," : code(manifest.canary.image);
  return `${took} Stable runs ${code(at.stable)}, and ${canary} stands at weight 0. ${whatNow(aborting)}`;
}

function whatNow({ by }: Aborting): string {
  return by === "containment"
    ? "What landed meanwhile starts a release of its own."
    : `It does not start again by itself: a newer version starts a release, and ${code("/retry")} lets this one start again.`;
}
