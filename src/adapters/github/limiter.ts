import type { Clock } from "../../ports/clock.ts";
import type { Lane } from "../../ports/forge.ts";
import { FRESH_BUDGET, GITHUB_LIMITS, heard, readyAt, spend, type Cost, type Limits } from "./budget.ts";
import { ForgeError, type Answer } from "./error.ts";

/** Lets an installation's requests go when they may: aborts first, then steps, talk, progress, each lane in its order. */
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
};

export type LimiterOptions = {
  readonly clock: Clock;
  readonly limits?: Partial<Limits>;
};

type Waiting = {
  readonly cost: Cost;
  readonly send: () => Promise<void>;
  readonly refuse: (error: ForgeError) => void;
};

type State = {
  budget: typeof FRESH_BUDGET;
  waiting: readonly Waiting[];
  running: number;
  /** One ordinary write at a time: GitHub advises against parallel ones. */
  writing: boolean;
  wakeAt: number;
};

const LONG_MS = 60_000;
const SHORT_MS: Readonly<Record<Lane, number>> = {
  abort: Number.POSITIVE_INFINITY,
  step: 5_000,
  talk: 5_000,
  progress: 1_000,
};
const RANK: Readonly<Record<Lane, number>> = { abort: 0, step: 1, talk: 2, progress: 3 };

/** One limiter per installation, shared by all its repositories. */
export function limiter(options: LimiterOptions): Limiter {
  const { clock } = options;
  const limits: Limits = { ...GITHUB_LIMITS, ...options.limits };
  const state: State = {
    budget: FRESH_BUDGET,
    waiting: [],
    running: 0,
    writing: false,
    wakeAt: Number.POSITIVE_INFINITY,
  };

  const start = (entry: Waiting) => {
    const ordinaryWrite = isOrdinaryWrite(entry.cost);
    state.waiting = state.waiting.filter((other) => other !== entry);
    state.budget = spend(state.budget, entry.cost, clock.now());
    state.running += 1;
    state.writing ||= ordinaryWrite;
    void entry.send().finally(() => {
      state.running -= 1;
      if (ordinaryWrite) state.writing = false;
      look();
    });
  };
  const consider = (entry: Waiting) => {
    const now = clock.now();
    const at = readyAt(state.budget, limits, entry.cost, now);
    if (at - now > patienceOf(entry.cost)) {
      state.waiting = state.waiting.filter((other) => other !== entry);
      return entry.refuse(refusal(at));
    }
    if (at > now) return void wake(at);
    if (!isHeldUp(state, limits, entry.cost)) start(entry);
  };
  const look = () => {
    for (const entry of state.waiting) consider(entry);
  };
  const wake = async (at: number) => {
    if (at >= state.wakeAt) return;
    state.wakeAt = at;
    await clock.sleep(at - clock.now());
    if (state.wakeAt === at) state.wakeAt = Number.POSITIVE_INFINITY;
    look();
  };

  return {
    run: (cost, send) =>
      new Promise((resolve, reject) => {
        const entry: Waiting = { cost, send: () => send().then(resolve, reject), refuse: reject };
        // A stable sort: within a lane the order of arrival stays.
        state.waiting = [...state.waiting, entry].toSorted((a, b) => RANK[a.cost.lane] - RANK[b.cost.lane]);
        look();
      }),
    heard: (answer) => {
      state.budget = heard(state.budget, answer, clock.now());
    },
    readyAt: (cost) => readyAt(state.budget, limits, cost, clock.now()),
  };
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
  return lane !== "abort" && kind !== "read";
}

function refusal(retryAt: number): ForgeError {
  return new ForgeError("GitHub's limits", "our share of the requests is used up for now", {
    fault: "throttled",
    status: 0,
    retryAt,
  });
}
