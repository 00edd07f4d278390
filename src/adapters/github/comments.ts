import type { Comment, Reaction } from "../../ports/forge.ts";
import { pages, PER_PAGE, type Api, type AppIdentity } from "./api.ts";
import { askedIn } from "./asked.ts";
import { unlessDone } from "./doubt.ts";
import { ForgeError } from "./error.ts";
import { inLane } from "./transport.ts";

/** Comments on pull requests written at or after `since` (milliseconds), oldest first. */
export async function readComments(api: Api, since: number): Promise<readonly Comment[]> {
  const { request, repo, identity } = api;
  const us = await identity();
  const route = "GET /repos/{owner}/{repo}/issues/comments";
  // GitHub asks for the last change, in whole seconds; what was only edited since is left out below.
  const query = {
    since: new Date(since).toISOString(),
    sort: "created",
    direction: "asc",
    per_page: PER_PAGE,
  } as const;
  const found = await pages((page) => request(route, { ...repo, ...query, page }));
  const comments = found.filter(isOnPull).map((comment) => ({
    id: Number(comment.id),
    pull: Number(comment.issue_url.split("/").at(-1)),
    author: comment.user?.login ?? "ghost",
    byBot: comment.user?.type !== "User" || (comment.performed_via_github_app ?? undefined) !== undefined,
    edited: isEdited(comment),
    at: Date.parse(comment.created_at),
    body: comment.body ?? "",
    reactions: reactionsTo(api, comment),
    asked: isOurs(comment, us) && !isEdited(comment) ? askedIn(comment.body ?? "") : undefined,
  }));
  const unique = new Map(comments.map((comment) => [comment.id, comment]));
  return [...unique.values()]
    .filter(({ at }) => at >= Math.floor(since / 1_000) * 1_000)
    .toSorted((a, b) => a.at - b.at || a.id - b.id);
}

/** GitHub lists those on issues with them, of which each says by its address where it is. */
function isOnPull({ html_url: page }: { readonly html_url: string }): boolean {
  return !/\/issues\/\d+#/.test(page);
}

type Written = {
  readonly id: number | bigint;
  readonly body?: string | undefined;
  readonly created_at: string;
  readonly updated_at: string;
  readonly user: { readonly login: string } | null;
  readonly performed_via_github_app?: { readonly id: number | bigint } | null | undefined;
  readonly reactions?: { readonly total_count: number } | undefined;
};

function isEdited({ created_at, updated_at }: Written): boolean {
  return Date.parse(updated_at) > Date.parse(created_at);
}

// By its login, and by what GitHub says wrote it.
function isOurs({ user, performed_via_github_app: app }: Written, us: AppIdentity): boolean {
  return user?.login === us.login && Number(app?.id) === us.id;
}

// A list may be older than what we did since; and where GitHub does not count, there may be one.
function reactionsTo({ memory }: Api, { id, reactions }: Written): number {
  const counted = reactions?.total_count ?? 1;
  return memory.answered.get(String(id)) === undefined ? counted : Math.max(counted, 1);
}

/** Whether a press of a button that was written down is waiting for an answer. */
export async function isWaiting(api: Api, comment: Written): Promise<boolean> {
  return reactionsTo(api, comment) === 0 || !(await isAnswered(api, Number(comment.id)));
}

/** Whether this App has put a reaction on the comment; nobody waits for an answer to one that is gone. A reaction seen once is not asked for again. */
export async function isAnswered(api: Api, comment: number): Promise<boolean> {
  if (api.memory.answered.get(String(comment)) !== undefined) return true;
  try {
    const ours = await ourReactions(api, comment);
    if (ours.length > 0) api.memory.answered.keep(String(comment), true);
    return ours.length > 0;
  } catch (error) {
    // Not remembered: a repository that was renamed says the same until it is known by its new name.
    if (error instanceof ForgeError && error.fault === "gone") return true;
    throw error;
  }
}

async function ourReactions({ request, repo, identity }: Api, comment: number): Promise<readonly string[]> {
  const { login } = await identity();
  const route = "GET /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions";
  const reactions = await pages((page) => request(route, { ...repo, comment_id: comment, per_page: PER_PAGE, page }));
  return reactions.flatMap(({ user, content }) => (user?.login === login ? [content] : []));
}

/** Puts a reaction on a comment, which GitHub does at most once; one that is gone is left. */
export async function react(api: Api, comment: number, reaction: Reaction): Promise<void> {
  const route = "POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions";
  const wanted = { ...api.repo, comment_id: comment, content: reaction, request: inLane("talk") };
  try {
    await unlessDone(
      () => api.request(route, wanted),
      async () => (await ourReactions(api, comment)).includes(reaction),
    );
    api.memory.answered.keep(String(comment), true);
  } catch (error) {
    if (!(error instanceof ForgeError) || error.fault !== "gone") throw error;
  }
}
