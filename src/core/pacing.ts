/** At most so many in any stretch of that length, milliseconds. */
export type Rate = { readonly most: number; readonly perMs: number };

/** Why something of ours may not be sent yet. */
export type HeldBy =
  /** The repository's own pace: one step at a time. */
  | { readonly kind: "turn" }
  /** What GitHub advises for one repository. */
  | (Rate & { readonly kind: "merges" | "pushes" })
  /** What an installation may do: pull requests, merges and comments; points; writes. */
  | (Rate & { readonly kind: "content" | "points" | "writes" })
  /** GitHub's own count of requests. */
  | { readonly kind: "requests"; readonly most: number }
  /** GitHub has refused something for its rate, and said or shown for how long. */
  | { readonly kind: "refused" };

/** Until when something waits, milliseconds, and for what. */
export type Held = { readonly until: number; readonly by: HeldBy };

/** What would wait so long that nothing is sent now: the merge of a step, a push of its branch, the opening of its pull request. `mergeEveryMs`: how far apart many merges would be. */
export type HeldBack = Partial<Readonly<Record<"merge" | "push" | "open", Held>>> & { readonly mergeEveryMs?: number };

/** The one of some that lasts longest, the first of those that last equally long. */
export function longest(first: Held, others: readonly Held[]): Held {
  return others.reduce((worst, one) => (one.until > worst.until ? one : worst), first);
}
