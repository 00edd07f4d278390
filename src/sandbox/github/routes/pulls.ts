import { z } from "zod";
import { bodyOf } from "../body.ts";
import { changedFiles, history, patches } from "../history.ts";
import { mergePull } from "../merge.ts";
import { comparedBase, pullDetails } from "../pull-facts.ts";
import { pullOf } from "../pull-of.ts";
import { editPull, openPull } from "../pulls.ts";
import { git } from "../run-git.ts";
import { HttpError, notFound } from "../http-error.ts";
import { acting, created, numberParam, paged, param, reading, writing } from "../routing.ts";
import type { Answer, RepoCall, Route } from "../routing.ts";
import { resolveCommit } from "../repo.ts";
import { commitShape, fileShape } from "../shapes/commit.ts";
import type { Published } from "../shapes/published.ts";
import { pullListShape, pullShape } from "../shapes/pull.ts";
import type { Pull, Repo } from "../store.ts";

const NewPullBody = z.object({
  title: z.string().min(1),
  head: z.string().min(1),
  base: z.string().min(1),
  body: z.string().nullish(),
  draft: z.boolean().optional(),
});

const PullEditBody = z.object({
  title: z.string().min(1).optional(),
  body: z.string().nullable().optional(),
  state: z.enum(["open", "closed"]).optional(),
  base: z.string().optional(),
});

const MergeBody = z.object({
  sha: z.string().optional(),
  merge_method: z.enum(["merge", "squash", "rebase"]).optional(),
  commit_title: z.string().optional(),
  commit_message: z.string().optional(),
});

/** Pull requests. */
export const pullRoutes: readonly Route[] = [
  { kind: "repo", method: "GET", path: "/pulls", needs: reading("pull_requests"), run: listPulls },
  {
    kind: "repo",
    method: "POST",
    path: "/pulls",
    needs: writing("pull_requests"),
    creates: "content",
    run: createPull,
  },
  { kind: "repo", method: "GET", path: "/pulls/{number}", needs: reading("pull_requests"), run: getPull },
  { kind: "repo", method: "PATCH", path: "/pulls/{number}", needs: writing("pull_requests"), run: updatePull },
  { kind: "repo", method: "GET", path: "/pulls/{number}/files", needs: reading("pull_requests"), run: listFiles },
  { kind: "repo", method: "GET", path: "/pulls/{number}/commits", needs: reading("pull_requests"), run: listCommits },
  { kind: "repo", method: "GET", path: "/pulls/{number}/merge", needs: reading("pull_requests"), run: isMerged },
  {
    kind: "repo",
    method: "PUT",
    path: "/pulls/{number}/merge",
    needs: writing("contents"),
    creates: "content",
    run: merge,
  },
  { kind: "repo", method: "GET", path: "/commits/{ref*}/pulls", needs: reading("pull_requests"), run: pullsOfCommit },
];

function listPulls(call: RepoCall): Answer {
  const { searchParams: query } = call.url;
  const state = query.get("state") ?? "open";
  const matching = [...call.repo.pulls.values()].filter(
    (pull) =>
      (state === "all" || (pull.state.kind === "open") === (state === "open")) &&
      isAsked(query.get("head"), labelOf(call.repo, pull)) &&
      isAsked(query.get("base"), pull.base.branch),
  );
  const time = query.get("sort") === "updated" ? (pull: Pull) => pull.updatedAt : (pull: Pull) => pull.createdAt;
  const ascending = matching.toSorted((a, b) => time(a) - time(b) || a.number - b.number);
  const sorted =
    (query.get("direction") ?? (query.get("sort") === "updated" ? "asc" : "desc")) === "desc"
      ? ascending.toReversed()
      : ascending;
  return paged(call, sorted, (pulls) => pulls.map((pull) => pullListShape(call.store, call.repo, pull)));
}

async function createPull(call: RepoCall): Promise<Answer> {
  const { title, head, base, body, draft } = bodyOf(NewPullBody, call.body);
  const branch = head.startsWith(`${call.repo.owner.login}:`) ? head.slice(call.repo.owner.login.length + 1) : head;
  const pull = await openPull(acting(call), {
    title,
    body: body ?? null,
    branch,
    base,
    draft: draft ?? false,
  });
  return created(await shapeOf(call, pull));
}

function getPull(call: RepoCall): Promise<Answer> {
  return single(call, pullOf(call.repo, numberParam(call, "number")));
}

async function updatePull(call: RepoCall): Promise<Answer> {
  const { title, body, state, base } = bodyOf(PullEditBody, call.body);
  const edit = {
    ...(title === undefined ? {} : { title }),
    ...(body === undefined ? {} : { body }),
    ...(state === undefined ? {} : { state }),
    ...(base === undefined ? {} : { base }),
  };
  return single(call, await editPull(acting(call), numberParam(call, "number"), edit));
}

async function single(call: RepoCall, pull: Pull): Promise<Answer> {
  return { status: 200, body: await shapeOf(call, pull) };
}

async function shapeOf(call: RepoCall, pull: Pull) {
  return pullShape(call.store, call.repo, pull, await pullDetails(acting(call), pull));
}

// GitHub shows 3,000 files of a pull request and 250 of its commits
async function listFiles(call: RepoCall): Promise<Answer> {
  const pull = pullOf(call.repo, numberParam(call, "number"));
  const range = [`${await comparedBase(call.repo, pull)}...${pull.head.sha}`];
  const [files, texts] = await Promise.all([changedFiles(call.repo.git, range), patches(call.repo.git, range)]);
  const shown = files.map((file, at) => ({ file, patch: texts[at] })).slice(0, 3000);
  return paged(call, shown, (page) => page.map((one) => fileShape(call.store, call.repo, pull.head.sha, one)));
}

async function listCommits(call: RepoCall): Promise<Answer> {
  const pull = pullOf(call.repo, numberParam(call, "number"));
  const commits = await history(call.repo.git, [
    "--reverse",
    `${await comparedBase(call.repo, pull)}..${pull.head.sha}`,
  ]);
  return paged(call, commits.slice(0, 250), (page) => page.map((commit) => commitShape(call.store, call.repo, commit)));
}

function isMerged(call: RepoCall): Answer {
  if (pullOf(call.repo, numberParam(call, "number")).state.kind !== "merged") throw notFound();
  return { status: 204 };
}

async function merge(call: RepoCall): Promise<Answer> {
  const {
    sha,
    merge_method: method = "merge",
    commit_title: title,
    commit_message: message,
  } = bodyOf(MergeBody, call.body);
  const landed = await mergePull(acting(call), numberParam(call, "number"), {
    sha,
    method,
    title,
    message,
    bypass: undefined,
  });
  return {
    status: 200,
    body: { sha: landed, merged: true, message: "Pull Request successfully merged" } satisfies Published<
      "pulls",
      "merge"
    >,
  };
}

// a commit on the default branch belongs to the pull requests that brought it; any other one to the open ones that hold it
async function pullsOfCommit(call: RepoCall): Promise<Answer> {
  const { repo } = call;
  const ref = param(call, "ref");
  const sha = await resolveCommit(repo.git, ref);
  if (sha === undefined) throw new HttpError(422, `No commit found for SHA: ${ref}`);
  const landed = [...repo.pulls.values()].filter(({ state }) => state.kind === "merged" && state.landed.has(sha));
  const found = landed.length > 0 ? landed : await openPullsWith(repo, sha);
  return paged(call, found, (pulls) => pulls.map((pull) => pullListShape(call.store, repo, pull)));
}

async function openPullsWith(repo: Repo, sha: string): Promise<readonly Pull[]> {
  const refs = (
    await git(repo.git, ["for-each-ref", `--contains=${sha}`, "--format=%(refname)", "refs/heads", "refs/pull"])
  ).split("\n");
  const holding = new Set(refs);
  if (holding.has(`refs/heads/${repo.defaultBranch}`)) return [];
  return [...repo.pulls.values()].filter(
    ({ state, number }) => state.kind === "open" && holding.has(`refs/pull/${number}/head`),
  );
}

function labelOf(repo: Repo, { head }: Pull): string {
  return `${(head.fork ?? repo.owner).login}:${head.branch}`;
}

function isAsked(wanted: string | null, value: string): boolean {
  return wanted === null || wanted === "" || wanted === value;
}
