import type { Octokit } from "@octokit/core";

import type { RepoName } from "../../core/names.ts";
import type { Log } from "../../ports/log.ts";
import { misshapen } from "./misshapen.ts";
import { recent, type Recent } from "./recent.ts";

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
  readonly memory: Memory;
};

/** What this process need not ask again. */
export type Memory = {
  /** The external id that our run of a name on a commit is known to have, by commit and name. */
  readonly reports: Recent<string>;
  /** Comments that carry a reaction of ours, by id. */
  readonly answered: Recent<true>;
  /** The text that our comment of a topic is known to have, by pull request and topic. Where somebody removes the comment, it stays removed. */
  readonly said: Recent<string>;
};

// A look concerns some tens of each.
const REMEMBERED = 5_000;

/** A memory of the last few thousand of each; forgetting one costs a question. */
export function freshMemory(): Memory {
  return { reports: recent(REMEMBERED), answered: recent(REMEMBERED), said: recent(REMEMBERED) };
}

export const PER_PAGE = 100;
// GitHub advises against more than 1,000 open pull requests; a list that does not end is refused, not cut.
const MOST_PAGES = 200;

type Page<T> = { readonly data: readonly T[]; readonly headers: { readonly link?: string | undefined } };

/** Every item of a list, page after page. Throws where any page fails: half a list is no list. */
export async function pages<T>(page: (number: number) => Promise<Page<T>>): Promise<readonly T[]> {
  return pagesWhile(page, (_, number) => {
    if (number < MOST_PAGES) return true;
    throw new RangeError(`A list of GitHub's has more than ${MOST_PAGES} pages.`);
  });
}

/** The items of a list's first pages: as long as there are more, and `goesOn` says so of a page and its number. Throws where any page fails. */
export async function pagesWhile<T>(
  page: (number: number) => Promise<Page<T>>,
  goesOn: (page: readonly T[], number: number) => boolean,
  number = 1,
): Promise<readonly T[]> {
  const { data, headers } = await page(number);
  if (!isList(data)) throw misshapen("A list of GitHub's");
  const isLast = headers.link === undefined || !headers.link.includes('rel="next"');
  if (isLast || !goesOn(data, number)) return data;
  return [...data, ...(await pagesWhile(page, goesOn, number + 1))];
}

function isList(value: unknown): boolean {
  return Array.isArray(value);
}

/** Splits `owner/name`. */
export function ownerAndName(repo: RepoName): Api["repo"] {
  const [owner = "", name = ""] = repo.split("/");
  return { owner, repo: name };
}
