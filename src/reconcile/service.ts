import type { Name, Sha } from "../core/names.ts";
import { trespassesOf } from "../core/ownership.ts";
import { planOf } from "../core/plan.ts";
import { isBumped } from "../core/proposal.ts";
import type { Leftover, Member } from "../core/snapshot.ts";
import type { ServiceState, TargetState } from "../core/state.ts";
import type { Manifest } from "../core/manifest.ts";
import type { Blob } from "../ports/git.ts";
import type { Refused, Scene, UnmeasuredMember } from "./scene.ts";
import { serviceOf, type Understood } from "./readings.ts";
import { findBump, knownBump, stateHistory, type StateHistory } from "./release-history.ts";

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
  if (state.kind === "refused") return refusal(file, state.problems, await canariesBefore(scene, file));
  const places = [...state.value.targets].map(([target, at]): Place => ({ state: state.value, target, at }));
  const members = await Promise.all(places.map((place) => observeMember(scene, file, place)));
  const problems = members.flatMap((member) => (member.kind === "refused" ? member.problems : []));
  if (problems.length > 0) return refusal(file, problems, canariesOf(state.value));
  return members.flatMap((member) => (member.kind === "read" ? [member.value] : []));
}

function refusal({ path, pulls }: StateFile, problems: readonly string[], canaries: readonly string[]): Refused {
  return { service: serviceOf(path), problems, pulls, canaries };
}

function canariesOf({ targets }: ServiceState): readonly string[] {
  return [...targets.values()].map(({ manifests }) => manifests.canary);
}

/** As far back as a state file that can be read is looked for, in changes of it. */
const READABLE_WITHIN = 10;

async function canariesBefore(
  { head, eyes: { git, readings } }: Scene,
  { path }: StateFile,
): Promise<readonly string[]> {
  const commits = await git.history(head, path, READABLE_WITHIN);
  const states = await Promise.all(
    commits.map(async ({ sha }) => readings.state(path, (await git.read(sha, [path])).get(path))),
  );
  const readable = states.find(({ kind }) => kind === "read");
  return readable?.kind === "read" ? canariesOf(readable.value) : [];
}

export type Place = { readonly state: ServiceState; readonly target: Name; readonly at: TargetState };

async function observeMember(scene: Scene, file: StateFile, place: Place): Promise<Understood<UnmeasuredMember>> {
  const trespasses = trespassesOf(place.state, place.at);
  if (trespasses.length > 0) return { kind: "refused", problems: trespasses.map((what) => `${file.path}: ${what}`) };
  const manifest = await manifestAt(scene, scene.head, place);
  if (manifest.kind === "refused") return manifest;
  const policy = scene.config.policyFor(place.target, pathsOf(place.at));
  if (policy.kind === "refused") return policy;
  const plan = planOf(policy.value, manifest.value.stable.replicas);
  const still = { ...place, manifest: manifest.value, policy: policy.value, plan };
  const past = await observePast(scene, file, still);
  const leftovers = file.pulls.filter(({ branch }) =>
    branch.startsWith(`tidegate/${place.state.service}/${place.target}/`),
  );
  return { kind: "read", value: { ...still, ...past, pull: undefined, leftovers, heard: [] } };
}

function pathsOf({ manifests: { canary, stable, route } }: TargetState): readonly string[] {
  return [canary, stable, route];
}

/** What the member's files say at a commit. */
export async function manifestAt(
  { eyes: { git, readings } }: Scene,
  commit: Sha,
  { state, at }: Place,
): Promise<Understood<Manifest>> {
  const { canary, stable, route } = at.manifests;
  const blobs = await git.read(commit, [canary, stable, route]);
  return readings.manifest(at, state.service, blobs);
}

type Past = Pick<Member, "landings" | "changedAt" | "bump" | "ended">;

const AT_REST: Past = { landings: new Map(), changedAt: 0, bump: undefined, ended: undefined };

/** The history of a member that rests is not read: nothing is asked of it. */
async function observePast(scene: Scene, file: StateFile, member: Place & Pick<Member, "manifest">): Promise<Past> {
  const { at } = member;
  if (at.release === undefined && !isBumped(member) && !file.isRecent) return AT_REST;
  const history = await historyOf(scene, file, member.target);
  return { ...history, bump: await bumpOf(scene, member) };
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
  const versionAt = async (commit: Sha) => {
    const manifest = await manifestAt(scene, commit, place);
    return manifest.kind === "read" ? manifest.value.canary : undefined;
  };
  if (release !== undefined) return knownBump(git, release, versionAt);
  return isBumped(place) ? findBump({ git, forge, from: scene.head, path: manifests.canary }, versionAt) : undefined;
}
