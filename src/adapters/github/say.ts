import type { Asked, Lane } from "../../ports/forge.ts";
import { pages, PER_PAGE, type Api } from "./api.ts";
import { askedLines, askedText } from "./asked.ts";
import { isWaiting } from "./comments.ts";
import { cutText } from "./cut.ts";
import { unlessDone } from "./doubt.ts";
import { ForgeError } from "./error.ts";
import { isSameText } from "./text.ts";
import { inLane } from "./transport.ts";

const LONGEST = 65_535;
const CLOSING = "_Cut here: GitHub shows no more than this._";
const TALK = inLane("talk");

/** Keeps exactly one comment of ours per topic and pull request up to date, and asks nothing where it is remembered to be. The marker identifies it, and only in a comment that is ours. */
export async function say(api: Api, pull: number, topic: string, text: string): Promise<void> {
  if (!/^[a-z0-9][a-z0-9./-]{0,99}$/.test(topic)) throw new RangeError(`Not a topic: ${JSON.stringify(topic)}.`);
  const marker = `<!-- tidegate:${topic} -->`;
  const body = cutText(`${marker}\n${text}`, LONGEST, CLOSING);
  const { said } = api.memory;
  const key = `${pull} ${topic}`;
  if (said.get(key) === body) return;
  said.drop(key);
  await keepOne(api, pull, marker, body);
  said.keep(key, body);
}

async function keepOne(api: Api, pull: number, marker: string, body: string): Promise<void> {
  const [kept, ...others] = await ownComments(api, pull, marker, "talk");
  if (kept === undefined) return post(api, pull, body, TALK);
  if (!isSameText(kept.body, body)) await edit(api, kept.id, body);
  // Two processes may have posted at once.
  await Promise.all(others.map(({ id }) => remove(api, id)));
}

/** Writes a press of a button down as a comment; the same press that still waits for an answer is not written again. */
export async function noteAsked(api: Api, pull: number, asked: Asked, verb: string): Promise<void> {
  const lane = verb === "abort" ? "abort" : "step";
  const there = await ownComments(api, pull, askedLines(asked, verb), lane);
  const waiting = await Promise.all(there.map((comment) => isWaiting(api, comment)));
  // GitHub tells of a press once.
  if (!waiting.includes(true)) await post(api, pull, askedText(asked, verb), inLane(lane, true));
}

async function post(api: Api, pull: number, body: string, sending: ReturnType<typeof inLane>): Promise<void> {
  const { request, repo } = api;
  const route = "POST /repos/{owner}/{repo}/issues/{issue_number}/comments";
  await unlessDone(
    () => request(route, { ...repo, issue_number: pull, body, request: sending }),
    async () => (await ownComments(api, pull, "", sending.lane)).some((comment) => isSameText(comment.body, body)),
  );
}

async function edit({ request, repo }: Api, id: number, body: string): Promise<void> {
  const comment = { ...repo, comment_id: id, request: TALK };
  await unlessDone(
    () => request("PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}", { ...comment, body }),
    async () => {
      const { data } = await request("GET /repos/{owner}/{repo}/issues/comments/{comment_id}", comment);
      return isSameText(data.body ?? "", body);
    },
  );
}

async function remove({ request, repo }: Api, id: number): Promise<void> {
  const comment = { ...repo, comment_id: id, request: TALK };
  try {
    await unlessDone(
      () => request("DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}", comment),
      () => isGone(request("GET /repos/{owner}/{repo}/issues/comments/{comment_id}", comment)),
    );
  } catch (error) {
    if (!hasGone(error)) throw error;
  }
}

async function isGone(look: Promise<unknown>): Promise<boolean> {
  return look.then(
    () => false,
    (error: unknown) => {
      if (hasGone(error)) return true;
      throw error;
    },
  );
}

function hasGone(error: unknown): boolean {
  return error instanceof ForgeError && error.fault === "gone";
}

type OwnComment = Awaited<ReturnType<typeof commentsOn>>[number] & { readonly id: number; readonly body: string };

async function ownComments(api: Api, pull: number, start: string, lane: Lane): Promise<readonly OwnComment[]> {
  const { login } = await api.identity();
  const ours = (await commentsOn(api, pull, lane)).filter(({ user }) => user?.login === login);
  return ours
    .map((comment) => ({ ...comment, id: Number(comment.id), body: (comment.body ?? "").replaceAll("\r\n", "\n") }))
    .filter(({ body }) => body.startsWith(start))
    .toSorted((a, b) => a.id - b.id);
}

function commentsOn({ request, repo }: Api, pull: number, lane: Lane) {
  const route = "GET /repos/{owner}/{repo}/issues/{issue_number}/comments";
  const query = { ...repo, issue_number: pull, per_page: PER_PAGE, request: inLane(lane) };
  return pages((page) => request(route, { ...query, page }));
}
