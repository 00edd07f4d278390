import type { TimelineQuestion } from "../../ports/metrics.ts";
import { windowsIn } from "./counters.ts";

type Times = Pick<TimelineQuestion, "from" | "to" | "windowMs">;

/** Those who are asked about together, and what is the same of their times. */
export type Group<Asking> = { readonly members: readonly Asking[]; readonly times: Omit<Times, "from"> };

/** As many windows, over all members, are asked for in one query: with two samples in a window and ten series of a member about 10 MB, below the usual limit of an answer. */
const MOST_WINDOWS_TOGETHER = 20_000;
/**
 * Of long questions fewer, which are asked once for each release: so many members' pasts are held as samples at one time, and a few small answers take
 * no more of the processor than one large answer.
 */
const MOST_LONG_TOGETHER = 500;

/** Questions of up to so many windows are asked together, then of four times as many, and so on: nobody is read more than four times as long as he asks, but for the newest windows, where it costs nothing. */
const SHORT = 32;
const FACTOR = 4;

/**
 * Groups by what can be asked together: the same labels, and windows of one length that end at one time and are about as many. How many groups of short
 * questions there are depends on the number of members only beyond six hundred.
 */
export function groupsOf<Asking extends { readonly question: Times; readonly labels: string }>(
  askings: readonly Asking[],
): readonly Group<Asking>[] {
  const alike = Map.groupBy(askings, ({ labels, question: { windowMs, to, from } }) =>
    JSON.stringify([labels, windowMs, to, spanOf(windowsIn({ windowMs, to, from }))]),
  );
  return [...alike.values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const { to, windowMs } = first.question;
    const most = Math.max(...members.map(({ question }) => windowsIn(question)));
    const size = Math.max(1, Math.floor((most > SHORT ? MOST_LONG_TOGETHER : MOST_WINDOWS_TOGETHER) / most));
    return chunks(members, size).map((chunk) => ({ members: chunk, times: { to, windowMs } }));
  });
}

function spanOf(windows: number): number {
  let span = SHORT;
  while (span < windows) span *= FACTOR;
  return span;
}

function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
