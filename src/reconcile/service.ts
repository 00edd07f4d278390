import { bumpedInAny, filesOf, pinnedIn, weighedIn } from "../core/manifests.ts";
import { isNamedFor } from "../core/action.ts";
import type { Name, Sha } from "../core/names.ts";
import { trespassesOf } from "../core/ownership.ts";
import { divergence } from "../core/divergence.ts";
import { isPromoted } from "../core/fall.ts";
import { planFor, unplannable, type Climb, type Policy } from "../core/plan.ts";
import { isBumped } from "../core/proposal.ts";
import { behindOf, fellowsOf, inOrder, sharingOf } from "../core/waves.ts";
import type { Edit, Leftover, Member } from "../core/snapshot.ts";
import type { PlanName, RolloutFiles, ServiceState, TargetState } from "../core/state.ts";
import type { Manifest, Version } from "../core/manifest.ts";
import type { Blob, Commit } from "../ports/git.ts";
import { unfitOf } from "./fitness.ts";
import { gateProblem } from "./gated.ts";
import type { Refused, Scene, UnmeasuredMember } from "./scene.ts";
import { readableState } from "./readable-state.ts";
import { pathOf, serviceOf, type Understood } from "./readings.ts";
import { beforeVersion, commitWith, findBump, knownBump, stateHistory, type StateHistory } from "./release-history.ts";

/** A service's state file at the tracked branch's head, and our open pull requests of that service. */
export type StateFile = {
  readonly path: string;
  readonly blob: Blob | undefined;
  readonly pulls: readonly Leftover[];
  /** It was changed lately: how its last release ended is still to be told. */
  readonly isRecent: boolean;
};

/** Reads one service. What cannot be read is a refusal, and nothing of it moves: one unreadable target stops them all, as they share the state file. */
export async function observeService(scene: Scene, file: StateFile): Promise<readonly UnmeasuredMember[] | Refused> {
  const state = scene.eyes.readings.state(file.path, file.blob);
  if (state.kind === "read") return observeState(scene, file, { state: state.value, obstacle: undefined });
  const before = await readableState(scene.eyes, scene.head, file.path);
  const [obstacle] = state.problems;
  // What is in flight must not be left to itself because somebody has broken the file that says so.
  if (before !== undefined && isInFlight(before)) return observeState(scene, file, { state: before, obstacle });
  return refusal(file, state.problems, before === undefined ? [] : canariesOf(before));
}

type Readable = { readonly state: ServiceState; readonly obstacle: string | undefined };

function isInFlight({ targets }: ServiceState): boolean {
  return [...targets.values()].some(({ release }) => release !== undefined);
}

async function observeState(
  scene: Scene,
  file: StateFile,
  { state, obstacle }: Readable,
): Promise<readonly UnmeasuredMember[] | Refused> {
  const places = [...state.targets].map(([target, at]): Place => ({ state, target, at, obstacle }));
  const members = await Promise.all(places.map((place) => observeMember(scene, file, place)));
  const problems = members.flatMap((member) => (member.kind === "refused" ? member.problems : []));
  if (problems.length > 0) return refusal(file, problems, canariesOf(state));
  const read = inOrder(members.flatMap((member) => (member.kind === "read" ? [member.value] : [])));
  return read.map((member) => ({
    ...member,
    fellows: fellowsOf(member, read),
    sharing: sharingOf(member, read),
    behind: behindOf(member, read),
  }));
}

function refusal({ path, pulls }: StateFile, problems: readonly string[], canaries: readonly string[]): Refused {
  return { service: serviceOf(path), problems, pulls, canaries };
}

function canariesOf({ targets }: ServiceState): readonly string[] {
  return [...targets.values()].flatMap(({ manifests }) => bumpedInAny(manifests));
}

export type Place = {
  readonly state: ServiceState;
  readonly target: Name;
  readonly at: TargetState;
  /** Why the state is not the one at the head. */
  readonly obstacle: string | undefined;
};

async function observeMember(scene: Scene, file: StateFile, place: Place): Promise<Understood<UnmeasuredMember>> {
  const manifest = await manifestAt(scene, scene.head, place);
  const trespasses = trespassesOf(place.state, place.at, manifest.kind === "read" ? manifest.value : undefined);
  if (trespasses.length > 0) return { kind: "refused", problems: trespasses.map((what) => `${file.path}: ${what}`) };
  if (manifest.kind === "refused") return manifest;
  const { config, readable } = scene;
  const isUnderWay = place.at.release !== undefined;
  const files = filesOf(place.at.manifests);
  const said = config.policyFor(place.target, files, place.state.service);
  // What is in flight must not be left to itself either because configuration no longer knows its target.
  const policy = isUnderWay ? readable.policyFor(place.target, files, place.state.service) : said;
  if (policy.kind === "refused") return policy;
  const unreadable = place.obstacle ?? (said.kind === "refused" ? said.problems[0] : undefined);
  const isMoving = isUnderWay || isBumped({ manifest: manifest.value });
  const moving = { ...place, manifest: manifest.value, policy: policy.value };
  const obstacle = unreadable ?? (isMoving ? await hindranceOf(scene, moving) : undefined);
  const still = { ...place, obstacle, manifest: manifest.value, policy: policy.value };
  const past = await observePast(scene, file, still);
  const planName = planNameOf({ ...still, bump: past.bump });
  const plan = planFor(weightsOf(policy.value, planName), place.at, manifest.value);
  const leftovers = file.pulls.filter(({ branch }) => isNamedFor(place, branch));
  const member = { ...still, ...past, plan, planName, leftovers };
  return { kind: "read", value: { ...member, ...NOTHING_OPEN, edit: await editOf(scene, member) } };
}

/** Why a release is not to go on, or to begin: a template that judges it cannot be used, or traffic would be dropped. */
async function hindranceOf(
  scene: Scene,
  moving: Place & Pick<Member, "manifest" | "policy">,
): Promise<string | undefined> {
  const config = moving.at.release === undefined ? scene.config : scene.readable;
  const { policy, at } = moving;
  return (
    unplannable(policy, at, moving.manifest) ??
    (await gateProblem(scene, config, moving)) ??
    (await unfitOf(scene, moving))
  );
}

/** What is only known once the other members, pull requests and comments have been read. */
const NOTHING_OPEN = {
  fellows: [],
  sharing: [],
  behind: [],
  pull: undefined,
  kept: undefined,
  closed: undefined,
  refusal: undefined,
  past: [],
  heard: [],
} as const;

/** Which plan a release follows: the one that it began with, or what its bump's labels ask for. */
function planNameOf({ at, policy, bump }: Pick<Member, "at" | "policy" | "bump">): PlanName {
  if (at.release !== undefined) return at.release.plan;
  const { expedite } = policy;
  return expedite !== undefined && bump?.labels.includes(expedite.label) === true ? "expedite" : "usual";
}

/** What a policy says for a plan of that name; one that configuration no longer has is the usual one. */
export function weightsOf(policy: Policy, name: PlanName): Climb {
  return name === "expedite" ? (policy.expedite ?? policy) : policy;
}

/** The newest commit that changed the file which the state contradicts; where that is ours, it agreed, and the state was edited since. */
async function editOf(
  { head, eyes: { git } }: Scene,
  member: Pick<Member, "state" | "at" | "manifest" | "plan" | "bump">,
): Promise<Edit | undefined> {
  const found = divergence(member);
  if (found === undefined || found.kind === "plan" || found.kind === "origin") return undefined;
  const { manifests } = member.at;
  const [changed] = await git.history(head, found.kind === "stable" ? pinnedIn(manifests) : weighedIn(manifests), 1);
  const isOurs = changed !== undefined && OURS.test(changed.message);
  const [commit] = isOurs ? await git.history(head, pathOf(member.state.service), 1) : [changed];
  return commit && { commit: commit.sha, by: commit.author, at: commit.at };
}

/** What Tidegate writes under every commit of its own, whoever merges it. */
const OURS = /^Tidegate-(?:Step|Fall): /m;

/** What the member's files say at a commit. */
export async function manifestAt(
  { eyes: { git, readings } }: Scene,
  commit: Sha,
  { state, at }: Pick<Place, "state" | "at">,
): Promise<Understood<Manifest>> {
  const blobs = await git.read(commit, filesOf(at.manifests));
  return readings.manifest(at, state.service, blobs);
}

type Past = Pick<Member, "landings" | "changedAt" | "changedIn" | "bump" | "beforePromotion" | "ended" | "merger">;

const AT_REST: Past = {
  landings: new Map(),
  changedAt: 0,
  bump: undefined,
  beforePromotion: undefined,
  ended: undefined,
  merger: undefined,
};

/** The history of a member that rests is not read: nothing is asked of it. */
async function observePast(scene: Scene, file: StateFile, member: Place & Pick<Member, "manifest">): Promise<Past> {
  const { at } = member;
  if (at.release === undefined && !isBumped(member) && !file.isRecent) return AT_REST;
  const { newest, ...history } = await historyOf(scene, file, member.target);
  const merger = at.release === undefined ? undefined : await mergerOf(scene, newest);
  const changedIn = newest.sha;
  return {
    ...history,
    changedIn,
    merger,
    bump: await bumpOf(scene, member),
    beforePromotion: await promotedFrom(scene, member),
  };
}

async function promotedFrom(scene: Scene, place: Place & Pick<Member, "manifest">): Promise<Sha | undefined> {
  const { release, manifests } = place.at;
  if (manifests.layout === "rollout") return whereStableStood(scene, place, manifests);
  if (release === undefined || !isPromoted(place, release)) return undefined;
  const from = { git: scene.eyes.git, from: scene.head, path: pinnedIn(manifests) };
  return beforeVersion(from, release.from, async (commit) => {
    const manifest = await manifestAt(scene, commit, place);
    return manifest.kind === "read" ? manifest.value.stable : undefined;
  });
}

/** What an Argo Rollout's stable runs was its pod template once: where is found again by its digest. */
function whereStableStood(scene: Scene, place: Place, manifests: RolloutFiles): Promise<Sha | undefined> {
  const changes = { git: scene.eyes.git, from: scene.head, paths: bumpedInAny(manifests) };
  return commitWith(changes, manifests.stableTemplate, canaryAt(scene, place));
}

/** What the canary had at a commit; undefined where that cannot be read. */
function canaryAt(scene: Scene, place: Place): (commit: Sha) => Promise<Version | undefined> {
  return async (commit) => {
    const manifest = await manifestAt(scene, commit, place);
    return manifest.kind === "read" ? manifest.value.canary : undefined;
  };
}

/** Who merged a step by hand: what Tidegate merges, it says in the commit's message. */
async function mergerOf({ eyes: { forge } }: Scene, { sha, message }: Commit): Promise<string | undefined> {
  if (/^Tidegate-(?:Merged|Fall): /m.test(message)) return undefined;
  const [pull] = await forge.pullsOf(sha);
  const merger = pull && (await forge.mergedBy(pull.number));
  return merger === undefined || merger.byBot ? undefined : merger.login;
}

function historyOf({ head, eyes: { git, readings } }: Scene, { path }: StateFile, target: Name): Promise<StateHistory> {
  return stateHistory({ git, from: head, path }, target, async (commit) => {
    const state = readings.state(path, (await git.read(commit, [path])).get(path));
    return state.kind === "read" ? state.value : undefined;
  });
}

async function bumpOf(scene: Scene, place: Place & Pick<Member, "manifest">): Promise<Member["bump"]> {
  const { git, forge } = scene.eyes;
  const { release, manifests } = place.at;
  const versionAt = canaryAt(scene, place);
  if (release !== undefined) return knownBump({ git, head: scene.head }, release, versionAt);
  return isBumped(place)
    ? findBump({ git, forge, from: scene.head, paths: bumpedInAny(manifests) }, versionAt)
    : undefined;
}
