import type { Call } from "../src/sandbox/github/store.ts";

/** A repository of the benchmark, and how many of its pull requests are open. */
export type Watched = { readonly repo: string; readonly installation: number; readonly open: number };

/** What was asked of GitHub for a repository in a sweep, without git's own requests; a read is a point, a write five. */
export type RepoCost = {
  readonly repo: string;
  /** A wake may fall due in the same sweep. */
  readonly looks: number;
  readonly calls: number;
  readonly points: number;
  readonly writes: number;
  /** What so many looks may cost in which nothing has changed. */
  readonly allowed: number;
};

/** Calls that a look may cost beside the pages of open pull requests. */
export const BUDGET = 5;
const PER_PAGE = 100;

/** What each repository cost, by the calls of a sweep; one of which nothing was asked is left out. */
export function costsOf(calls: readonly Call[], watched: readonly Watched[]): readonly RepoCost[] {
  return watched.flatMap(({ repo, installation, open }) => {
    const looks = calls.filter(({ route, path }) => route.endsWith("/info/refs") && isOf(path, `/${repo}.git`)).length;
    const own = calls.filter(
      (call) =>
        isOf(call.path, `/repos/${repo}`) ||
        (call.route === "/installation/repositories" && call.installation === installation),
    );
    const writes = own.filter(({ method }) => method !== "GET" && method !== "HEAD").length;
    const allowed = looks * (BUDGET + Math.max(1, Math.ceil(open / PER_PAGE)));
    const points = own.length + 4 * writes;
    return looks === 0 && own.length === 0 ? [] : [{ repo, looks, calls: own.length, points, writes, allowed }];
  });
}

/** Whether a look in which nothing was written asked for more than it may. */
export function isDear({ calls, writes, allowed }: RepoCost): boolean {
  return writes === 0 && calls > allowed;
}

function isOf(path: string, root: string): boolean {
  return path === root || path.startsWith(`${root}/`);
}
