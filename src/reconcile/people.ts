import { parseCommands } from "../core/command-lines.ts";
import { isCommand, isFor } from "../core/commands.ts";
import { filesOf } from "../core/manifests.ts";
import type { Name } from "../core/names.ts";
import { isOpting } from "../core/opting.ts";
import { authorize } from "../core/permissions.ts";
import { proposedTo } from "../core/proposal.ts";
import type { BumpPull, HeardComment, Place } from "../core/snapshot.ts";
import type { Override, Skip } from "../core/state.ts";
import type { Comment } from "../ports/forge.ts";
import type { Commit, GitReader } from "../ports/git.ts";
import { commandLines } from "../prose/markdown.ts";
import { newestOfOurs, pullsOfReleases, type OfRelease } from "./release-pulls.ts";
import { isToldOn } from "./kept.ts";
import { optPullsIn } from "./opt-pulls.ts";
import { refusalOf } from "./memory.ts";
import { pathOf } from "./readings.ts";
import type { Eyes, Refused, Scene, UnmeasuredMember } from "./scene.ts";
import { registryOf, type Registry } from "./standing.ts";

/** A person's comment that holds commands. */
export type Spoken = { readonly comment: Comment; readonly by: string; readonly commands: HeardComment["commands"] };

/** How far back commands are looked for where no release is under way, milliseconds. */
const LOOKBACK_MS = 2 * 3_600_000;
/** GitHub's clock and ours, and comments that appear late. */
const OVERLAP_MS = 600_000;

/** What is asked about comments: the members as far as they are known, and whether a word that has not landed must still be backed. */
export type Listening = {
  readonly members: readonly UnmeasuredMember[];
  readonly backing: "needed" | "none";
  readonly now: number;
};

/** The comments with commands since the oldest release under way began; what is known to be answered is not listed again. */
export async function spokenSince(
  { eyes: { forge, memory } }: Scene,
  { members, backing, now }: Listening,
): Promise<readonly Spoken[]> {
  const usual = Math.min(now - LOOKBACK_MS, ...members.flatMap(({ at, bump }) => at.release?.since ?? bump?.at ?? []));
  const since = backing === "needed" ? usual : Math.max(usual, memory.answeredUntil - OVERLAP_MS);
  const targets = [...new Set(members.map(({ target }) => target))];
  // The same question for a while, so that GitHub's answer may be that nothing changed.
  const asked = Math.floor(since / OVERLAP_MS) * OVERLAP_MS;
  return (await forge.comments(asked)).flatMap((comment) => spokenIn(comment, targets));
}

function spokenIn(comment: Comment, targets: readonly Name[]): readonly Spoken[] {
  const by = comment.asked?.by ?? comment.author;
  // What a comment asked for when it was written is not known any more once it was edited.
  if (comment.edited || (comment.byBot && comment.asked === undefined)) return [];
  const commands = parseCommands(commandLines(comment.body), targets);
  return commands.length === 0 ? [] : [{ comment, by, commands }];
}

/**
 * Whether the comment behind a word on a step's branch still stands, says so, and is by someone who may. That is asked before each merge:
 * not while GitHub has refused one and is left alone. `now` is in milliseconds.
 */
export function backing(scene: Scene, spoken: readonly Spoken[], now: number): Backing {
  const registry = registryOf(scene);
  if (scene.eyes.hearing === "none") return async () => "unknown";
  return async ({ comment: id, by }, verb, member) => {
    const found = spoken.find(({ comment }) => comment.id === id);
    if (found === undefined || found.by !== by || !isSaidIn(found, verb, member)) return "withdrawn";
    if (!(await isIts(scene, member, found.comment.pull))) return "withdrawn";
    // A word is for the step that was open when it was said.
    if (found.comment.at <= (member.landings.get(member.at.release?.step ?? -1) ?? 0)) return "withdrawn";
    if (isLeftAlone(scene, member, now)) return "stands";
    const human = await registry.humanFor(by, member);
    if (human === undefined) return "unknown";
    const governed = { service: member.state.service, rules: member.policy.rules };
    return authorize(human, verb, governed).kind === "allowed" ? "stands" : "withdrawn";
  };
}

function isSaidIn({ commands }: Spoken, verb: "promote" | "skip", member: UnmeasuredMember): boolean {
  return commands.some((command) => isCommand(command) && command.verb === verb && isFor(command, member));
}

function isLeftAlone({ head, eyes: { memory } }: Scene, { pull }: UnmeasuredMember, now: number): boolean {
  const refusal = pull && refusalOf(memory, { headSha: pull.headSha, base: head });
  return refusal !== undefined && now < refusal.until;
}

/** Where words to the open step are said: on it, on the bump, on a pull request of the step that was closed, or on one that it had before its wave changed. */
async function isIts(scene: Scene, member: UnmeasuredMember, number: number): Promise<boolean> {
  const { pull, kept, bump, at, target } = member;
  const holds = proposedTo(member)?.holds ?? [];
  const closed = holds.filter((hold) => hold.target === target).map((hold) => hold.closed);
  const known = [pull?.number, kept?.pull, bump?.source, at.release?.source, ...closed];
  return known.includes(number) || isToldOn(scene, member, number);
}

/** Tells whether a person's word on a step's branch still has its comment behind it; `unknown` where GitHub does not answer. */
export type Backing = (
  word: Override | Skip,
  verb: "promote" | "skip",
  member: UnmeasuredMember,
) => Promise<"stands" | "withdrawn" | "unknown">;

export type Audience = {
  readonly spoken: readonly Spoken[];
  readonly bumps: readonly BumpPull[];
  readonly refusals: readonly Refused[];
  readonly now: number;
};

/** The members with what they heard; `unheard` is how many comments wait because GitHub did not say who their authors are. */
export type Hearing = {
  readonly members: readonly UnmeasuredMember[];
  readonly unheard: number;
  /** Unanswered comments with lines about opting in or out. */
  readonly opting: readonly OptSpoken[];
};

/** `about`: the services whose releases its pull request is of. */
export type OptSpoken = Spoken & { readonly about: readonly string[] };

/** Gives each member the unanswered comments on its pull requests, oldest first, with what each asker may. */
export async function withHeard(
  scene: Scene,
  members: readonly UnmeasuredMember[],
  { spoken, bumps, refusals, now }: Audience,
): Promise<Hearing> {
  const all = await unanswered(scene, spoken);
  const open = all.map(aboutReleases).filter(({ commands }) => commands.length > 0);
  const known: Known = {
    ofRelease: await pullsOfReleases(scene, new Set(all.map(({ comment }) => comment.pull))),
    bumps,
    touched: await touchedBy(scene, all),
    backtests: scene.eyes.backtests,
  };
  const opting = await aboutServices(heardOfServices(scene, all), members, known);
  const registry = registryOf(scene);
  const told = await Promise.all(members.map((member) => heardBy(member, open, { ...known, registry })));
  // What is said to a service that cannot be read is heard when it can.
  const isQuiet = [...told, opting].every(({ length }) => length === 0) && refusals.length === 0;
  if (isQuiet) scene.eyes.memory.answeredUntil = now;
  const heard = told.map(untilUnknown);
  const unheard = told.flat().length - heard.flat().length;
  return { members: members.map((member, index) => ({ ...member, heard: heard[index] ?? [] })), unheard, opting };
}

/** Comments about opting in or out, and all those on what opts in or out, where no member hears them. */
function heardOfServices(scene: Scene, spoken: readonly Spoken[]): readonly Spoken[] {
  const opts = new Set(optPullsIn(scene).map(({ number }) => number));
  return spoken.filter(({ comment, commands }) => opts.has(comment.pull) || commands.some(isOpting));
}

async function aboutServices(
  opting: readonly Spoken[],
  members: readonly UnmeasuredMember[],
  known: Known,
): Promise<readonly OptSpoken[]> {
  const around = opting.length === 0 ? [] : members;
  const places = await Promise.all(
    around.map(async (member) => ({ member, known: { ...known, ofRelease: await known.ofRelease(member) } })),
  );
  return opting.map((one) => {
    const about = places.filter((place) => placeOf(place.member, one.comment.pull, place.known) !== undefined);
    return { ...one, about: [...new Set(about.map(({ member }) => member.state.service))] };
  });
}

/** What is said of services as a whole is none of their members'. */
function aboutReleases({ commands, ...spoken }: Spoken): Spoken {
  return { ...spoken, commands: commands.filter((command) => !isOpting(command)) };
}

type MaybeHeard = Omit<HeardComment, "human"> & { readonly human: HeardComment["human"] | undefined };

/** What was said after somebody of whom nothing is known waits with it, as the order of the words counts; but an abort waits for nobody. */
function untilUnknown(comments: readonly MaybeHeard[]): readonly HeardComment[] {
  const end = comments.findIndex(({ human }) => human === undefined);
  const isDue = ({ commands }: MaybeHeard, index: number) =>
    end === -1 || index < end || commands.some((command) => isCommand(command) && command.verb === "abort");
  return comments
    .filter(isDue)
    .flatMap(({ human, ...comment }) => (human === undefined ? [] : [{ ...comment, human }]));
}

async function unanswered({ eyes: { forge } }: Scene, spoken: readonly Spoken[]): Promise<readonly Spoken[]> {
  const answered = await Promise.all(
    spoken.map(async ({ comment }) => comment.reactions > 0 && (await forge.answered(comment.id))),
  );
  return spoken.filter((_, index) => answered[index] === false);
}

type Known = {
  readonly ofRelease: OfRelease;
  readonly bumps: readonly BumpPull[];
  readonly touched: ReadonlyMap<number, readonly string[]>;
  readonly backtests: Eyes["backtests"];
};

async function heardBy(
  member: UnmeasuredMember,
  spoken: readonly Spoken[],
  { registry, ...known }: Known & { readonly registry: Registry },
): Promise<readonly MaybeHeard[]> {
  const ofRelease = await known.ofRelease(member);
  const heard = spoken.map(async ({ comment, by, commands }): Promise<readonly MaybeHeard[]> => {
    const place = placeOf(member, comment.pull, { ...known, ofRelease });
    if (place === undefined) return [];
    const human = await registry.humanFor(by, member);
    const { id, pull, at, asked } = comment;
    const found = known.backtests?.found({ kind: "comment", id });
    return [{ id, pull, at, on: asked?.headSha, place, human, commands, found }];
  });
  return (await Promise.all(heard)).flat();
}

type Around = Omit<Known, "ofRelease" | "backtests"> & { readonly ofRelease: readonly number[] };

/** What a pull request is to a member; undefined where it is nothing to it. */
function placeOf(member: UnmeasuredMember, pull: number, { ofRelease, bumps, touched }: Around): Place | undefined {
  if (pull === member.pull?.number || isClosedStep(member, pull)) return { kind: "step" };
  const isLanded = ofRelease.includes(pull) || member.leftovers.some(({ number }) => number === pull);
  if (isLanded) return { kind: "landed" };
  // A release knows its own bump, even where the commit that brought it is gone.
  if (pull === (member.at.release ?? member.bump)?.source) return { kind: "bump" };
  const proposal = proposalIn(bumps, pull, member);
  if (proposal !== undefined) return proposal;
  return isPastOf(member, new Set(touched.get(pull))) ? { kind: "past" } : undefined;
}

/** Some steps change nothing but the state; where they change files of other targets, they were theirs. */
function isPastOf({ state, target, at }: UnmeasuredMember, touched: ReadonlySet<string>): boolean {
  const isTouched = (path: string) => touched.has(path);
  if (filesOf(at.manifests).some(isTouched)) return true;
  const others = [...state.targets].filter(([other]) => other !== target);
  return isTouched(pathOf(state.service)) && !others.some(([, { manifests }]) => filesOf(manifests).some(isTouched));
}

function isClosedStep({ closed, kept, target }: UnmeasuredMember, pull: number): boolean {
  const holds = kept?.proposed?.holds ?? [];
  return (
    closed?.number === pull ||
    kept?.pull === pull ||
    holds.some((hold) => hold.target === target && hold.closed === pull)
  );
}

function proposalIn(bumps: readonly BumpPull[], number: number, member: UnmeasuredMember): Place | undefined {
  const { reaches = [] } = bumps.find((bump) => bump.number === number && !bump.fromFork) ?? {};
  const { service } = member.state;
  for (const reach of reaches) {
    const isOfMember =
      reach.kind === "bump" && reach.member.state.service === service && reach.member.target === member.target;
    if (isOfMember) return { kind: "proposal", to: reach.to.canary };
  }
  return undefined;
}

/** What pull requests changed that are not open any more, merged ones and steps of ours: where people speak of a release that is over. */
async function touchedBy(scene: Scene, spoken: readonly Spoken[]): Promise<ReadonlyMap<number, readonly string[]>> {
  const open = new Set(scene.pulls.map(({ number }) => number));
  const numbers = [...new Set(spoken.map(({ comment }) => comment.pull))].filter((number) => !open.has(number));
  return new Map(await Promise.all(numbers.map(async (number) => [number, await pathsOf(scene, number)] as const)));
}

async function pathsOf({ head, refs, eyes: { git, forge } }: Scene, number: number): Promise<readonly string[]> {
  const tip = refs.get(`refs/pull/${number}/head`);
  if (tip === undefined) return [];
  // A step is one commit, however it ended and whatever others have put on top.
  const step = await newestOfOurs(git, head, tip);
  if (step !== undefined) return broughtBy(git, step);
  // What people closed without merging is nobody's release.
  if ((await forge.mergedBy(number)) === undefined) return [];
  const paths = await git.changed(head, tip);
  // Merged as it is, a branch differs from nothing: its last commit has to do.
  return paths.length > 0 ? paths : broughtBy(git, await git.commit(tip));
}

async function broughtBy(git: GitReader, { sha, parents: [parent] }: Commit): Promise<readonly string[]> {
  return parent === undefined ? [] : git.changed(parent, sha);
}
