import { versionOf } from "./image.ts";
import { bumpedIn } from "./manifests.ts";
import type { Name, Sha } from "./names.ts";
import type { Wave } from "./plan.ts";
import { blockOf, isBumped, isWaiting, nextStep } from "./proposal.ts";
import type { Member } from "./snapshot.ts";
import type { Weight } from "./weight.ts";

/** A member of an earlier wave that still has to do what another one waits to begin with. */
export type Earlier = {
  readonly target: Name;
  readonly wave: Wave;
  /** What the state wants there now. */
  readonly weight: Weight;
  readonly doing: "waits" | "underWay" | "takenBack";
};

type Placed = Pick<Member, "target" | "at" | "manifest" | "bump" | "state" | "policy">;

/** The members of earlier waves of the same service that a release which waits to begin is to wait for, in the order of waves; those that do not have its version count for nothing. */
export function behindOf(member: Placed, others: readonly Placed[]): readonly Earlier[] {
  const mine = isWaiting(member) ? pendingOf(member) : undefined;
  if (mine === undefined) return [];
  const { index } = member.policy.wave;
  return inOrder(others)
    .filter(({ policy }) => policy.wave.index < index)
    .flatMap((other) => {
      const theirs = pendingOf(other);
      return theirs !== undefined && isSame(mine, theirs) ? [earlier(other)] : [];
    });
}

/** The targets that read their canary from the same file, and that have the version in it under way or on stable. */
export function sharingOf(member: Placed, others: readonly Placed[]): readonly Name[] {
  const file = bumpedIn(member.at.manifests);
  return others.flatMap(({ target, at, manifest }) => {
    if (target === member.target || bumpedIn(at.manifests) !== file) return [];
    const { image, template } = manifest.canary;
    const isUnderWay = at.release !== undefined && at.release.aborting === undefined && at.release.image === image;
    return isUnderWay || manifest.stable.template === template ? [target] : [];
  });
}

/** The other targets of a member's wave. */
export function fellowsOf(member: Placed, others: readonly Placed[]): readonly Name[] {
  const { index } = member.policy.wave;
  return others.flatMap(({ target, policy }) =>
    policy.wave.index === index && target !== member.target ? [target] : [],
  );
}

/** Members in the order of their waves; those of one wave stay as they were. */
export function inOrder<T extends Pick<Member, "policy">>(members: readonly T[]): readonly T[] {
  return members.toSorted((one, two) => one.policy.wave.index - two.policy.wave.index);
}

/** What a member has still to release. */
type Pending = { readonly image: string; readonly from: string; readonly commit: Sha | undefined };

function pendingOf(member: Placed): Pending | undefined {
  const { at, manifest, bump } = member;
  if (at.release !== undefined) return at.release;
  if (!isBumped(member) || blockOf(member) !== undefined) return undefined;
  return { image: manifest.canary.image, from: manifest.stable.image, commit: bump?.commit };
}

/** One version, or one commit; where no image changes, targets share nothing but the commit. */
function isSame(one: Pending, two: Pending): boolean {
  if (one.commit !== undefined && one.commit === two.commit) return true;
  return one.image === two.image && one.image !== one.from && two.image !== two.from;
}

function earlier({ target, at, policy }: Placed): Earlier {
  const { release, weight } = at;
  const flight = release?.aborting === undefined ? "underWay" : "takenBack";
  return { target, wave: policy.wave, weight, doing: release === undefined ? "waits" : flight };
}

/** Why there is no step yet that a word could be about, a clause. */
export function beforeItsTurn({ behind, manifest }: Pick<Member, "behind" | "manifest">): string | undefined {
  if (behind.length === 0) return undefined;
  const targets = behind.map(({ target }) => target).join(", ");
  return `${versionOf(manifest.canary.image)} has not begun here: it waits for ${targets}`;
}

/** A release is under way or waits to begin. */
export function isComing(member: Member): boolean {
  return isWaiting(member) || nextStep(member) !== undefined;
}

/** Why nothing can be written for a member's step alone, a clause: it has none yet, or its wave's pull request moves on without it. */
export function withoutStep(member: Member): string | undefined {
  const { pull, fellows, target } = member;
  if (pull === undefined || fellows.length === 0 || pull.moves.includes(target)) return beforeItsTurn(member);
  return "it stays behind its wave for now: say it again on its own pull request";
}
