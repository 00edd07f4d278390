/** How often a repository is looked at for news alone: so many times at once, then once in a while. */
export type Spacing = { readonly atOnce: number; readonly everyMs: number };

/** A step of a release makes some webhooks, and they are looked at as they come; a storm of them is looked at twelve times a minute. */
export const SPACING: Spacing = { atOnce: 6, everyMs: 5_000 };

/** When a repository may be looked at for news, milliseconds; now or earlier where that is at once. `restedAt`: when its looks for news so far will be made up for. */
export function newsAt(restedAt: number, { atOnce, everyMs }: Spacing): number {
  return restedAt - (atOnce - 1) * everyMs;
}

/** When a look for news that begins now will be made up for, and those before it. */
export function restedAfter(restedAt: number, { everyMs }: Spacing, now: number): number {
  return Math.max(restedAt, now) + everyMs;
}
