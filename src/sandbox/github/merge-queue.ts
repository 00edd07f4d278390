import { queueRefusal } from "./branch-rules.ts";
import { requiredStanding } from "./check-rules.ts";
import { emitGroup, emitPull } from "./events.ts";
import type { GroupAction } from "./events.ts";
import { HttpError } from "./http-error.ts";
import { land, landingCommit } from "./merge.ts";
import { pullOf } from "./pull-of.ts";
import { followMoves } from "./ref-moves.ts";
import { NO_SHA, moveRefs, refTip } from "./repo.ts";
import { ensureAccount } from "./store.ts";
import type { Account, Acting, Pull, QueueEntry, Repo, Store } from "./store.ts";

/** Puts a pull request at the end of the merge queue, where its checks are wanted on the commit that it would land as; throws as a merge would. */
export function enqueue(acting: Acting, number: number): Promise<void> {
  const { store, repo, by } = acting;
  return repo.lock(async () => {
    const pull = pullOf(repo, number);
    await refuseEntry(store, repo, pull);
    const entry = await entryFor(acting, pull, by);
    emitPull(acting, pull, { action: "enqueued" });
    await start(acting, entry);
    await advance(store, repo);
  });
}

/** Looks at the queue in the background when a check has changed: the first entry lands when it is green, and leaves when it is red. */
export function stirQueue({ store, repo }: Acting): void {
  if (repo.queue.length === 0) return;
  const work: Promise<void> = repo.lock(() => advance(store, repo)).finally(() => repo.background.delete(work));
  repo.background.add(work);
}

async function refuseEntry(store: Store, repo: Repo, pull: Pull): Promise<void> {
  if (!repo.settings.current.mergeQueue || pull.base.branch !== repo.defaultBranch)
    throw new HttpError(422, "The base branch has no merge queue");
  if (pull.state.kind !== "open") throw new HttpError(422, "Pull request is closed");
  if (pull.draft) throw new HttpError(422, "Pull Request is still a draft");
  if (repo.queue.some(({ number }) => number === pull.number))
    throw new HttpError(422, "Pull request is already in the queue");
  const broken = await queueRefusal(store, repo, pull);
  if (broken !== undefined) throw new HttpError(422, broken);
}

// what lands through the queue is merged by GitHub's own account
function queueBot(store: Store): Account {
  return ensureAccount(store, "github-merge-queue[bot]");
}

async function entryFor({ store, repo }: Acting, pull: Pull, by: Account): Promise<QueueEntry> {
  const base = repo.queue.at(-1)?.head ?? (await baseTip(repo));
  const [method = "merge"] = repo.settings.current.mergeMethods;
  const words = { method, title: undefined, message: undefined };
  const head = await landingCommit(repo, pull, words, { base, by, at: store.clock.now() });
  const branch = `gh-readonly-queue/${repo.defaultBranch}/pr-${pull.number}-${base}`;
  return { number: pull.number, by, pullHead: pull.head.sha, branch, base, head };
}

async function start({ store, repo }: Acting, entry: QueueEntry): Promise<void> {
  const acting = { store, repo, by: queueBot(store) };
  repo.queue.push(entry);
  const change = { ref: `refs/heads/${entry.branch}`, before: NO_SHA, after: entry.head };
  if ((await moveRefs(repo.git, [change])) === "moved") await followMoves(acting, [change]);
  emitGroup(acting, entry, { action: "checks_requested" });
}

async function finish(acting: Acting, entry: QueueEntry, what: GroupAction): Promise<void> {
  const change = { ref: `refs/heads/${entry.branch}`, before: entry.head, after: NO_SHA };
  if ((await moveRefs(acting.repo.git, [change])) === "moved") await followMoves(acting, [change]);
  emitGroup(acting, entry, what);
}

async function advance(store: Store, repo: Repo): Promise<void> {
  const acting = { store, repo, by: queueBot(store) };
  for (let [first] = repo.queue; first !== undefined; [first] = repo.queue) {
    const fate = await fateOf(repo, first);
    if (fate === "waiting") return;
    if (fate === "rebuilt") {
      await rebuild(acting);
      continue;
    }
    repo.queue.shift();
    if (fate === "red") await drop(acting, first);
    else await landFirst(acting, first);
  }
}

async function fateOf(repo: Repo, { number, pullHead, base, head }: QueueEntry) {
  const pull = pullOf(repo, number);
  if (pull.state.kind !== "open" || pull.head.sha !== pullHead) return "red";
  if (base !== (await baseTip(repo))) return "rebuilt";
  return requiredStanding(repo, head);
}

async function landFirst(acting: Acting, entry: QueueEntry): Promise<void> {
  const ref = `refs/heads/${acting.repo.defaultBranch}`;
  await land(acting, pullOf(acting.repo, entry.number), { ref, before: entry.base, after: entry.head });
  await finish(acting, entry, { action: "destroyed", reason: "merged" });
}

// those behind it were built on what does not land
async function drop(acting: Acting, entry: QueueEntry): Promise<void> {
  await finish(acting, entry, { action: "destroyed", reason: "dequeued" });
  emitPull(acting, pullOf(acting.repo, entry.number), { action: "dequeued", reason: "CI_FAILURE" });
  await rebuild(acting);
}

async function rebuild(acting: Acting): Promise<void> {
  const { repo } = acting;
  for (const entry of repo.queue.splice(0)) {
    await finish(acting, entry, { action: "destroyed", reason: "invalidated" });
    const pull = pullOf(repo, entry.number);
    try {
      await start(acting, await entryFor(acting, pull, entry.by));
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      emitPull(acting, pull, { action: "dequeued", reason: "MERGE_CONFLICT" });
    }
  }
}

async function baseTip({ git, defaultBranch }: Repo): Promise<string> {
  const tip = await refTip(git, `refs/heads/${defaultBranch}`);
  if (tip === undefined) throw new Error(`There is no branch ${defaultBranch}`);
  return tip;
}
