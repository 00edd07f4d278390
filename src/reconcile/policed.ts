import type { Sha } from "../core/names.ts";
import { judged, MENDED, type Brought, type PolicedPull, type PullPolicy } from "../core/policy.ts";
import { broughtBy, NOTHING_BROUGHT } from "./brought.ts";
import { mergeGroups, othersIn, type Proposed } from "./bump-pulls.ts";
import { keep } from "./memory.ts";
import type { Scene } from "./scene.ts";

/** What policy says of pull requests, and the heads that it says nothing of yet; `left`: of how many that is because one look has done enough. */
export type Policed = {
  readonly pulls: readonly PolicedPull[];
  readonly waiting: readonly Sha[];
  readonly left: number;
};

/** So many heads for which that takes long are looked into in one look: nobody's abort waits for what others propose. */
const MOST_DEAR = 2;

/** What policy says of the open pull requests of others, and of ours that somebody's commit is on, by the tracked branch's configuration as it last could be read; nothing where there has been none. */
export async function policedIn(scene: Scene): Promise<Policed> {
  const { eyes, head } = scene;
  const asked = await askedIn(scene);
  const policy = eyes.hearing === "none" ? undefined : scene.readable.pulls;
  if (policy === undefined) return { pulls: [], waiting: heldOf(scene, asked), left: 0 };
  const pulls: PolicedPull[] = [];
  const waiting: Sha[] = [];
  let dear = 0;
  for (const { number, headSha } of asked) {
    const ends = { head, headSha, dear: dear < MOST_DEAR ? ("now" as const) : ("later" as const) };
    // oxlint-disable-next-line no-await-in-loop -- each may take an inventory of the whole: not all of them at a time
    const found = policy.isOff ? NOT_DEAR : await broughtBy(eyes, ends);
    dear += found?.wasDear === true ? 1 : 0;
    if (found === undefined) waiting.push(headSha);
    // oxlint-disable-next-line no-await-in-loop -- as above
    else pulls.push(...(await policed(scene, { number, headSha, brought: found.brought }, policy)));
  }
  return { pulls, waiting, left: waiting.length };
}

/** Whoever may push to a branch of ours could bring anything by it: what is not Tidegate's own there is asked what others' is. */
async function askedIn(scene: Scene): Promise<readonly Proposed[]> {
  const own = scene.pulls.filter(({ ours }) => ours);
  const heads = await Promise.all(own.map(({ headSha }) => scene.eyes.git.commit(headSha)));
  const pushed = own.filter((_, index) => heads[index]?.ours === false);
  const numbers = new Set(pushed.map(({ number }) => number));
  return [...othersIn(scene), ...pushed, ...mergeGroups(scene).filter(({ number }) => numbers.has(number))];
}

/** Where more may be enforced than is known yet, nothing is in order. */
function heldOf({ readable }: Pick<Scene, "readable">, asked: readonly Proposed[]): readonly Sha[] {
  return readable.isBaseUnread === true ? asked.map(({ headSha }) => headSha) : [];
}

const NOT_DEAR = { brought: NOTHING_BROUGHT, wasDear: false };

type Brings = Pick<Proposed, "number" | "headSha"> & { readonly brought: Brought };

async function policed(
  scene: Scene,
  { number, headSha, brought }: Brings,
  policy: PullPolicy,
): Promise<readonly PolicedPull[]> {
  const { memory } = scene.eyes;
  const judgement = judged(brought, policy);
  if (judgement !== undefined) {
    keep(memory.policed, number, true);
    return [{ number, headSha, judgement }];
  }
  // What holds nothing of interest is not asked about: only where this process has spoken there is something to take back.
  const isTold =
    brought === NOTHING_BROUGHT ? memory.policed.get(number) === true : await wasTold(scene, { number, headSha });
  return isTold ? [{ number, headSha, judgement: MENDED }] : [];
}

/** So many commits of a pull request are asked for what was said on them, from its head back. */
const MOST_ASKED = 3;

/** Whether anything was said on the pull request before; GitHub is asked once a process, and only for what was pushed onto something. */
async function wasTold({ eyes, head }: Scene, { number, headSha }: Pick<Proposed, "number" | "headSha">) {
  const { git, forge, memory } = eyes;
  const known = memory.policed.get(number);
  if (known !== undefined) return known;
  const fork = await git.fork(head, headSha);
  let at: Sha | undefined = headSha;
  for (let asked = 0; at !== undefined && at !== fork && asked < MOST_ASKED; asked += 1) {
    // oxlint-disable-next-line no-await-in-loop -- the newest tells, nearly always
    const there = await forge.check(at, "tidegate/policy");
    if (there !== undefined) {
      keep(memory.policed, number, true);
      return true;
    }
    // oxlint-disable-next-line no-await-in-loop -- as above
    at = (await git.commit(at)).parents[0];
  }
  keep(memory.policed, number, false);
  return false;
}
