import type { Fall, Falling } from "../core/action.ts";
import { divergence } from "../core/divergence.ts";
import { isPromoted, switchesBack, takesBack } from "../core/fall.ts";
import { versionOf, type Image } from "../core/image.ts";
import { blocking, isBumped } from "../core/proposal.ts";
import type { Member } from "../core/snapshot.ts";
import type { Aborting, Blocked } from "../core/state.ts";
import { unreachable } from "../core/unreachable.ts";
import { LONGEST_NAME } from "./divergence.ts";
import { numbersOf } from "./evidence.ts";
import { plain } from "./markdown.ts";
import { isRollout, newVersion, releaseOf } from "./step.ts";
import { named as targetNames } from "./wave.ts";

/** The falls of a release that ends before its end. */
export type Back = Extract<Fall, { readonly aborting: Aborting }>;

/** One line that tells a commit that is merged at once from all others: "checkout 25% → 0% · prod · abort of 1.42.0". `fellows`: others that it takes along. */
export function fallTitle(member: Member, fall: Fall, fellows: readonly Falling[] = []): string {
  const targets = [member, ...fellows.map((one) => one.member)].map(({ target }) => target);
  return `${member.state.service} ${fallMove(member, fall)} · ${targetNames(targets)} · ${fallWord(member, fall)}`;
}

function fallWord(member: Member, fall: Fall): string {
  switch (fall.kind) {
    case "abort":
    case "lower":
    case "takeBack":
      return `${fall.aborting.by === "containment" ? "containment" : "abort"} of ${newVersion(member)}`;
    case "adopt":
      return `${isRaised(member) ? "raised" : "adopted"} by ${named(fall.by)}`;
    case "toZero":
      return UNWANTED;
    case "retry":
      return `retried by ${named(fall.by)}`;
    case "rollback":
      return `rolled back by ${named(fall.by)}`;
    default:
      return unreachable(fall);
  }
}

/** How such a weight is called in titles. */
const UNWANTED = "a weight without a release";

function named(by: string): string {
  return plain(by, LONGEST_NAME);
}

/** What the commit does, short. */
function fallMove(member: Member, fall: Fall): string {
  const { release } = member.at;
  switch (fall.kind) {
    case "abort":
      if (release === undefined) return backTo(member);
      if (restores(member, fall.aborting)) return `stable back to ${versionOf(release.from)}`;
      return member.manifest.weight === 0 ? "stays at 0%" : toNothing(member);
    case "lower":
    case "toZero":
      return toNothing(member);
    case "takeBack":
      return givesBack(member, fall.aborting) ? backTo(member) : "back to rest";
    case "adopt":
      return `state ${followed(member)}`;
    case "retry":
      return `${versionOf(fall.block.image)} may start again`;
    case "rollback":
      return differing(member.manifest.stable.image, fall.to.image);
    default:
      return unreachable(fall);
  }
}

/** From what to what the state goes that follows the manifests. */
function followed(member: Member): string {
  const { at, manifest } = member;
  return divergence(member)?.kind === "stable"
    ? `stable ${differing(at.stable, manifest.stable.image)}`
    : `${at.weight}% → ${manifest.weight}%`;
}

/** Two versions, or two whole references where the versions are called the same; a version with itself is another pod template. */
function differing(from: Image, to: Image): string {
  if (from === to) return `${versionOf(to)} with an earlier pod template`;
  return versionOf(from) === versionOf(to) ? `${from} → ${to}` : `${versionOf(from)} → ${versionOf(to)}`;
}

function isRaised(member: Member): boolean {
  return divergence(member)?.kind === "raised";
}

function toNothing({ manifest }: Member): string {
  return `${manifest.weight}% → 0%`;
}

function backTo(member: Member): string {
  return `canary back to ${versionOf(releaseOf(member).from)}`;
}

/** Whether the way back that begins here gives stable its old version first, under the weight as it is. */
export function restores(member: Member, aborting: Aborting): boolean {
  const { release } = member.at;
  // What stable had cannot be found where the commit that brought the version is gone.
  const isKnown = aborting.by !== "containment" && member.bump !== undefined;
  if (member.manifest.blueGreen === true) return release !== undefined && switchesBack(member, release);
  return release !== undefined && isKnown && isPromoted(member, release) && member.manifest.flagger === undefined;
}

/** Whether the way back that begins or goes on here ends with the image given back. */
export function givesBack(member: Member, aborting: Aborting): boolean {
  const { release } = member.at;
  if (release === undefined) return member.sharing.length === 0;
  // While stable still has the new version, nothing differs that could be given back; it will, once stable is restored.
  const isRestoring = isPromoted(member, release) && member.manifest.flagger === undefined;
  return isRestoring ? restores(member, aborting) : takesBack(member, { ...release, aborting });
}

/** What the commit does and what follows it, as a sentence of plain text. */
export function fallEffect(member: Member, fall: Fall): string {
  switch (fall.kind) {
    case "abort":
      return abortEffect(member, fall.aborting);
    case "lower":
      return `Stable is seen on ${versionOf(releaseOf(member).from)}, so the weight of the canary goes to 0.`;
    case "takeBack":
      return givesBack(member, fall.aborting)
        ? `The canary is back on ${versionOf(releaseOf(member).from)}${isRollout(member) ? ", which stable runs, and needs no pods of its own" : " and its pods go"}.`
        : goneText(member);
    case "adopt":
      return adoptEffect(member);
    case "toZero":
      return "The weight of the canary is 0 from here on, and all the traffic goes to stable.";
    case "retry":
      return retryEffect(member, fall.block);
    case "rollback":
      return `Stable and canary get ${versionOf(fall.to.image)} back as stable had it at ${fall.to.commit.slice(0, 10)}; no traffic moves between them.`;
    default:
      return unreachable(fall);
  }
}

/** Why the image stays, a clause. */
function sharedText(member: Member): string {
  return `its file is that of ${targetNames(member.sharing)} as well, which keeps ${newVersion(member)}, so the image stays at weight 0 and blocked`;
}

function goneText(member: Member): string {
  if (member.sharing.length > 0) return `The canary's pods go; ${sharedText(member)}.`;
  if (isRollout(member))
    return isBumped(member)
      ? "The release is over; what landed meanwhile stays, at weight 0."
      : "The release is over; the pod template in git is what stable runs.";
  return isBumped(member)
    ? "The canary's pods go; what landed meanwhile stays and is not released."
    : "The canary's pods go; what it has in git is what stable runs.";
}

function abortEffect(member: Member, aborting: Aborting): string {
  const { release } = member.at;
  const from = versionOf(releaseOf(member).from);
  if (release === undefined)
    return member.sharing.length > 0
      ? `No traffic was on the canary; ${sharedText(member)}.`
      : `The canary goes back to ${from}; no traffic was on it.`;
  if (restores(member, aborting) && member.manifest.blueGreen === true)
    return `The pod template is that of ${from} again, under an open switch: the Rollout sends all of the traffic to it as soon as its pods are ready; the switch is closed when that is seen live.`;
  if (member.manifest.flagger !== undefined) return canaryEffect(member, aborting, from);
  if (restores(member, aborting) && isRollout(member))
    return `The pod template is that of ${from} again, under steps that run out: the Rollout goes back to it at once, or runs out to it; the steps rest when that is seen live.`;
  if (restores(member, aborting))
    return `Stable goes back to ${from} under the weight as it is; the weight goes to 0 when that is seen live.`;
  const then = givesBack(member, aborting) ? "the image goes back" : "its pods go";
  return `The weight of the canary is 0 from here on; ${then} when that is seen live.`;
}

function canaryEffect(member: Member, aborting: Aborting, from: string): string {
  const { release } = member.at;
  if (aborting.by === "containment")
    return "All gates are closed: Flagger has sent all of the traffic back to stable, or does so at its next look, and what landed starts over at weight 0.";
  const back = givesBack(member, aborting) ? ` The pod template is that of ${from} again.` : "";
  const late =
    release !== undefined && isPromoted(member, release)
      ? ` If it has promoted ${newVersion(member)} before it reads of that, ${newVersion(member)} is stable for now, and ${from} comes as a release of its own.`
      : "";
  return `All gates are closed and Flagger's checks fail, so that it sends all of the traffic back to stable and takes the canary's pods away.${back}${late}`;
}

function adoptEffect(member: Member): string {
  const { at, manifest } = member;
  if (divergence(member)?.kind === "stable")
    return `The state follows: stable is ${versionOf(manifest.stable.image)}${isBumped(member) ? `, and ${versionOf(manifest.canary.image)} on the canary starts no release by itself` : ""}.`;
  const begins = at.release === undefined ? "begins" : "goes on";
  const override = isRaised(member) ? " The gates up to there are overridden." : "";
  return `The state follows: the release of ${newVersion(member)} ${begins} at ${manifest.weight}%, and its evidence begins anew.${override}`;
}

function retryEffect(member: Member, block: Blocked): string {
  const { canary } = member.manifest;
  const version = versionOf(block.image);
  if (isBumped(member) && blocking([block], canary) !== undefined)
    return `It stands on the canary, and its release starts at weight 0.`;
  return isBumped(member) || block.commit === undefined
    ? `The next bump to ${version} starts a release.`
    : `The canary gets ${version} again, and its release starts at weight 0.`;
}

/** What does not start again by itself after the commit, as a sentence of plain text; undefined where that is nothing. */
export function fallBlocks(member: Member, fall: Fall): string | undefined {
  const blocked = blockedBy(member, fall);
  return blocked && `${versionOf(blocked)} does not start again by itself; a newer version does.`;
}

function blockedBy(member: Member, fall: Fall): Image | undefined {
  if ("aborting" in fall) return fall.aborting.by === "containment" ? undefined : releaseOf(member).image;
  return fall.kind === "rollback" && fall.to.image !== member.manifest.stable.image
    ? member.manifest.stable.image
    : undefined;
}

/** Why, in a sentence of plain text; with the numbers of the verdict where a gate failed. */
export function fallReason(member: Member, fall: Fall): string {
  switch (fall.kind) {
    case "abort":
    case "lower":
    case "takeBack":
      return backReason(member, fall);
    case "adopt":
      return `${isRaised(member) ? "Raised by hand by" : "Adopted by"} ${named(fall.by)}: ${plain(fall.what)}.`;
    case "toZero":
      return `Asked for by ${named(fall.by)}: ${fall.from}% of the traffic went to the canary, and no release wants that.`;
    case "retry":
      return `Retried by ${named(fall.by)}: ${versionOf(fall.block.image)} had been taken back (${plain(fall.block.reason)}).`;
    case "rollback":
      return `Rolled back by ${named(fall.by)}.`;
    default:
      return unreachable(fall);
  }
}

function backReason(member: Member, fall: Back): string {
  const { aborting } = fall;
  const numbers = fall.kind === "abort" ? fall.verdict && numbersOf(fall.verdict, member) : undefined;
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

/** Why the commit needs no gate, as a sentence without its stop. */
export function gateless({ kind }: Fall): string {
  switch (kind) {
    case "abort":
    case "lower":
    case "takeBack":
    case "toZero":
    case "rollback":
      return "A way back needs no gate";
    case "adopt":
    case "retry":
      return "What raises no weight needs no gate";
    default:
      return unreachable(kind);
  }
}
