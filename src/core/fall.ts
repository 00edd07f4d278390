import type { Change } from "./change.ts";
import type { Sha } from "./names.ts";
import type { Manifest, Version } from "./manifest.ts";
import { scaledAt, scaleThemselves, withStable } from "./manifests.ts";
import { hasSwitched } from "./preview.ts";
import { blocking, isBumped, nothing, byWeightAlone, withTarget } from "./proposal.ts";
import { settledOn } from "./rollout.ts";
import type { Member } from "./snapshot.ts";
import type { Aborting, Blocked, ReleaseState, ServiceState } from "./state.ts";
import { NO_WEIGHT, WHOLE } from "./weight.ts";

/**
 * The first commit of an abort: the weight to 0. From promotion on, stable's old version first, under the weight as it is, because what stands
 * on the canary is what was proven; unless something else has come to stand there, which then loses its weight at once and leaves stable alone.
 * Of an Argo Rollout that is its one pod template as stable had it, with the run-out still committed: the controller goes back to the ReplicaSet that is
 * still stable at once, or, where it has promoted, runs out to the old version.
 * Where that one switches, whatever has come to stand there may have been switched to: it goes as well, and nothing but the old version, with the switch open, ends it.
 * Of a Canary of Flagger's the gates close and its pod template is stable's again, both at once: Flagger sends nothing back while its pods are not ready, and pods of
 * stable's version are. From promotion on it takes that back as well, or has promoted before it read of it: then that version is stable, and the one before comes as a release of its own.
 * Of Knative's pods both arms have the old version at once: its Route stays as it is while the revision of either is not ready (serving 98e5ef90, pkg/reconciler/route, configureTraffic).
 * A release that has not begun has no weight to lose: its bump is taken back at once.
 */
export function abortOf(member: Member, base: Sha, aborting: Aborting, heard: number): Change {
  const release = member.at.release;
  if (release === undefined) return refusal(member, base, aborting, heard);
  // Where the commit that brought the version is gone, what stable had before it may be found all the same.
  const isFound = (member.beforePromotion ?? member.bump) !== undefined;
  const isSwitched = member.manifest.blueGreen === true;
  const isRestored = isSwitched
    ? switchesBack(member, release)
    : isPromoted(member, release) && aborting.by !== "containment" && isFound && member.manifest.flagger === undefined;
  const weight = isRestored ? (isSwitched ? WHOLE : member.manifest.weight) : NO_WEIGHT;
  const stable = isRestored ? release.from : member.at.stable;
  const at = { ...byWeightAlone(member.at), weight, stable, release: { ...release, override: undefined, aborting } };
  return {
    ...nothing(member, base),
    weight,
    ...(isRestored ? restoring(member, release) : atOnce(member, { ...release, aborting })),
    state: { ...withTarget(member, at), ...ended(member, release, aborting, heard) },
  };
}

/** What the canary is given back with the weight. Of Flagger's what stable runs, whatever stood there before the bump: nobody would have judged anything else under the weight that is left, and it is not taken back while its pods are not ready. */
function atOnce(member: Member, release: ReleaseState): Partial<Change> {
  const { at, manifest, bump, beforePromotion, state } = member;
  if (!takesBack(member, release)) return {};
  if (scaleThemselves(at.manifests)) return { canaryTemplate: givenBack(member, release, state.blocked) };
  if (manifest.flagger === undefined) return {};
  const isStable = bump?.was?.template === manifest.stable.template;
  const commit = isStable ? bump?.before : beforePromotion;
  return commit === undefined ? {} : { canaryTemplate: { kind: "asAt", commit, aborted: release } };
}

/** Whether a way back that begins has to switch a blue/green Rollout back: it has been told to switch, or has done so behind git's back. */
export function switchesBack(member: Member, release: ReleaseState): boolean {
  const isTold = isPromoted(member, release) || member.manifest.weight === WHOLE;
  return member.beforePromotion !== undefined && (isTold || hasSwitched(member));
}

function restoring(member: Member, release: Version): Partial<Change> {
  const commit = member.beforePromotion ?? beforeOf(member);
  const { at, manifest } = member;
  const { image, template } = manifest.blueGreen === true ? manifest.canary : release;
  const aborted = { image, template };
  if (at.manifests.layout === "rollout") return { canaryTemplate: { kind: "asAt", commit, aborted } };
  const isBoth = scaleThemselves(at.manifests) && member.sharing.length === 0 && manifest.canary.image === image;
  return {
    stableTemplate: { kind: "asAt", commit },
    canaryTemplate: isBoth ? { kind: "asStableAt", commit, aborted } : undefined,
  };
}

/** The next commit of an abort that has begun: `lower` the weight under a restored stable, or `takeBack` the image and the replicas. */
export function fallOf(
  member: Member,
  base: Sha,
): { readonly kind: "lower" | "takeBack"; readonly change: Change } | undefined {
  const release = member.at.release;
  if (release?.aborting === undefined) return undefined;
  if (member.manifest.weight > NO_WEIGHT || isSentBesides(member.manifest)) {
    const state = withTarget(member, { ...member.at, weight: NO_WEIGHT });
    return { kind: "lower", change: { ...nothing(member, base), weight: NO_WEIGHT, state } };
  }
  const settled = settledOn(member);
  const at = settled === undefined ? member.at : withStable(member.at, settled);
  const state = withTarget(member, { ...at, weight: NO_WEIGHT, release: undefined });
  const canaryTemplate = takesBack(member, release) ? givenBack(member, release, member.state.blocked) : undefined;
  // What has Flagger take a version back goes with the end of the way back.
  const weight = member.manifest.flagger === undefined ? undefined : NO_WEIGHT;
  const change = { ...nothing(member, base), weight, canaryReplicas: noReplicas(member), canaryTemplate, state };
  return { kind: "takeBack", change };
}

/** Whether the route sends the canary something that no weight says: testers alone, or copies. */
export function isSentBesides({ testers, mirror = 0 }: Pick<Manifest, "testers" | "mirror">): boolean {
  return testers === true || mirror > 0;
}

/** Stable has been given the new version, or is on its way to it: an Argo Rollout whose steps were let run out. */
export function isPromoted({ at, manifest }: Pick<Member, "at" | "manifest">, release: ReleaseState): boolean {
  return at.manifests.layout === "rollout" ? at.weight === WHOLE : manifest.stable.template === release.template;
}

/** None, of a canary whose replicas are written anywhere; others are the cluster's to choose. */
function noReplicas({ at: { manifests } }: Member): number | undefined {
  return scaledAt(manifests) === undefined ? undefined : 0;
}

/** Whether the way back ends with the image given back. What containment found in place of the release is somebody's newer word, and stays; so does what other targets have from the same file. */
export function takesBack(member: Pick<Member, "manifest" | "sharing">, { aborting, image }: ReleaseState): boolean {
  if (aborting?.by === "containment" || member.sharing.length > 0) return false;
  return isBumped(member) && member.manifest.canary.image === image;
}

/** What stood there before the bump; where that is blocked itself, or cannot be read, what stable runs. */
function givenBack(
  member: Member,
  { image, template }: Version,
  blocked: readonly Blocked[],
): Change["canaryTemplate"] {
  const aborted = { image, template };
  const was = member.bump?.was;
  if (was !== undefined && blocking(blocked, was) === undefined)
    return { kind: "asAt", commit: beforeOf(member), aborted };
  if (member.at.manifests.layout !== "rollout") return { kind: "asStable", aborted };
  // What stable runs stands in no file; where no commit is known that has it, the bump stays, at weight 0 and blocked.
  const commit = member.beforePromotion;
  return commit === undefined ? undefined : { kind: "asAt", commit, aborted };
}

function refusal(member: Member, base: Sha, aborting: Aborting, heard: number): Change {
  const { image, template } = member.manifest.canary;
  const state = {
    ...member.state,
    ...ended(member, { image, template, from: member.at.stable, commit: member.bump?.commit }, aborting, heard),
  };
  return {
    ...nothing(member, base),
    canaryReplicas: noReplicas(member),
    canaryTemplate: member.sharing.length > 0 ? undefined : givenBack(member, { image, template }, state.blocked),
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
