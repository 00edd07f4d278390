import type { Octokit } from "@octokit/core";

import type { RepoName } from "../../core/names.ts";
import type { Log } from "../../ports/log.ts";

/** Who we are on GitHub. */
export type AppIdentity = {
  /** The App's number: check runs carry it. */
  readonly id: number;
  /** The login under which the App opens, comments and reacts: `slug[bot]`. */
  readonly login: string;
};

/** One repository's side of the API, for the functions of the forge. */
export type Api = {
  /** Typed by route; every request waits for the limiter, and every failure is a ForgeError. */
  readonly request: Octokit["request"];
  readonly repo: { readonly owner: string; readonly repo: string };
  /** Asked of GitHub once. */
  readonly identity: () => Promise<AppIdentity>;
  readonly log: Log;
};

export const PER_PAGE = 100;
// GitHub advises against more than 1,000 open pull requests; a list that does not end is refused, not cut.
const MOST_PAGES = 200;

type Page<T> = { readonly data: readonly T[]; readonly headers: { readonly link?: string | undefined } };

/** Every item of a list, page after page. Throws where any page fails: half a list is no list. */
export async function pages<T>(page: (number: number) => Promise<Page<T>>, number = 1): Promise<readonly T[]> {
  if (number > MOST_PAGES) throw new RangeError(`A list of GitHub's has more than ${MOST_PAGES} pages.`);
  const { data, headers } = await page(number);
  if (headers.link === undefined || !headers.link.includes('rel="next"')) return data;
  return [...data, ...(await pages(page, number + 1))];
}

/** Splits `owner/name`. */
export function ownerAndName(repo: RepoName): Api["repo"] {
  const [owner = "", name = ""] = repo.split("/");
  return { owner, repo: name };
}
