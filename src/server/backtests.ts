import { Worker } from "node:worker_threads";
import { errorFields } from "../adapters/log.ts";
import { furtherMarkdown, othersMarkdown, unreadMarkdown } from "../backtest/markdown.ts";
import type { BacktestOf } from "../core/backtest.ts";
import type { BacktestPart, BacktestTask } from "./backtest-worker.ts";
import type { BacktestAsked, Backtests } from "../ports/backtests.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";

/** The back-tests of a process. They run beside everything else, in a thread of their own and one after the other. */
export type BacktestRunner = {
  /** Those of one repository; `lookAgain` is called when one is over. */
  readonly of: (repository: string, lookAgain: () => Promise<void>) => Backtests;
  /** Ends what runs; nothing more begins. */
  readonly stop: () => Promise<void>;
};

export type BacktestRunnerParts = {
  /** Networks that metrics may be read from although they are not public. */
  readonly networks: readonly string[];
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  /** Plays a task and tells its parts; resolves when it is over, rejects where it could not be played to its end. */
  readonly run?: (task: BacktestTask, tell: (part: BacktestPart) => void, ended: AbortSignal) => Promise<void>;
};

/** Reading stops then, with what there is; of the machine's own time, as are all of these. */
const READ_WITHIN_MS = 90_000;
const MOST_MS = 300_000;
/** A thread that wants more ends, and nothing else does. */
const MOST_MEGABYTES = 768;
/** Of that, for pasts; playing over them takes the rest. */
const KEPT_BYTES = 350e6;
const MOST_WAITING = 20;
/** Of those, so many may be what nobody has asked for: people wait for no more of them. */
const MOST_UNASKED = 4;
/** Answers are kept until they have been given; there are never many. */
const MOST_KEPT = 100;

type Answer =
  | { readonly kind: "waiting"; readonly isAsked: boolean }
  | { readonly kind: "found"; readonly text: string };

/** Makes the runner of a process; nothing runs before it is asked. */
export function backtestRunner({ networks, clock, log, run = inThread }: BacktestRunnerParts): BacktestRunner {
  const answers = new Map<string, Answer>();
  const stopping = new AbortController();
  const { signal } = stopping;
  let queue: Promise<void> = Promise.resolve();

  const play = async (asked: BacktestAsked): Promise<string> => {
    const known = asked.members.flatMap((one) => (one.kind === "known" ? [one.member] : []));
    const parts = new Map<number, string>();
    const task = { members: known, networks, now: clock.now(), readWithinMs: READ_WITHIN_MS, keptBytes: KEPT_BYTES };
    try {
      if (known.length > 0) await run(task, ({ index, text }) => parts.set(index, text), signal);
    } catch (failure) {
      log.warn("A back-test was not played to its end.", { ...placeOf(asked.of), ...errorFields(failure) });
      return answerOf(asked, parts, whyNot(failure));
    }
    return answerOf(asked, parts, "as playing it told nothing");
  };
  const settle = async (key: string, answer: () => Promise<string>, lookAgain: () => Promise<void>) => {
    if (signal.aborted) return;
    const text = await answer();
    if (signal.aborted) return;
    keep(answers, key, text);
    await lookAgain().catch((failure: unknown) => {
      log.warn("A back-test is over, and no look was to be had.", errorFields(failure));
    });
  };
  const begin = (key: string, asked: BacktestAsked, lookAgain: () => Promise<void>) => {
    if (answers.has(key) || signal.aborted) return;
    const isAsked = asked.of.kind === "comment";
    const waiting = [...answers.values()].filter((answer) => answer.kind === "waiting");
    // A later look begins it.
    const isTooMany = waiting.length >= MOST_WAITING;
    if (!isAsked && (isTooMany || waiting.filter((one) => !one.isAsked).length >= MOST_UNASKED)) return;
    answers.set(key, { kind: "waiting", isAsked });
    if (isTooMany) void settle(key, () => Promise.resolve(TOO_MANY), lookAgain);
    else queue = queue.then(() => settle(key, () => play(asked), lookAgain));
  };

  return {
    of: (repository, lookAgain) => ({
      found: (of) => {
        const answer = answers.get(keyOf(repository, of));
        return answer?.kind === "found" ? answer.text : undefined;
      },
      begin: (asked) => begin(keyOf(repository, asked.of), asked, lookAgain),
    }),
    stop: () => {
      stopping.abort();
      return queue;
    },
  };
}

function keyOf(repository: string, of: BacktestOf): string {
  return `${repository} ${JSON.stringify(of)}`;
}

function placeOf(of: BacktestOf): Readonly<Record<string, number>> {
  return of.kind === "comment" ? { comment: of.id } : { pull: of.pull };
}

/** Keeps an answer; of very many the oldest are forgotten. */
function keep(answers: Map<string, Answer>, key: string, text: string): void {
  answers.set(key, { kind: "found", text });
  const found = [...answers].flatMap(([one, { kind }]) => (kind === "found" ? [one] : []));
  for (const one of found.slice(0, Math.max(0, found.length - MOST_KEPT))) answers.delete(one);
}

const TOO_MANY = "Too many back-tests wait for their turn. Write the command again in an hour.";

/** What people are told; the log says more. */
function whyNot(failure: unknown): string {
  if (failure instanceof Error && failure.message === LATE) return "as there was no more time";
  const isFull = failure instanceof Error && "code" in failure && failure.code === "ERR_WORKER_OUT_OF_MEMORY";
  return isFull ? "as it takes more memory than is allowed here" : "as playing it failed";
}

/** All parts that were told, what could not be asked, and who is left; `why` those are. */
function answerOf({ members, others }: BacktestAsked, parts: ReadonlyMap<number, string>, why: string): string {
  const known = members.flatMap((one) => (one.kind === "known" ? [one.member] : []));
  const left = known.filter((_, index) => !parts.has(index));
  return [
    ...parts.values(),
    ...members.flatMap((one) => (one.kind === "refused" ? [unreadMarkdown(one, one.problems.join("; "))] : [])),
    ...(left.length === 0 ? [] : [othersMarkdown(left, why)]),
    ...(others.length === 0 ? [] : [othersMarkdown(others, "as one answer has room for no more")]),
    furtherMarkdown(known),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

const WORKER = new URL("./backtest-worker.ts", import.meta.url);

/** Plays a task in a thread of its own, which ends with it, when its time is up, or when everything ends. */
async function inThread(task: BacktestTask, tell: (part: BacktestPart) => void, ended: AbortSignal): Promise<void> {
  const worker = new Worker(WORKER, {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEGABYTES },
    stdout: true,
    stderr: true,
  });
  const end = AbortSignal.any([ended, AbortSignal.timeout(MOST_MS)]);
  try {
    await new Promise<void>((resolve, reject) => {
      worker.on("message", tell);
      worker.once("error", reject);
      worker.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`the thread ended with ${code}`))));
      end.addEventListener("abort", () => reject(new Error(LATE)), { once: true });
    });
  } finally {
    await worker.terminate();
  }
}

const LATE = "The time for a back-test is over.";
