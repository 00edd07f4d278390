import type { Comment, Reaction } from "../../ports/forge.ts";
import { pages, PER_PAGE, type Api } from "./api.ts";
import { cutText } from "./cut.ts";
import { ForgeError } from "./error.ts";
import { isDoubtful } from "./pulls.ts";
import { inLane } from "./transport.ts";

const LONGEST = 65_535;
const CLOSING = "_Cut here: GitHub shows no more than this._";
const TALK = inLane("talk");

/** Comments on issues and pull requests written at or after `since` (milliseconds), oldest first. */
export async function readComments({ request, repo }: Api, since: number): Promise<readonly Comment[]> {
  const route = "GET /repos/{owner}/{repo}/issues/comments";
  // GitHub asks for the last change, in whole seconds; what was only edited since is left out below.
  const query = {
    since: new Date(since).toISOString(),
    sort: "created",
    direction: "asc",
    per_page: PER_PAGE,
  } as const;
  const found = await pages((page) => request(route, { ...repo, ...query, page }));
  const comments = found.map((comment) => ({
    id: Number(comment.id),
    pull: Number(comment.issue_url.split("/").at(-1)),
    author: comment.user?.login ?? "ghost",
    byBot: comment.user?.type !== "User" || (comment.performed_via_github_app ?? undefined) !== undefined,
    edited: Date.parse(comment.updated_at) > Date.parse(comment.created_at),
    at: Date.parse(comment.created_at),
    body: comment.body ?? "",
  }));
  const unique = new Map(comments.map((comment) => [comment.id, comment]));
  return [...unique.values()]
    .filter(({ at }) => at >= Math.floor(since / 1_000) * 1_000)
    .toSorted((a, b) => a.at - b.at || a.id - b.id);
}

/** Whether this App has put a reaction on the comment; nobody waits for an answer to one that is gone. */
export async function isAnswered({ request, repo, identity }: Api, comment: number): Promise<boolean> {
  const { login } = await identity();
  const route = "GET /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions";
  try {
    const reactions = await pages((page) => request(route, { ...repo, comment_id: comment, per_page: PER_PAGE, page }));
    return reactions.some(({ user }) => user?.login === login);
  } catch (error) {
    if (error instanceof ForgeError && error.fault === "gone") return true;
    throw error;
  }
}

/** Puts a reaction on a comment, which GitHub does at most once; one that is gone is left. */
export async function react({ request, repo }: Api, comment: number, reaction: Reaction): Promise<void> {
  try {
    const route = "POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions";
    await request(route, { ...repo, comment_id: comment, content: reaction, request: TALK });
  } catch (error) {
    if (!(error instanceof ForgeError) || error.fault !== "gone") throw error;
  }
}

/** Keeps exactly one comment of ours per topic and pull request up to date. The marker identifies it, and only in a comment that is ours. */
export async function say(api: Api, pull: number, topic: string, text: string): Promise<void> {
  if (!/^[a-z0-9][a-z0-9./-]{0,99}$/.test(topic)) throw new RangeError(`Not a topic: ${JSON.stringify(topic)}.`);
  const marker = `<!-- tidegate:${topic} -->`;
  const body = cutText(`${marker}\n${text}`, LONGEST, CLOSING);
  const [kept, ...others] = await ownComments(api, pull, marker);
  if (kept === undefined) return post(api, { pull, marker, body });
  const { request, repo } = api;
  if (!isSame(kept.body, body)) {
    const route = "PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}";
    await request(route, { ...repo, comment_id: kept.id, body, request: TALK });
  }
  // Two processes may have posted at once.
  await Promise.all(
    others.map(({ id }) =>
      request("DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}", { ...repo, comment_id: id, request: TALK }),
    ),
  );
}

async function post(
  api: Api,
  { pull, marker, body }: { readonly pull: number; readonly marker: string; readonly body: string },
): Promise<void> {
  const { request, repo } = api;
  try {
    await request("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", {
      ...repo,
      issue_number: pull,
      body,
      request: TALK,
    });
  } catch (error) {
    if (!isDoubtful(error)) throw error;
    const there = await ownComments(api, pull, marker);
    if (!there.some((comment) => isSame(comment.body, body))) throw error;
  }
}

type OwnComment = { readonly id: number; readonly body: string };

async function ownComments(
  { request, repo, identity }: Api,
  pull: number,
  marker: string,
): Promise<readonly OwnComment[]> {
  const { login } = await identity();
  const route = "GET /repos/{owner}/{repo}/issues/{issue_number}/comments";
  const found = await pages((page) =>
    request(route, { ...repo, issue_number: pull, per_page: PER_PAGE, page, request: TALK }),
  );
  const ours = found.filter(({ user, body }) => user?.login === login && body?.startsWith(marker) === true);
  return ours.map(({ id, body }) => ({ id: Number(id), body: body ?? "" })).toSorted((a, b) => a.id - b.id);
}

// GitHub keeps line breaks in its own way and drops white space at the end.
function isSame(one: string, two: string): boolean {
  const plain = (text: string) => text.replaceAll("\r\n", "\n").trimEnd();
  return plain(one) === plain(two);
}
