import type { Fall } from "../core/action.ts";
import { isPromoted, takesBack } from "../core/fall.ts";
import { versionOf } from "../core/image.ts";
import type { Member } from "../core/snapshot.ts";
import type { Aborting } from "../core/state.ts";
import { unreachable } from "../core/unreachable.ts";
import { numbersOf } from "./evidence.ts";
import { plain } from "./markdown.ts";
import { releaseOf } from "./step.ts";

/** One line that tells a commit on the way back from all others: "checkout 25% → 0% · prod · abort of 1.42.0". */
export function fallTitle(member: Member, fall: Fall): string {
  const version = versionOf(releaseOf(member).image);
  return `${member.state.service} ${fallMove(member, fall)} · ${member.target} · ${fall.aborting.by === "containment" ? "containment" : "abort"} of ${version}`;
}

/** What the commit does, short. */
function fallMove(member: Member, fall: Fall): string {
  const { release } = member.at;
  switch (fall.kind) {
    case "abort":
      if (release === undefined) return backTo(member);
      if (isPromoted(member, release)) return `stable back to ${versionOf(release.from)}`;
      return member.manifest.weight === 0 ? "stays at 0%" : toNothing(member);
    case "lower":
      return toNothing(member);
    case "takeBack":
      return givesBack(member, fall.aborting) ? backTo(member) : "back to rest";
    default:
      return unreachable(fall);
  }
}

function toNothing({ manifest }: Member): string {
  return `${manifest.weight}% → 0%`;
}

function backTo(member: Member): string {
  return `canary back to ${versionOf(releaseOf(member).from)}`;
}

/** Whether the way back that begins or goes on here ends with the image given back. */
export function givesBack(member: Member, aborting: Aborting): boolean {
  const { release } = member.at;
  if (release === undefined) return true;
  // While stable still has the new version, nothing differs that could be given back; it will, once stable is restored.
  return isPromoted(member, release) ? aborting.by !== "containment" : takesBack(member, { ...release, aborting });
}

/** What the commit does and what follows it, as a sentence of plain text. */
export function fallEffect(member: Member, fall: Fall): string {
  const { release } = member.at;
  const from = versionOf(releaseOf(member).from);
  switch (fall.kind) {
    case "abort":
      if (release === undefined) return `The canary goes back to ${from}; no traffic was on it.`;
      if (isPromoted(member, release))
        return `Stable goes back to ${from} under the weight as it is; the weight goes to 0 when that is seen live.`;
      return `The weight of the canary is 0 from here on; ${afterZero(member, fall.aborting)} when that is seen live.`;
    case "lower":
      return `Stable is seen on ${from}, so the weight of the canary goes to 0.`;
    case "takeBack":
      return givesBack(member, fall.aborting)
        ? `The canary is back on ${from} and its pods go.`
        : "The canary's pods go; what landed meanwhile stays and is not released.";
    default:
      return unreachable(fall);
  }
}

function afterZero(member: Member, aborting: Aborting): string {
  return givesBack(member, aborting) ? "the image goes back" : "its pods go";
}

/** Why, in a sentence of plain text; with the numbers of the verdict where a gate failed. `by` writes the login of a person. */
export function fallReason({ manifest }: Member, fall: Fall): string {
  const { aborting } = fall;
  const numbers = fall.kind === "abort" ? fall.verdict && numbersOf(fall.verdict, { manifest }) : undefined;
  switch (aborting.by) {
    case "gate":
      return `The gate failed: ${plain(aborting.reason)}${numbers === undefined ? "" : ` (${numbers})`}.`;
    case "person":
      return `Aborted by ${aborting.who === undefined ? "a person" : plain(aborting.who)}${saidWhy(aborting)}.`;
    case "containment":
      return `Contained: ${plain(aborting.reason)}.`;
    default:
      return unreachable(aborting.by);
  }
}

// Without a reason the state says who asked, which stands there already.
function saidWhy({ who, reason }: Aborting): string {
  return reason === `asked by ${who}` ? "" : `: ${plain(reason)}`;
}
