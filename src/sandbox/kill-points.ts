import { randomOf, type Random } from "./cluster/random.ts";
import type { FaultRequest } from "./github/faults.ts";

/** The external calls at which a bot is killed. */
export const CALLS = [
  "token",
  "pulls list",
  "git fetch",
  "git push",
  "create pull",
  "check run",
  "merge",
  "comment",
] as const;

export type ExternalCall = (typeof CALLS)[number];

export const MOMENTS = ["before", "after"] as const;

/** `before`: the call has arrived and nothing has come of it. `after`: its effect is there and its answer was not sent. */
export type Moment = (typeof MOMENTS)[number];

/** The `nth` call of its kind since a run began, counted from 1 over all processes of the run. */
export type KillPoint = { readonly call: ExternalCall; readonly moment: Moment; readonly nth: number };

/** How many of each kind every run of the two bumps makes at the least, kills or none: a point within is always reached. */
const ALWAYS_MADE: Readonly<Record<ExternalCall, number>> = {
  token: 2,
  "pulls list": 20,
  "git fetch": 20,
  "git push": 14,
  "create pull": 11,
  "check run": 14,
  merge: 11,
  comment: 2,
};

const REPO_PATH = "/repos/{owner}/{repo}";

const ROUTES: ReadonlyMap<string, ExternalCall> = new Map([
  ["POST /app/installations/{id}/access_tokens", "token"],
  [`GET ${REPO_PATH}/pulls`, "pulls list"],
  ["POST /{owner}/{repo}.git/git-upload-pack", "git fetch"],
  ["POST /{owner}/{repo}.git/git-receive-pack", "git push"],
  [`POST ${REPO_PATH}/pulls`, "create pull"],
  [`POST ${REPO_PATH}/check-runs`, "check run"],
  [`PATCH ${REPO_PATH}/check-runs/{id}`, "check run"],
  [`PUT ${REPO_PATH}/pulls/{number}/merge`, "merge"],
  [`POST ${REPO_PATH}/issues/{number}/comments`, "comment"],
]);

/** Which call a request is; undefined for one at which nothing is ever killed. */
export function callOf({ method, route }: Pick<FaultRequest, "method" | "route">): ExternalCall | undefined {
  return ROUTES.get(`${method} ${route}`);
}

/**
 * The points of each run: every call and moment comes up equally often, in an order and at a count that the seed chooses.
 * Equal seeds give equal points. No call comes twice in a run, so that `perRun` is at most their number.
 */
export function killPoints(seed: string, runs: number, perRun: number): readonly (readonly KillPoint[])[] {
  const random = randomOf(`kill points ${seed}`);
  const deck: Card[] = [];
  return Array.from({ length: runs }, () => {
    const hand: KillPoint[] = [];
    const isNew = ({ call }: Card) => hand.every((point) => point.call !== call);
    while (hand.length < Math.min(perRun, CALLS.length)) {
      if (!deck.some(isNew)) deck.push(...shuffled(CARDS, random));
      const drawn = deck.splice(deck.findIndex(isNew), 1);
      hand.push(...drawn.map((card) => ({ ...card, nth: 1 + Math.floor(random() * ALWAYS_MADE[card.call]) })));
    }
    return hand;
  });
}

type Card = Pick<KillPoint, "call" | "moment">;

const CARDS: readonly Card[] = CALLS.flatMap((call) => MOMENTS.map((moment) => ({ call, moment })));

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
