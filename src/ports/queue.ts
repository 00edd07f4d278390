import type { RepoName } from "../core/names.ts";

/** What a wake-up is about; it carries nothing else, so that losing or repeating one is harmless. */
export type RepoKey = { readonly installation: number; readonly repo: RepoName };

/**
 * Wake-ups, two keys per repository: *look* (now) and *wake* (at a time).
 * A look that arrives while one runs makes exactly one more run afterwards. A wake never swallows a look, nor the other way round.
 */
export type Queue = {
  /** Look at the repository as soon as possible. Rejects when the queue cannot take it. */
  readonly look: (key: RepoKey) => Promise<void>;
  /** Look at a time (milliseconds); replaces a wake that was set before, if this one is earlier. A past time is now. */
  readonly wake: (key: RepoKey, at: number) => Promise<void>;
  /** Starts to work wake-ups off; one at a time per repository. A handler that throws is run again later, with growing delays. */
  readonly work: (handler: (key: RepoKey) => Promise<void>) => void;
  /** Takes no more, waits for what runs, at most `deadlineMs`. */
  readonly close: (deadlineMs: number) => Promise<void>;
};
