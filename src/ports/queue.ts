import type { RepoName } from "../core/names.ts";

/** What a wake-up is about; it carries nothing else, so that losing or repeating one is harmless. */
export type RepoKey = { readonly installation: number; readonly repo: RepoName };

/** How a queue does. */
export type QueueState = {
  /** Whether it takes work now. */
  readonly isUp: boolean;
  /** Repositories whose look is due and not begun. */
  readonly waiting: number;
  /** Looks that run in this process. */
  readonly running: number;
  /** When the look or wake came due that waits longest, milliseconds; undefined where none waits. */
  readonly oldestDue: number | undefined;
  /** Looks that were left unfinished and given to another process, since this one began. */
  readonly stalled: number;
};

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
  /** How it does; cheap to ask. Rejects where that cannot be found out. */
  readonly state: () => Promise<QueueState>;
  /** Takes no more, waits for what runs, at most `deadlineMs`. */
  readonly close: (deadlineMs: number) => Promise<void>;
};
