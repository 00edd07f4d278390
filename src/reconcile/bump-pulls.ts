import type { Manifest } from "../core/manifest.ts";
import { bumpedInAny, filesOf } from "../core/manifests.ts";
import type { Sha } from "../core/names.ts";
import { unplannable } from "../core/plan.ts";
import { blocking } from "../core/proposal.ts";
import { claimedWeight, owns } from "../core/ownership.ts";
import type { BumpPull, Reach } from "../core/snapshot.ts";
import type { Pull } from "../ports/forge.ts";
import { beyondOf, NOTHING_BEYOND } from "./beyond.ts";
import { unfitOf } from "./fitness.ts";
import { gateDoubts, gateProblem } from "./gated.ts";
import { pushedOnto } from "./opt-pulls.ts";
import type { Refused, Scene, UnmeasuredMember } from "./scene.ts";
import { reconfiguredBy } from "./reconfigured.ts";
import { manifestAt } from "./service.ts";
import { pathOf, type Understood } from "./readings.ts";

/** The open pull requests of others, and ours that opt in or out with commits of others, that would change a member's canary, what only Tidegate writes, or the configuration. */
export async function observeBumps(
  scene: Scene,
  members: readonly UnmeasuredMember[],
  refused: readonly Refused[],
): Promise<readonly BumpPull[]> {
  const { git } = scene.eyes;
  const others = othersIn(scene).map(async (pull) => {
    const changed = await git.changed(scene.head, pull.headSha);
    return observeBump(scene, { members, refused }, { ...pull, changed });
  });
  const pushed = (await pushedIn(scene)).map(async (pull) => {
    const bump = await observeBump(scene, { members, refused }, pull);
    // That something is changed which only Tidegate writes is told of these as they are.
    return bump.reaches.length > 0 || bump.reconfigured !== undefined ? [bump] : [];
  });
  const bumps = [...(await Promise.all(others)), ...(await Promise.all(pushed)).flat()];
  const drafts = new Set(scene.pulls.flatMap(({ draft, number }) => (draft ? [number] : [])));
  return inLine(
    bumps.filter(
      ({ reaches, trespasses, reconfigured }) => reaches.length + trespasses.length > 0 || reconfigured !== undefined,
    ),
    drafts,
  );
}

type Changing = Proposed & { readonly changed: readonly string[] };

/** What somebody has pushed onto pull requests of ours that opt in or out, by what they have changed there. */
async function pushedIn(scene: Scene): Promise<readonly Changing[]> {
  const { git } = scene.eyes;
  const found = (await pushedOnto(scene)).flatMap(({ pull, paths }) => {
    const groups = mergeGroups(scene).filter(({ number }) => number === pull.number);
    return [pull, ...groups].map(async (one) => {
      const differs = new Set(await git.changed(scene.head, one.headSha));
      return { ...one, changed: paths.filter((path) => differs.has(path)) };
    });
  });
  return Promise.all(found);
}

/** The open pull requests of others, and what a merge queue is about to merge of them. */
export function othersIn(scene: Pick<Scene, "refs" | "branch" | "pulls">): readonly Proposed[] {
  const steps = new Set(scene.pulls.flatMap(({ ours, number }) => (ours ? [number] : [])));
  const groups = mergeGroups(scene).filter(({ number }) => !steps.has(number));
  return [...othersPulls(scene), ...groups];
}

/** The heads of our own open pull requests. */
export function stepHeads({ pulls }: Pick<Scene, "pulls">): readonly Sha[] {
  return pulls.flatMap(({ ours, headSha }) => (ours ? [headSha] : []));
}

/** One that has a step's very commit as its head is that step under another number: its checks are the step's. */
function othersPulls(scene: Pick<Scene, "pulls">): readonly Proposed[] {
  const steps = new Set(stepHeads(scene));
  return scene.pulls.filter(({ ours, headSha }) => !ours && !steps.has(headSha));
}

/** A pull request, or what a merge queue makes of one. */
export type Proposed = Pick<Pull, "number" | "headSha" | "labels" | "fromFork">;

/** What a merge queue is about to merge: GitHub asks for the checks of these heads too. */
export function mergeGroups({ refs, branch, pulls }: Pick<Scene, "refs" | "branch" | "pulls">): readonly Proposed[] {
  const prefix = `refs/heads/gh-readonly-queue/${branch}/pr-`;
  return [...refs].flatMap(([ref, headSha]) => {
    const number = Number.parseInt(ref.startsWith(prefix) ? ref.slice(prefix.length) : "", 10);
    const { labels = [], fromFork = false } = pulls.find((pull) => pull.number === number) ?? {};
    return Number.isSafeInteger(number) ? [{ number, headSha, labels, fromFork }] : [];
  });
}

/** Which older pull requests of people bump the same member; one from a fork, or a draft, is in nobody's way. */
function inLine(bumps: readonly BumpPull[], drafts: ReadonlySet<number>): readonly BumpPull[] {
  const waiting = bumps.filter(({ number, fromFork }) => !fromFork && !drafts.has(number));
  return bumps.map((bump) => ({
    ...bump,
    reaches: bump.reaches.map((reach) =>
      reach.kind === "bump" ? { ...reach, ahead: aheadOf(bump, reach, waiting) } : reach,
    ),
  }));
}

type BumpReach = Extract<Reach, { readonly kind: "bump" }>;

function aheadOf({ number }: BumpPull, { member }: BumpReach, waiting: readonly BumpPull[]): readonly number[] {
  const older = waiting.filter((other) => other.number < number);
  return older.filter(({ reaches }) => reaches.some((reach) => isStart(reach, member))).map((other) => other.number);
}

/** It would start a release of the member; what is blocked, or gives back what stable runs, starts none. */
function isStart(reach: Reach, { state, target }: BumpReach["member"]): boolean {
  if (reach.kind !== "bump" || reach.member.state.service !== state.service || reach.member.target !== target)
    return false;
  const { canary, stable } = reach.to;
  return canary.template !== stable.template && blocking(state.blocked, canary) === undefined;
}

type Services = { readonly members: readonly UnmeasuredMember[]; readonly refused: readonly Refused[] };

async function observeBump(scene: Scene, { members, refused }: Services, pull: Changing): Promise<BumpPull> {
  const { number, headSha, labels, fromFork, changed } = pull;
  const touched = members.filter((member) =>
    [...bumpedInAny(member.at.manifests), ...claimedIn(member)].some((path) => changed.includes(path)),
  );
  const reaches = await Promise.all(touched.map((member) => reachOf(scene, member, { head: headSha, changed })));
  const unread = refused.filter(({ canaries }) => canaries.some((path) => changed.includes(path)));
  const found = [...reaches.filter((reach) => reach !== undefined), ...unread.map(refusedReach)];
  const claimed = await Promise.all(touched.map((member) => claimTaken(scene, member, { head: headSha, changed })));
  const trespasses = [...changed.filter((path) => isOurs(path, members)), ...new Set(claimed.flat())];
  const reached = reaches.flatMap((reach) => (reach?.kind === "bump" ? [{ ...reach.member, manifest: reach.to }] : []));
  const beyond =
    reached.length === 0
      ? NOTHING_BEYOND
      : await beyondOf(scene, { headSha, changed, trespasses }, { reached, members });
  const doubtful = [...beyond.doubtful, ...(await gateDoubts(scene, reached))];
  // What may stand in it is the operator's to decide, and nobody's to try out from outside.
  const reconfigured = fromFork
    ? undefined
    : await reconfiguredBy(scene.eyes, members, { headSha, changed, pulls: scene.config.pulls });
  return {
    number,
    headSha,
    labels,
    fromFork,
    reaches: found,
    trespasses,
    beyond: { ...beyond, doubtful },
    reconfigured,
  };
}

/** Files of others of which a part is ours. */
function claimedIn({ state, at }: UnmeasuredMember): readonly string[] {
  const claimed = claimedWeight(state, at);
  return claimed === undefined ? [] : [claimed.path];
}

/** The weight, claimed in a file of others, that a pull request changes: its branch may be old, so that is told by where it left the tracked one. */
async function claimTaken(scene: Scene, member: UnmeasuredMember, reaching: Reaching): Promise<readonly string[]> {
  const claimed = claimedWeight(member.state, member.at);
  if (claimed === undefined || !reaching.changed.includes(claimed.path)) return [];
  const fork = await scene.eyes.git.fork(scene.head, reaching.head);
  const [before, after] = await Promise.all([fork, reaching.head].map((commit) => manifestAt(scene, commit, member)));
  if (before?.kind !== "read" || after?.kind !== "read" || isSentAlike(before.value, after.value)) return [];
  return [`${claimed.at} of ${claimed.path}`];
}

/** A rule for testers, or a mirror, that is new and sends the canary nothing is people's to add. */
function isSentAlike(one: Manifest, two: Manifest): boolean {
  const [before, after] = [one, two].map(({ weight, testers = false, mirror = 0, flagger = "", listed = [] }) =>
    [weight, testers, mirror, flagger, ...listed].join(),
  );
  return before === after;
}

function refusedReach({ service, problems }: Refused): Reach {
  return { kind: "refused", service, problems };
}

type Reaching = { readonly head: Sha; readonly changed: readonly string[] };

async function reachOf(scene: Scene, member: UnmeasuredMember, reaching: Reaching): Promise<Reach | undefined> {
  const to = await manifestAfter(scene, member, reaching);
  const older = () => olderThanOptIn(scene, member, reaching);
  if (to.kind === "refused") return { kind: "unreadable", member, problem: (await older()) ?? to.problems.join("\n") };
  if (to.value.canary.template === member.manifest.canary.template) return undefined;
  const moving = { ...member, manifest: to.value };
  const unfit =
    unplannable(member.policy, member.at, to.value) ??
    (await unfitOf(scene, moving, reaching)) ??
    (await gateProblem(scene, scene.config, moving));
  if (unfit === undefined) return { kind: "bump", member, to: to.value, ahead: [] };
  return { kind: "bump", member, to: to.value, ahead: [], unfit: (await older()) ?? unfit };
}

/** What to do with a branch that left the tracked one before the service was opted in: it has the files as they were, and what is wrong with those is nobody's fault. */
async function olderThanOptIn(
  scene: Scene,
  { state: { service }, target, at }: UnmeasuredMember,
  { head, changed }: Reaching,
): Promise<string | undefined> {
  const { git, readings } = scene.eyes;
  const path = pathOf(service);
  const fork = await git.fork(scene.head, head);
  const blob = (await git.read(fork, [path])).get(path);
  const before = blob === undefined ? undefined : readings.state(path, blob);
  if (before !== undefined && (before.kind !== "read" || before.value.targets.has(target))) return undefined;
  const file = filesOf(at.manifests).find((one) => changed.includes(one));
  return `bring this branch up to date with the tracked one first (rebase it): it is older than what opted ${service} in, and has ${file ?? "its files"} as before`;
}

/** What the member's files would say: its branch may be old, so only what the pull request changes is read there. */
async function manifestAfter(
  { head: tracked, eyes: { git, readings } }: Scene,
  { state, at }: UnmeasuredMember,
  { head, changed }: Reaching,
): Promise<Understood<Manifest>> {
  const paths = filesOf(at.manifests);
  const [kept, brought] = await Promise.all([
    git.read(
      tracked,
      paths.filter((path) => !changed.includes(path)),
    ),
    git.read(
      head,
      paths.filter((path) => changed.includes(path)),
    ),
  ]);
  return readings.manifest(at, state.service, new Map([...kept, ...brought]));
}

/** A path that only Tidegate writes. */
function isOurs(path: string, members: readonly UnmeasuredMember[]): boolean {
  return members.some(({ state }) => path === pathOf(state.service) || owns(state, path));
}
