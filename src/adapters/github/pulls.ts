import { sha, type Sha } from "../../core/names.ts";
import type { Lane, MergedPull, NewPull, Pull, PullWords } from "../../ports/forge.ts";
import { pages, PER_PAGE, type Api } from "./api.ts";
import { cutText } from "./cut.ts";
import { foundAfter, unlessDone } from "./doubt.ts";
import { misshapen } from "./misshapen.ts";
import { isSameText } from "./text.ts";
import { inLane } from "./transport.ts";

const LONGEST = 65_535;
const CLOSING = "_Cut here: GitHub shows no more than this._";

/** Every open pull request into a branch, oldest first. */
export async function openPulls({ request, repo, identity }: Api, base: string): Promise<readonly Pull[]> {
  const { login } = await identity();
  const route = "GET /repos/{owner}/{repo}/pulls";
  const order = { state: "open", sort: "created", direction: "asc" } as const;
  const found = await pages((page) => request(route, { ...repo, ...order, base, per_page: PER_PAGE, page }));
  const pulls = found.map((pull) => ({
    number: pull.number,
    title: pull.title,
    ours: pull.user?.login === login,
    author: pull.user?.login ?? "ghost",
    branch: pull.head.ref,
    fromFork: isFork(pull.head.repo, pull.base.repo),
    base: pull.base.ref,
    headSha: sha(pull.head.sha),
    draft: pull.draft === true,
    labels: namesOf(pull.labels),
    body: (pull.body ?? "").replaceAll("\r\n", "\n"),
  }));
  // While the list is read, a pull request may move from one page to the next.
  return [...new Map(pulls.map((pull) => [pull.number, pull])).values()];
}

/** The merged pull requests that brought a commit, newest first. */
export async function pullsOf({ request, repo }: Api, commit: Sha): Promise<readonly MergedPull[]> {
  const route = "GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls";
  const found = await pages((page) => request(route, { ...repo, commit_sha: commit, per_page: PER_PAGE, page }));
  const merged = found.flatMap(({ number, labels, merged_at }) =>
    merged_at === null ? [] : [{ number, labels: namesOf(labels), at: Date.parse(merged_at) }],
  );
  return merged
    .toSorted((a, b) => b.at - a.at || b.number - a.number)
    .map(({ number, labels }) => ({ number, labels }));
}

/** Opens a pull request, or finds the open one of that branch: GitHub allows only one, so that repeating is harmless. */
export async function openPull(api: Api, pull: NewPull, lane: Lane): Promise<number> {
  const { request, repo } = api;
  try {
    const { branch: head, base, title, body } = pull;
    const { data } = await request("POST /repos/{owner}/{repo}/pulls", {
      ...repo,
      head,
      base,
      title,
      body: cutText(body, LONGEST, CLOSING),
      request: inLane(lane),
    });
    if (!Number.isInteger(data.number)) throw misshapen("A new pull request");
    return data.number;
  } catch (error) {
    const there = await foundAfter(error, () => openPullOf(api, pull, lane));
    if (there === undefined) throw error;
    return there;
  }
}

/** Gives a pull request other words; cut to what GitHub shows. */
export async function rewordPull({ request, repo }: Api, number: number, { title, body }: PullWords): Promise<void> {
  const pull = { ...repo, pull_number: number, request: inLane("talk") };
  const words = { ...(title !== undefined && { title }), body: cutText(body, LONGEST, CLOSING) };
  await unlessDone(
    () => request("PATCH /repos/{owner}/{repo}/pulls/{pull_number}", { ...pull, ...words }),
    async () => {
      const { data } = await request("GET /repos/{owner}/{repo}/pulls/{pull_number}", pull);
      return isSameText(data.body ?? "", words.body) && (title === undefined || data.title === title);
    },
  );
}

/** Closes a pull request; one that is closed or merged already is left. */
export async function closePull({ request, repo }: Api, number: number): Promise<void> {
  const pull = { ...repo, pull_number: number };
  await unlessDone(
    () => request("PATCH /repos/{owner}/{repo}/pulls/{pull_number}", { ...pull, state: "closed" }),
    async () => (await request("GET /repos/{owner}/{repo}/pulls/{pull_number}", pull)).data.state === "closed",
  );
}

async function openPullOf({ request, repo }: Api, { branch, base }: NewPull, lane: Lane): Promise<number | undefined> {
  const head = `${repo.owner}:${branch}`;
  const { data } = await request("GET /repos/{owner}/{repo}/pulls", {
    ...repo,
    head,
    base,
    state: "open",
    request: inLane(lane),
  });
  // A head that GitHub cannot read as one is ignored by it, and then every pull request is listed.
  return data.find((pull) => pull.head.ref === branch && !isFork(pull.head.repo, pull.base.repo))?.number;
}

type Numbered = { readonly id: number | bigint };

// A fork that was deleted is a fork still.
function isFork(head: Numbered | null, base: Numbered): boolean {
  return head?.id !== base.id;
}

function namesOf(labels: readonly { readonly name: string }[]): readonly string[] {
  return labels.map(({ name }) => name);
}
