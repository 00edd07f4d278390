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

/** What happens at a point: the process that calls is killed; or, while its call waits, Redis is killed or loses all its keys. */
export const BLOWS = ["kill", "killRedis", "flushRedis"] as const;

export type Blow = (typeof BLOWS)[number];

/** `awayMs`: Redis is started again so many milliseconds after it was killed. */
type Dealt = { readonly blow: Exclude<Blow, "killRedis"> } | { readonly blow: "killRedis"; readonly awayMs: number };

/** The `nth` call of its kind since a run began, counted from 1 over all processes of the run. */
export type KillPoint = Dealt & { readonly call: ExternalCall; readonly moment: Moment; readonly nth: number };

/** Shorter than a process takes to start, and longer than one waits for an answer. */
const AWAY_MS = { least: 100, most: 5_000 } as const;

/** How many of each kind every run of the two bumps makes at the least, kills or none and however slow the machine: a point within is always reached. */
const ALWAYS_MADE: Readonly<Record<ExternalCall, number>> = {
  token: 2,
  "pulls list": 20,
  "git fetch": 20,
  "git push": 14,
  "create pull": 11,
  "check run": 9,
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
 * The points of each run, as many as it gets blows: to each kind of blow every call and moment comes up equally often, in an order and at a count that the seed
 * chooses. Equal seeds give equal points. No call comes twice in a run, so that there are at most as many blows as calls.
 */
export function killPoints(seed: string, runs: number, blows: readonly Blow[]): readonly (readonly KillPoint[])[] {
  const random = randomOf(`kill points ${seed}`);
  const decks: Readonly<Record<Blow, Card[]>> = { kill: [], killRedis: [], flushRedis: [] };
  return Array.from({ length: runs }, () => {
    const hand: KillPoint[] = [];
    const isNew = ({ call }: Card) => hand.every((point) => point.call !== call);
    for (const blow of blows.slice(0, CALLS.length)) {
      const deck = decks[blow];
      if (!deck.some(isNew)) deck.push(...shuffled(CARDS[blow], random));
      const drawn = deck.splice(deck.findIndex(isNew), 1);
      const nthOf = ({ call }: Card) => 1 + Math.floor(random() * ALWAYS_MADE[call]);
      hand.push(...drawn.map((card) => ({ ...dealt(blow, random), ...card, nth: nthOf(card) })));
    }
    return hand;
  });
}

type Card = Pick<KillPoint, "call" | "moment">;

const BOTH: readonly Card[] = CALLS.flatMap((call) => MOMENTS.map((moment) => ({ call, moment })));
/** Redis is struck while a call waits: whoever called goes on, and notices the same a moment later. */
const WAITING: readonly Card[] = CALLS.map((call) => ({ call, moment: "before" }));

const CARDS: Readonly<Record<Blow, readonly Card[]>> = { kill: BOTH, killRedis: WAITING, flushRedis: WAITING };

function dealt(blow: Blow, random: Random): Dealt {
  if (blow !== "killRedis") return { blow };
  return { blow, awayMs: Math.round(AWAY_MS.least + random() * (AWAY_MS.most - AWAY_MS.least)) };
}

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
