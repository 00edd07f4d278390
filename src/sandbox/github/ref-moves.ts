import { asksForPulls, mayBypass } from "./branch-rules.ts";
import { emitPull, emitPush } from "./events.ts";
import { HttpError } from "./http-error.ts";
import { NO_SHA, listCommits, moveRefs, refTip } from "./repo.ts";
import type { RefChange } from "./repo.ts";
import type { Acting, Pull, Repo } from "./store.ts";

/** A ref that has moved; `landed`: the commits that this added to it, where they are known already. */
export type Move = RefChange & { readonly landed?: ReadonlySet<string> };

const HEADS = "refs/heads/";

/** Moves refs and lets the pull requests follow, all or nothing; call it holding the repository's lock. */
export async function moveRefsAs(acting: Acting, changes: readonly RefChange[]): Promise<void> {
  const { repo } = acting;
  for (const { ref } of changes) refuseProtected(acting, ref);
  if ((await moveRefs(repo.git, changes)) === "lost") throw new HttpError(409, "Reference cannot be updated");
  await followMoves(acting, changes);
}

/** After refs moved: heads are synchronised, landed pull requests are merged, orphaned ones closed, and the App is told. */
export async function followMoves(acting: Acting, moves: readonly Move[]): Promise<void> {
  for (const move of moves) {
    emitPush(acting, move);
    if (!move.ref.startsWith(HEADS)) continue;
    await followHead(acting, move);
    await followBase(acting, move);
  }
}

/** The ref that whoever acts may not move by a push, or undefined. */
export function protectedRef(acting: Acting): string | undefined {
  const { store, repo, by } = acting;
  const isProtected = by.id === store.app.bot.id && asksForPulls(repo.settings.current) && !mayBypass(acting, "push");
  return isProtected ? `${HEADS}${repo.defaultBranch}` : undefined;
}

/** Where GitHub keeps the head of a pull request for everyone to fetch. */
export function pullRef(number: number): string {
  return `refs/pull/${number}/head`;
}

/** Closes a pull request that is open, without merging it, and tells the App. */
export async function closePull(acting: Acting, pull: Pull): Promise<Pull> {
  const { store, repo, by } = acting;
  const at = store.clock.now();
  const sha = (await refTip(repo.git, `${HEADS}${pull.base.branch}`)) ?? pull.base.sha;
  const closed: Pull = { ...pull, base: { ...pull.base, sha }, state: { kind: "closed", at, by }, updatedAt: at };
  repo.pulls.set(pull.number, closed);
  emitPull(acting, closed, { action: "closed" });
  return closed;
}

function refuseProtected(acting: Acting, ref: string): void {
  if (ref === protectedRef(acting)) throw new HttpError(422, "Changes must be made through a pull request.");
}

async function followHead(acting: Acting, { ref, before, after }: RefChange): Promise<void> {
  const { store, repo } = acting;
  const branch = ref.slice(HEADS.length);
  for (const pull of openPulls(repo, ({ head }) => head.branch === branch && head.fork === undefined)) {
    if (after === NO_SHA) {
      await closePull(acting, pull);
      continue;
    }
    await moveRefs(repo.git, [{ ref: pullRef(pull.number), before: pull.head.sha, after }]);
    const sha = (await refTip(repo.git, `${HEADS}${pull.base.branch}`)) ?? pull.base.sha;
    const moved = {
      ...pull,
      head: { ...pull.head, sha: after },
      base: { ...pull.base, sha },
      updatedAt: store.clock.now(),
    };
    repo.pulls.set(pull.number, moved);
    emitPull(acting, moved, { action: "synchronize", before, after });
  }
}

// a pull request whose head reached its base by another way is merged, as on GitHub
async function followBase(acting: Acting, { ref, before, after, landed: known }: Move): Promise<void> {
  const { store, repo, by } = acting;
  const branch = ref.slice(HEADS.length);
  const pulls = openPulls(repo, ({ base }) => base.branch === branch);
  if (pulls.length === 0 || before === NO_SHA) return;
  if (after === NO_SHA) {
    for (const pull of pulls) await closePull(acting, pull);
    return;
  }
  const landed = known ?? new Set(await listCommits(repo.git, before, after));
  const at = store.clock.now();
  for (const pull of pulls.filter(({ head }) => landed.has(head.sha))) {
    const merged: Pull = {
      ...pull,
      base: { ...pull.base, sha: before },
      state: { kind: "merged", at, by, sha: after, landed },
      updatedAt: at,
    };
    repo.pulls.set(pull.number, merged);
    emitPull(acting, merged, { action: "closed" });
  }
}

function openPulls({ pulls }: Repo, matches: (pull: Pull) => boolean): readonly Pull[] {
  return [...pulls.values()].filter((pull) => pull.state.kind === "open" && matches(pull));
}
