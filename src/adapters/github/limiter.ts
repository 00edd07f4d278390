import { longest, type Held } from "../../core/pacing.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Lane } from "../../ports/forge.ts";
import type { InstallationLimits, SharedBudget } from "../../ports/limits.ts";
import {
  FRESH_BUDGET,
  GITHUB_LIMITS,
  heard,
  holdOf,
  newsFrom,
  readyAt,
  spend,
  type Cost,
  type Limits,
  type Spent,
} from "./budget.ts";
import { ForgeError, isThrottle, type Answer } from "./error.ts";
import { inTurns, turnKey } from "./in-turns.ts";
import { claimsOf } from "./shared-claims.ts";
import { usedOf } from "./used.ts";

/** Lets an installation's requests go when they may: aborts first, then what persons wait for, steps, talk, news, progress; in each lane repositories take turns, each in its own order. */
export type Limiter = {
  /**
   * Sends when the request may be sent. Throws a `throttled` ForgeError at once where that is further off than is waited for: a minute for a read and for what
   * nobody would send again, seconds for another write, for behind it a look would stand still that may find an abort. An abort is never refused here, it waits.
   */
  readonly run: <T>(cost: Cost, send: () => Promise<T>) => Promise<T>;
  /** Takes note of an answer, a refusal included. */
  readonly heard: (answer: Answer) => void;
  /** When a request of that cost may be sent, as things are. */
  readonly readyAt: (cost: Cost) => number;
  /** What such a request would be refused for here; undefined where it is sent at once, or waited for. `landed`: when merges of anybody's are known to have landed, milliseconds. */
  readonly held: (cost: Cost, landed?: readonly number[]) => Held | undefined;
  /** When a look for news may begin, milliseconds. */
  readonly newsFrom: () => number;
  /** How far apart the merges of a repository are on average where there are many, milliseconds. */
  readonly mergeEveryMs: number;
  readonly used: () => Used;
};

export type Used = Omit<InstallationLimits, "installation">;

export type LimiterOptions = {
  readonly clock: Clock;
  readonly limits?: Partial<Limits>;
  /** What other processes take of the same budget is counted there; absent where there are none. */
  readonly shared?: SharedBudget | undefined;
};

type Waiting = {
  readonly cost: Cost;
  readonly send: () => Promise<void>;
  readonly refuse: (error: ForgeError) => void;
};

type State = {
  budget: typeof FRESH_BUDGET;
  /** In the order of arrival. */
  waiting: readonly Waiting[];
  /** The last turn of each repository in each lane. */
  readonly served: Map<string, number>;
  turn: number;
  running: number;
  /** One ordinary write at a time: GitHub advises against parallel ones. */
  writing: boolean;
  wakeAt: number;
  refused: number;
  heldBack: number;
  /** What other processes have left no room for, by lane, kind and repository. */
  readonly elsewhere: Map<string, Held>;
  /** Until when they leave none for looks for news, as last heard. */
  newsHeld: number;
};

const LONG_MS = 60_000;
const SHORT_MS: Readonly<Record<Lane, number>> = {
  abort: Number.POSITIVE_INFINITY,
  person: 5_000,
  step: 5_000,
  talk: 5_000,
  news: 5_000,
  progress: 1_000,
};

/** One limiter per installation, shared by all its repositories. */
export function limiter(options: LimiterOptions): Limiter {
  const { clock } = options;
  const limits: Limits = { ...GITHUB_LIMITS, ...options.limits };
  const state = freshState();
  const look = dispatcher(state, { ...options, limits });
  return {
    run: (cost, send) =>
      new Promise((resolve, reject) => {
        const entry: Waiting = { cost, send: () => send().then(resolve, reject), refuse: reject };
        state.waiting = [...state.waiting, entry];
        look();
      }),
    heard: (answer) => {
      if (isThrottle(answer)) state.refused += 1;
      state.budget = heard(state.budget, answer, clock.now());
    },
    readyAt: (cost) => readyAt(state.budget, limits, cost, clock.now()),
    held: (cost, landed = []) => {
      const now = clock.now();
      const seen = { ...state.budget, merges: mergesAt(landed, cost, now) };
      const elsewhere = state.elsewhere.get(kindKey(cost));
      const others = [holdOf(seen, limits, cost, now), ...(elsewhere === undefined ? [] : [elsewhere])];
      const hold = longest(holdOf(state.budget, limits, cost, now), others);
      return hold.until - now > patienceOf(cost) ? hold : undefined;
    },
    newsFrom: () => Math.max(newsFrom(state.budget, limits, clock.now()), state.newsHeld),
    mergeEveryMs: limits.merges.perMs / limits.merges.most,
    used: () => ({ ...usedOf(state.budget, limits, clock.now()), ...standing(state) }),
  };
}

/** Starts or refuses what waits, as far as it is time, whenever it is called and when something it started has ended. */
function dispatcher(state: State, { limits, clock, shared }: LimiterOptions & { readonly limits: Limits }): () => void {
  const leave = (entry: Waiting) => {
    state.waiting = state.waiting.filter((other) => other !== entry);
  };
  const start = (entry: Waiting) => {
    const ordinaryWrite = isOrdinaryWrite(entry.cost);
    leave(entry);
    state.served.set(turnKey(entry), (state.turn += 1));
    // What others may have left no room for is counted when it is sent.
    if (shared === undefined) state.budget = spend(state.budget, entry.cost, clock.now());
    state.running += 1;
    state.writing ||= ordinaryWrite;
    const sent = shared === undefined ? entry.send() : sendShared(entry, state, { limits, clock, shared });
    void sent.finally(() => {
      state.running -= 1;
      if (ordinaryWrite) state.writing = false;
      look();
    });
  };
  const consider = (entry: Waiting) => {
    const now = clock.now();
    const { until, by } = holdOf(state.budget, limits, entry.cost, now);
    if (until - now > patienceOf(entry.cost)) {
      leave(entry);
      state.heldBack += 1;
      return entry.refuse(refusal({ until, by }));
    }
    if (until > now) return void wake(until);
    if (!isHeldUp(state, limits, entry.cost)) start(entry);
  };
  const look = () => {
    for (const entry of inTurns(state.waiting, state.served)) if (state.waiting.includes(entry)) consider(entry);
  };
  const wake = async (at: number) => {
    if (at >= state.wakeAt) return;
    state.wakeAt = at;
    await clock.sleep(at - clock.now());
    if (state.wakeAt === at) state.wakeAt = Number.POSITIVE_INFINITY;
    look();
  };

  return look;
}

type Sharing = { readonly limits: Limits; readonly clock: Clock; readonly shared: SharedBudget };

/** Sends when there is room for it among all processes, or refuses it; an abort is only noted. Where nobody can tell, this process's own count is all that there is. */
async function sendShared(entry: Waiting, state: State, { limits, clock, shared }: Sharing): Promise<void> {
  const { cost } = entry;
  const claims = claimsOf(limits, cost);
  const send = () => {
    state.budget = spend(state.budget, cost, clock.now());
    return entry.send();
  };
  if (cost.lane === "abort") {
    shared.note(claims);
    return send();
  }
  const until = clock.now() + patienceOf(cost);
  const attempt = async (): Promise<Held | undefined> => {
    const now = clock.now();
    const held = await shared.take(claims).then(
      (refused) => refused && { until: now + refused.waitMs, by: claims[refused.claim]?.by ?? { kind: "refused" } },
      () => holdOf(state.budget, limits, cost, now),
    );
    if (held === undefined || held.until <= now) return undefined;
    if (cost.lane === "news") state.newsHeld = held.until;
    if (held.until > until) return held;
    await clock.sleep(held.until - now);
    return attempt();
  };
  const held = await attempt();
  if (held === undefined) return send();
  state.heldBack += 1;
  state.elsewhere.set(kindKey(cost), held);
  return entry.refuse(refusal(held));
}

function kindKey({ lane, kind, repo }: Cost): string {
  return `${lane} ${kind} ${repo ?? ""}`;
}

/** A commit that somebody's fast clock has dated is no reason to wait. */
function mergesAt(landed: readonly number[], { repo }: Cost, now: number): readonly Spent[] {
  return landed
    .filter((at) => at <= now + FAST_CLOCK_MS)
    .toSorted((one, two) => one - two)
    .map((at) => ({ at, amount: 1, repo }));
}

const FAST_CLOCK_MS = 10_000;

function freshState(): State {
  return {
    budget: FRESH_BUDGET,
    waiting: [],
    served: new Map(),
    turn: 0,
    running: 0,
    writing: false,
    wakeAt: Number.POSITIVE_INFINITY,
    refused: 0,
    heldBack: 0,
    elsewhere: new Map(),
    newsHeld: 0,
  };
}

function standing({
  waiting,
  running,
  refused,
  heldBack,
}: State): Pick<Used, "waiting" | "running" | "refused" | "heldBack"> {
  const inLane = (lane: Lane) => waiting.filter(({ cost }) => cost.lane === lane).length;
  const before = { abort: inLane("abort"), person: inLane("person"), step: inLane("step"), talk: inLane("talk") };
  return { waiting: { ...before, news: inLane("news"), progress: inLane("progress") }, running, refused, heldBack };
}

/** The longest that a request waits for the rate, milliseconds. */
function patienceOf({ lane, kind, once = false }: Cost): number {
  const isPatient = once || (kind === "read" && lane !== "progress");
  return isPatient ? Math.max(LONG_MS, SHORT_MS[lane]) : SHORT_MS[lane];
}

/** Waits for others of ours to end, not for GitHub. */
function isHeldUp({ running, writing }: State, { concurrent }: Limits, cost: Cost): boolean {
  if (cost.lane === "abort") return false;
  return running >= concurrent || (isOrdinaryWrite(cost) && writing);
}

function isOrdinaryWrite({ lane, kind }: Cost): boolean {
  return lane !== "abort" && kind !== "read" && kind !== "push";
}

function refusal({ until, by }: Held): ForgeError {
  return new ForgeError("GitHub's limits", WORDS[by.kind], { fault: "throttled", status: 0, retryAt: until });
}

const WORDS: Readonly<Record<Held["by"]["kind"], string>> = {
  turn: "it is another's turn",
  merges: "the repository has had its merges for now",
  pushes: "the repository has had its pushes for now",
  content: "our share of pull requests, merges and comments is used up for now",
  points: "our share of the requests is used up for now",
  writes: "a write was sent a moment ago",
  requests: "our share of the hour's requests is used up",
  refused: "GitHub has refused a request for its rate",
};
