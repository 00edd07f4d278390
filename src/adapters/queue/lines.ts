import type { Because, RepoKey } from "../../ports/queue.ts";

export type Waiting = { readonly key: RepoKey; readonly dueSince: number };

/** What is due and does not run: a line for each reason, longest waiting first. */
export type Lines<W extends Waiting> = Readonly<Record<Because, Set<W>>>;

/** Reasons, the strongest first. */
export const REASONS: readonly Because[] = ["person", "own", "news"];

export type Places = {
  /** Looks at once; one more where a person asks for it, so that what persons ask for waits for none of the others to end. */
  readonly concurrency: number;
  readonly running: number;
  /** Looks that run, of every installation that there has been. */
  readonly busy: ReadonlyMap<number, number>;
  /** Looks that have begun so far. */
  readonly begun: number;
  readonly hasRoom: (installation: number) => boolean;
};

/** Of so many looks one is whose has waited longest, whatever the reason: none waits for ever. */
const IN_ORDER_OF_TIME = 4;

/** The stronger of two reasons. */
export function stronger(one: Because | undefined, two: Because): Because {
  return REASONS.find((because) => because === one || because === two) ?? two;
}

export function freshLines<W extends Waiting>(): Lines<W> {
  return { person: new Set(), own: new Set(), news: new Set() };
}

/** Who is to begin next; undefined where nobody may. */
export function nextOf<W extends Waiting>(lines: Lines<W>, places: Places): W | undefined {
  const { running, concurrency } = places;
  if (running >= concurrency) return running > concurrency ? undefined : firstIn(lines, "person", places);
  const reasons = places.begun % IN_ORDER_OF_TIME === IN_ORDER_OF_TIME - 1 ? byTime(lines) : REASONS;
  for (const because of reasons) {
    const next = firstIn(lines, because, places);
    if (next !== undefined) return next;
  }
  return undefined;
}

function byTime<W extends Waiting>(lines: Lines<W>): readonly Because[] {
  const since = (because: Because): number => lines[because].values().next().value?.dueSince ?? Infinity;
  return REASONS.toSorted((one, two) => (since(one) <= since(two) ? -1 : 1));
}

/**
 * The longest waiting one of the installation that has fewest running. Where there are several, none has more than half of the places: neither the
 * thousand repositories of one, nor a GitHub that lets one wait, keep another from its turn.
 */
function firstIn<W extends Waiting>(lines: Lines<W>, because: Because, places: Places): W | undefined {
  const { busy, concurrency, hasRoom } = places;
  const share = busy.size > 1 ? Math.max(1, Math.floor(concurrency / 2)) : concurrency;
  let next: W | undefined;
  let fewest = because === "person" ? share + 1 : share;
  for (const waiting of lines[because]) {
    const { installation } = waiting.key;
    const running = busy.get(installation) ?? 0;
    if (running < fewest && (because !== "news" || hasRoom(installation))) [next, fewest] = [waiting, running];
    if (fewest === 0) break;
  }
  return next;
}
