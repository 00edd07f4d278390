import { isFormer, isNamedFor, isOver } from "../core/action.ts";
import { filesOf } from "../core/manifests.ts";
import type { Branch, BumpPull, Leftover } from "../core/snapshot.ts";
import type { Name, Sha } from "../core/names.ts";
import { optOfBranch, type Opting } from "../core/opting.ts";
import type { Blob, Commit, GitReader } from "../ports/git.ts";
import { observeBumps } from "./bump-pulls.ts";
import { withClosings } from "./closing.ts";
import { configAt, configByItselfAt } from "./configs.ts";
import { refusalOf } from "./memory.ts";
import { backing, spokenSince, withHeard } from "./people.ts";
import { emptied } from "./opt-pulls.ts";
import { policedIn, type Policed } from "./policed.ts";
import { CONFIG_PATH, SERVICES, serviceOf, type ConfigReading } from "./readings.ts";
import type { Eyes, Facts, Refused, Scene, UnmeasuredMember } from "./scene.ts";
import { observeOpting } from "./opting.ts";
import { observeService } from "./service.ts";
import { needsBacking, withBackedPulls, withBranch } from "./step-pull.ts";
import { letGoOf, unconcernedOf } from "./unconcerned.ts";
import { withPast } from "./past.ts";

/** Changes of state files that are read to tell how far apart merges are and which releases ended lately. */
const RECENT_CHANGES = 20;
const RECENT_MS = 3_600_000;

/** Reads one repository and its tracked branch; nothing is written. `now` is in milliseconds. */
export async function observe(eyes: Eyes, now: number): Promise<Facts> {
  const { git, forge } = eyes;
  const { defaultBranch: branch } = await forge.repository();
  // Pull requests are listed before the refs are fetched: a head that the list names is then in the mirror.
  const pulls = await forge.openPulls(branch);
  const refs = await git.fetch();
  const head = refs.get(`refs/heads/${branch}`);
  if (head === undefined) throw new Error(`The repository has no branch ${branch}.`);
  const config = await configAt(eyes, head);
  const readable = asLastSaid([config, ...(await otherConfigs(eyes, head))]);
  const scene: Scene = { eyes, branch, head, refs, pulls, config, readable };
  const changes = await git.history(head, SERVICES, RECENT_CHANGES);
  const services = await observeServices(
    scene,
    await pathsChanged(
      git,
      changes.filter(({ at }) => at > now - RECENT_MS),
    ),
  );
  const resting = services.flatMap((service) => ("problems" in service ? [] : service));
  const refusals = services.flatMap((service) => ("problems" in service ? [service] : []));
  const { members, bumps, unheard, opting } = await observePeople(scene, { resting, refusals, now });
  const policed = await policedIn(scene);
  const known = (await git.list(head, SERVICES)).map(serviceOf);
  return {
    branch,
    head,
    refs,
    members,
    refusals,
    bumps,
    litter: await litterOf(scene, members, known),
    letGo: letGoOf(scene, known),
    policed: policed.pulls,
    unpoliced: policed.left,
    unconcerned: await unconcernedOf(scene, {
      bumps: [...bumps, ...opting.pulls, ...opting.waiting, ...opting.offers],
      policed: headsOf(policed),
    }),
    unheard,
    opting,
    lastMerge: changes[0]?.at,
    landed: changes.map(({ at }) => at),
    config: readable,
  };
}

/** Nothing is known to be in order that nobody has looked into. */
function headsOf({ pulls, waiting }: Policed): readonly { readonly headSha: Sha }[] {
  return [...pulls, ...waiting.map((headSha) => ({ headSha }))];
}

/** As far back as a configuration that can be read is looked for, in changes of it. */
const READABLE_WITHIN = 10;

/** What the tracked branch's configuration was, newest first, and what it says by itself. */
async function otherConfigs(eyes: Eyes, head: Sha): Promise<readonly ConfigReading[]> {
  const commits = (await eyes.git.history(head, CONFIG_PATH, READABLE_WITHIN)).map(({ sha }) => sha);
  const older = await Promise.all(commits.map((sha) => configAt(eyes, sha)));
  const alone = await Promise.all(commits.map((sha) => configByItselfAt(eyes, sha)));
  return [...older, ...alone.flat()];
}

/** For each target the newest of some configurations that could be read and knew it; the first where none did. */
function asLastSaid([config, ...older]: readonly [ConfigReading, ...ConfigReading[]]): ConfigReading {
  const configOf = (target: Name) =>
    [config, ...older].find((one) => one.policyFor(target, []).kind === "read") ?? config;
  return {
    problems: config.problems,
    ...(config.loosened !== undefined && { loosened: config.loosened }),
    policyFor: (target, paths, service) => configOf(target).policyFor(target, paths, service),
    metricsFor: (target) => configOf(target).metricsFor(target),
    gateProvider: (wanted) => configOf(wanted.target).gateProvider(wanted),
    pulls: [config, ...older].find(({ pulls }) => pulls !== undefined)?.pulls,
    isBaseUnread: config.isBaseUnread === true,
  };
}

type Resting = {
  readonly resting: readonly UnmeasuredMember[];
  readonly refusals: readonly Refused[];
  readonly now: number;
};

type WithPeople = {
  readonly members: readonly UnmeasuredMember[];
  readonly bumps: readonly BumpPull[];
  readonly unheard: number;
  readonly opting: Opting;
};

/** Pull requests and what people said on them: each tells how the other is to be read. */
async function observePeople(scene: Scene, { resting, refusals, now }: Resting): Promise<WithPeople> {
  const branched = await withClosings(
    scene,
    await Promise.all(resting.map((member) => withBranch(scene, member))),
    now,
  );
  const needed = branched.some(needsBacking) ? "needed" : "none";
  const spoken = await spokenSince(scene, { members: branched, backing: needed, now });
  const backs = backing(scene, spoken, now);
  const pulled = await withBackedPulls(scene, withoutOthers(branched), backs);
  const bumps = await observeBumps(scene, pulled, refusals);
  const { members: heard, ...said } = await withHeard(scene, pulled, { spoken, bumps, refusals, now });
  const members = await Promise.all(heard.map(async (member) => withPast(scene, withRefusal(scene, member))));
  const { opting, unheard } = await observeOpting(scene, { members, refusals, bumps, spoken: said.opting });
  return { members, bumps, unheard: said.unheard + unheard, opting };
}

/** What another member of the service needs is none's leftover, and what is left over of a wave is closed once. */
function withoutOthers(members: readonly UnmeasuredMember[]): readonly UnmeasuredMember[] {
  const known = new Set<number>();
  return members.map((member) => {
    const leftovers = member.leftovers.filter((one) => !known.has(one.number) && !isWanted(members, one));
    for (const { number } of leftovers) known.add(number);
    return { ...member, leftovers };
  });
}

function isWanted(members: readonly UnmeasuredMember[], { number, branch }: Leftover): boolean {
  return members.some(
    (member) => isNamedFor(member, branch) && member.leftovers.every((leftover) => leftover.number !== number),
  );
}

function withRefusal({ head, eyes: { memory } }: Scene, member: UnmeasuredMember): UnmeasuredMember {
  const { pull } = member;
  return { ...member, refusal: pull && refusalOf(memory, { headSha: pull.headSha, base: head }) };
}

/** Branches of releases that are over, and of what is opted in or out, that no pull request has open; a few at a look. */
async function litterOf(
  scene: Scene,
  members: readonly UnmeasuredMember[],
  services: readonly string[],
): Promise<readonly Branch[]> {
  const open = new Set(scene.pulls.map(({ branch }) => branch));
  const idle = [...scene.refs]
    .flatMap(([ref, headSha]) => (ref.startsWith(OURS) ? [{ branch: ref.slice(HEADS.length), headSha }] : []))
    .filter(({ branch }) => !open.has(branch));
  const opted = idle.filter(({ branch }) => isOpted(services, branch));
  return [
    ...idle.filter(({ branch }) => isOverForAll(members, branch)),
    ...(await emptied(scene, opted, LITTER_AT_ONCE)),
  ].slice(0, LITTER_AT_ONCE);
}

/** What a branch was to do to a service is so. */
function isOpted(services: readonly string[], branch: string): boolean {
  const opt = optOfBranch(branch);
  return opt !== undefined && services.includes(opt.service) === (opt.verb === "opt-in");
}

/** A wave's branch is of all its members. */
function isOverForAll(members: readonly UnmeasuredMember[], branch: string): boolean {
  const its = members.filter((member) => isNamedFor(member, branch));
  return its.length > 0 && its.every((member) => isOver(member, branch) || isOutgrown(member, branch));
}

/** What people had said there is on the branch that the step has now. */
function isOutgrown({ pull, kept, ...member }: UnmeasuredMember, branch: string): boolean {
  return pull !== undefined && kept === undefined && isFormer(member, branch, pull.branch);
}

const HEADS = "refs/heads/";
const OURS = `${HEADS}tidegate/`;
const LITTER_AT_ONCE = 5;

async function pathsChanged(git: GitReader, commits: readonly Commit[]): Promise<ReadonlySet<string>> {
  const changed = commits.map(async ({ sha, parents: [before] }) =>
    before === undefined ? [] : git.changed(before, sha),
  );
  return new Set((await Promise.all(changed)).flat());
}

async function observeServices(
  scene: Scene,
  recent: ReadonlySet<string>,
): Promise<readonly (readonly UnmeasuredMember[] | Refused)[]> {
  const { git } = scene.eyes;
  const paths = await git.list(scene.head, SERVICES);
  const blobs = await git.read(scene.head, paths);
  await readAhead(scene, blobs);
  return Promise.all(
    paths.map((path) =>
      observeService(scene, {
        path,
        blob: blobs.get(path),
        pulls: oursFor(scene, serviceOf(path)),
        isRecent: recent.has(path),
      }),
    ),
  );
}

/** Every manifest in one question: one service at a time would be as many as there are services. */
async function readAhead({ head, eyes: { git, readings } }: Scene, states: ReadonlyMap<string, Blob>): Promise<void> {
  const manifests = [...states].flatMap(([path, blob]) => {
    const state = readings.state(path, blob);
    return state.kind === "read"
      ? [...state.value.targets.values()].flatMap(({ manifests }) => filesOf(manifests))
      : [];
  });
  await git.read(head, manifests);
}

/** Our open pull requests of a service, by the names of their branches. */
function oursFor({ pulls }: Scene, service: string): readonly Leftover[] {
  return pulls
    .filter(({ ours, fromFork, branch }) => ours && !fromFork && branch.startsWith(`tidegate/${service}/`))
    .map(({ number, branch, headSha }) => ({ number, branch, headSha }));
}
