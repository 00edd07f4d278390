import { sha } from "../../core/names.ts";
import type { ClosedPull, Login } from "../../ports/forge.ts";
import { PER_PAGE, pagesWhile, type Api } from "./api.ts";

// As far back as is looked, in pages of what changed last.
const MOST_PAGES = 10;

/** Our pull requests into a branch that were closed without a merge and last changed at or after `since` (milliseconds), newest change first. */
export async function closedPulls(
  { request, repo, identity }: Api,
  base: string,
  since: number,
): Promise<readonly ClosedPull[]> {
  const { login } = await identity();
  const route = "GET /repos/{owner}/{repo}/pulls";
  const order = { state: "closed", sort: "updated", direction: "desc" } as const;
  const start = Math.floor(since / 1_000) * 1_000;
  const changed = (pull: { readonly updated_at: string } | undefined) => Date.parse(pull?.updated_at ?? "") >= start;
  const found = await pagesWhile(
    (page) => request(route, { ...repo, ...order, base, per_page: PER_PAGE, page }),
    (page, number) => number < MOST_PAGES && changed(page.at(-1)),
  );
  const ours = found.filter((pull) => pull.user?.login === login && pull.merged_at === null && changed(pull));
  const closed = ours.flatMap(({ number, head, closed_at }) =>
    closed_at === null ? [] : [{ number, branch: head.ref, headSha: sha(head.sha), at: Date.parse(closed_at) }],
  );
  // While the list is read, a pull request may move from one page to the next.
  return [...new Map(closed.map((pull) => [pull.number, pull])).values()];
}

/** Who closed a pull request; undefined while it is open, or where GitHub does not know. */
export async function closedBy({ request, repo }: Api, pull: number): Promise<Login | undefined> {
  const { data } = await request("GET /repos/{owner}/{repo}/issues/{issue_number}", { ...repo, issue_number: pull });
  return data.state === "closed" ? loginOf(data.closed_by) : undefined;
}

/** Who merged a pull request; undefined where nobody has, or where GitHub does not know. */
export async function mergedBy({ request, repo }: Api, pull: number): Promise<Login | undefined> {
  const { data } = await request("GET /repos/{owner}/{repo}/pulls/{pull_number}", { ...repo, pull_number: pull });
  return data.merged ? loginOf(data.merged_by) : undefined;
}

type Account = { readonly login: string; readonly type: string };

function loginOf(account: Account | null | undefined): Login | undefined {
  return account ? { login: account.login, byBot: account.type !== "User" } : undefined;
}
