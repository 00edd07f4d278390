import type { Change } from "./change.ts";
import type { Sha } from "./names.ts";
import type { Version } from "./manifest.ts";
import { blocking, isBumped, nothing, withTarget } from "./proposal.ts";
import type { Member } from "./snapshot.ts";
import type { Aborting, Blocked, ReleaseState, ServiceState } from "./state.ts";
import { NO_WEIGHT } from "./weight.ts";

/**
 * The first commit of an abort: the weight to 0. From promotion on, stable's old version first, under the weight as it is, because what stands
 * on the canary is what was proven; unless something else has come to stand there, which then loses its weight at once and leaves stable alone.
 * A release that has not begun has no weight to lose: its bump is taken back at once.
 */
export function abortOf(member: Member, base: Sha, aborting: Aborting, heard: number): Change {
  const release = member.at.release;
  if (release === undefined) return refusal(member, base, aborting, heard);
  // Where the commit that brought the version is gone, what stable had before it cannot be found.
  const isRestored = isPromoted(member, release) && aborting.by !== "containment" && member.bump !== undefined;
  const weight = isRestored ? member.manifest.weight : NO_WEIGHT;
  const stable = isRestored ? release.from : member.at.stable;
  const at = { ...member.at, weight, stable, release: { ...release, override: undefined, aborting } };
  return {
    ...nothing(member, base),
    weight,
    stableTemplate: isRestored ? { kind: "asAt", commit: member.beforePromotion ?? beforeOf(member) } : undefined,
    state: { ...withTarget(member, at), ...ended(member, release, aborting, heard) },
  };
}

/** The next commit of an abort that has begun: `lower` the weight under a restored stable, or `takeBack` the image and the replicas. */
export function fallOf(
  member: Member,
  base: Sha,
): { readonly kind: "lower" | "takeBack"; readonly change: Change } | undefined {
  const release = member.at.release;
  if (release?.aborting === undefined) return undefined;
  if (member.manifest.weight > NO_WEIGHT) {
    const state = withTarget(member, { ...member.at, weight: NO_WEIGHT });
    return { kind: "lower", change: { ...nothing(member, base), weight: NO_WEIGHT, state } };
  }
  const state = withTarget(member, { ...member.at, weight: NO_WEIGHT, release: undefined });
  const canaryTemplate = takesBack(member, release) ? givenBack(member, release, member.state.blocked) : undefined;
  return { kind: "takeBack", change: { ...nothing(member, base), canaryReplicas: 0, canaryTemplate, state } };
}

/** Stable has been given the new version. */
export function isPromoted({ manifest }: Pick<Member, "manifest">, release: ReleaseState): boolean {
  return manifest.stable.template === release.template;
}

/** Whether the way back ends with the image given back. What containment found in place of the release is somebody's newer word, and stays. */
export function takesBack(member: Pick<Member, "manifest">, { aborting, image }: ReleaseState): boolean {
  return aborting?.by !== "containment" && isBumped(member) && member.manifest.canary.image === image;
}

/** What stood there before the bump; where that is blocked itself, or cannot be read, what stable runs. */
function givenBack(
  member: Member,
  { image, template }: Version,
  blocked: readonly Blocked[],
): NonNullable<Change["canaryTemplate"]> {
  const aborted = { image, template };
  const was = member.bump?.was;
  if (was === undefined || blocking(blocked, was) !== undefined) return { kind: "asStable", aborted };
  return { kind: "asAt", commit: beforeOf(member), aborted };
}

function refusal(member: Member, base: Sha, aborting: Aborting, heard: number): Change {
  const { image, template } = member.manifest.canary;
  const state = {
    ...member.state,
    ...ended(member, { image, template, from: member.at.stable, commit: member.bump?.commit }, aborting, heard),
  };
  return {
    ...nothing(member, base),
    canaryReplicas: 0,
    canaryTemplate: givenBack(member, { image, template }, state.blocked),
    state,
  };
}

function ended(
  { state, target }: Member,
  release: Pick<ReleaseState, "image" | "template" | "from"> & { readonly commit: Sha | undefined },
  aborting: Aborting,
  heard: number,
): Pick<ServiceState, "holds" | "heard" | "blocked"> {
  return {
    holds: state.holds.filter((hold) => hold.target !== target),
    heard: Math.max(state.heard, heard),
    blocked:
      aborting.by === "containment"
        ? state.blocked
        : [...state.blocked.filter(({ image }) => image !== release.image), blocked(release, aborting)],
  };
}

/** A release that changed no image is blocked by its template: its image is what stable runs. */
function blocked(
  {
    image,
    template,
    from,
    commit,
  }: Pick<ReleaseState, "image" | "template" | "from"> & { readonly commit: Sha | undefined },
  { by, reason }: Aborting,
): Blocked {
  return { image, template: image === from ? template : undefined, commit, by, reason };
}

function beforeOf({ bump }: Member): Sha {
  if (bump === undefined) throw new Error("Nothing can be given back without the commit that brought it.");
  return bump.before;
}
