import { isName, type Sha } from "../core/names.ts";
import {
  backtestedIn,
  optOfBranch,
  pastOf,
  type Opting,
  type OptPull,
  type OptStanding,
  type OptWaiting,
  type OptWish,
} from "../core/opting.ts";
import { owns } from "../core/ownership.ts";
import type { Branch } from "../core/snapshot.ts";
import type { Pull } from "../ports/forge.ts";
import { wishIn } from "../render/opt-message.ts";
import { awaitsPast } from "../render/opt-past.ts";
import { brings } from "./brings.ts";
import { keep } from "./memory.ts";
import { ancestryOf } from "./proposed.ts";
import type { OptGround } from "./opt-ground.ts";
import { settlingOf } from "./opt-settling.ts";
import { isWritten, writtenFor } from "./opt-written.ts";
import { pathOf } from "./readings.ts";
import type { Scene, UnmeasuredMember } from "./scene.ts";

/** Our own open pull requests that opt services in or out: the author tells, with the branch. */
export function optPullsIn({ pulls }: Pick<Scene, "pulls">): readonly Pull[] {
  return pulls.filter(({ ours, fromFork, branch }) => ours && !fromFork && optOfBranch(branch) !== undefined);
}

/** So much that is not known yet is worked out in one look, whoever has asked for it; the next one goes on with others. */
const MOST_NEW = 8;

export type OptPulls = Pick<Opting, "pulls" | "waiting">;

/** Where each of them stands, as far as one look goes: who was looked into longest ago is first. */
export async function observeOptPulls(
  scene: Scene,
  ground: OptGround,
  members: readonly UnmeasuredMember[],
): Promise<OptPulls> {
  const { looked } = scene.eyes.memory.opting;
  const open = byTurn(optPullsIn(scene), looked, ({ number }) => number);
  const trying: Trying = { left: MOST_NEW };
  const pulls: OptPull[] = [];
  const waiting: OptWaiting[] = [];
  for (const pull of open) {
    const { verb, service } = optOfBranch(pull.branch) ?? {};
    if (verb === undefined || !isName(service)) continue;
    const { number, headSha } = pull;
    const at = `${scene.head} ${headSha}`;
    // oxlint-disable-next-line no-await-in-loop -- one after the other: those behind take what those before have left
    const standing = await standingOf(scene, ground, { pull, members, trying });
    if (standing === undefined) waiting.push({ number, headSha, isNew: looked.get(number) !== at });
    else {
      keep(looked, number, at);
      // oxlint-disable-next-line no-await-in-loop -- as above
      const settling = standing.kind === "current" ? await settlingOf(scene, standing.change) : undefined;
      const awaits = awaitsOf(scene, pull, standing);
      pulls.push({ number, headSha, verb, service, standing, awaits, ...(settling && { settling }) });
    }
  }
  return { pulls, waiting };
}

/** What its words wait for, where they do. */
function awaitsOf({ eyes: { backtests } }: Scene, { number, body }: Pull, standing: OptStanding): OptPull["awaits"] {
  if (standing.kind !== "current" || !awaitsPast(body) || backtestedIn(standing.change).length === 0) return undefined;
  return { body, found: backtests?.found(pastOf(number, standing.change)) };
}

/** How much may be worked out yet. */
type Trying = { left: number };
type Looked = { readonly pull: Pull; readonly members: readonly UnmeasuredMember[]; readonly trying: Trying };

/** Undefined where that is left to a later look. */
async function standingOf(
  scene: Scene,
  ground: OptGround,
  { pull, members, trying }: Looked,
): Promise<OptStanding | undefined> {
  const made = await madeFor(scene, pull);
  if (made.kind === "foreign") {
    const { service } = optOfBranch(pull.branch) ?? {};
    return { ...made, trespasses: await trespassesOf(scene, pull, { members, service }) };
  }
  return oursStanding(scene, ground, { ...made, headSha: pull.headSha, trying });
}

type Ours = Pick<Looked, "trying"> & Omit<Extract<MadeOn, { readonly kind: "ours" }>, "kind"> & Pick<Pull, "headSha">;

async function oursStanding(
  scene: Scene,
  ground: OptGround,
  { wish, on, headSha, trying }: Ours,
): Promise<OptStanding | undefined> {
  const onto = async (revision: Sha) => {
    const isNew = !isWritten(scene, wish, revision);
    if (isNew && trying.left === 0) return undefined;
    if (isNew) trying.left -= 1;
    return writtenFor(scene, ground, wish, revision);
  };
  const now = await onto(on);
  if (now === undefined || now.kind === "err") return now && { kind: "refused", reasons: now.error };
  const ends = { commit: headSha, base: scene.head };
  if (await brings(scene.eyes.git, ends, now.value.files)) return { kind: "current", change: now.value };
  const anew = await onto(scene.head);
  if (anew === undefined || anew.kind === "err") return anew && { kind: "refused", reasons: anew.error };
  return { kind: "outdated", change: anew.value };
}

/** What the last commit of ours on a branch was made for and on, where nobody else's is above it. */
export type MadeOn =
  | { readonly kind: "ours"; readonly wish: OptWish; readonly on: Sha }
  | { readonly kind: "foreign"; readonly by: string };

export async function madeOn(scene: Scene, headSha: Sha): Promise<MadeOn> {
  const { git } = scene.eyes;
  const { ours, foreign } = await ancestryOf(scene, headSha);
  if (foreign !== undefined) return { kind: "foreign", by: foreign.by };
  const { message, parents, author } = await git.commit(ours ?? headSha);
  const wish = wishIn(message);
  const [on] = parents;
  // Whoever may push may write any message: what it calls the service by must be the service's name.
  const isOne = wish !== undefined && wish.called.split("@")[0] === wish.service;
  return ours === undefined || !isOne || on === undefined
    ? { kind: "foreign", by: author }
    : { kind: "ours", wish, on };
}

/** The same, where it was made for what its branch is called by. */
async function madeFor(scene: Scene, { headSha, branch }: Pull): Promise<MadeOn> {
  const made = await madeOn(scene, headSha);
  const { verb, service } = optOfBranch(branch) ?? {};
  if (made.kind === "foreign" || (made.wish.verb === verb && made.wish.service === service)) return made;
  return { kind: "foreign", by: made.wish.by };
}

/** Those of our open pull requests that opt in or out which are not what Tidegate wrote, and the files that others have changed there. */
export async function pushedOnto(
  scene: Scene,
): Promise<readonly { readonly pull: Pull; readonly paths: readonly string[] }[]> {
  const found = optPullsIn(scene).map(async (pull) => {
    const made = await madeFor(scene, pull);
    return made.kind === "ours" ? [] : [{ pull, paths: await theirsOn(scene, pull.headSha) }];
  });
  return (await Promise.all(found)).flat();
}

/** What others have changed on our commit, of what differs from the tracked branch. */
async function theirsOn(scene: Scene, headSha: Sha): Promise<readonly string[]> {
  const { head, eyes } = scene;
  const { ours } = await ancestryOf(scene, headSha);
  const theirs = new Set(await eyes.git.changed(ours ?? head, headSha));
  return (await eyes.git.changed(head, headSha)).filter((path) => theirs.has(path));
}

/**
 * Of branches that opted in or out and that nothing has open those that may go: nobody's work is left on them. Looks into so many at a time; whose turn was longest
 * ago is first, as those that people's work keeps are there at every look.
 */
export async function emptied(scene: Scene, idle: readonly Branch[], most: number): Promise<readonly Branch[]> {
  const { idled } = scene.eyes.memory.opting;
  const some = byTurn(idle, idled, ({ branch }) => branch).slice(0, most);
  const kept = await Promise.all(some.map(({ headSha }) => hasUnmerged(scene, headSha)));
  for (const { branch, headSha } of some) keep(idled, branch, headSha);
  return some.filter((_, index) => kept[index] === false);
}

/** Those that were never looked into first, then who was so longest ago. */
function byTurn<T, Key>(all: readonly T[], looked: ReadonlyMap<Key, unknown>, keyOf: (one: T) => Key): readonly T[] {
  const turns = new Map([...looked.keys()].map((key, index) => [key, index]));
  return all.toSorted((a, b) => (turns.get(keyOf(a)) ?? -1) - (turns.get(keyOf(b)) ?? -1));
}

/** Whether a branch that opts in or out has work of others that the tracked branch has not got. */
async function hasUnmerged(scene: Scene, headSha: Sha): Promise<boolean> {
  const made = await madeOn(scene, headSha);
  if (made.kind === "ours") return false;
  const { head, eyes } = scene;
  const paths = await theirsOn(scene, headSha);
  const [there, here] = await Promise.all([eyes.git.entries(head, paths), eyes.git.entries(headSha, paths)]);
  return paths.some((path) => there.get(path) !== here.get(path));
}

type Whose = Pick<Looked, "members"> & { readonly service: string | undefined };

/** What others have changed on our commit that only Tidegate writes; of its own service our commit does as well. */
async function trespassesOf(scene: Scene, { headSha }: Pull, { members, service }: Whose): Promise<readonly string[]> {
  const { ours } = await ancestryOf(scene, headSha);
  const owners = members.map(({ state }) => state).filter((state) => ours !== undefined || state.service !== service);
  return (await theirsOn(scene, headSha)).filter((path) =>
    owners.some((state) => path === pathOf(state.service) || owns(state, path)),
  );
}
