import type { RepoName } from "../core/names.ts";

/** What a wake-up is about; it carries nothing else, so that losing or repeating one is harmless. */
export type RepoKey = { readonly installation: number; readonly repo: RepoName };

/**
 * Why a look is wanted. `person`: somebody has said something, which may be an abort. `own`: what Tidegate is at goes on, a time that it set has come or it has done
 * something. `news`: anything else that was heard of.
 */
export type Because = "person" | "own" | "news";

/** From when on an installation has room for a look that only news asks for, milliseconds; now or earlier where it has. */
export type NewsFrom = (installation: number) => number;

/** How a queue does. */
export type QueueState = {
  /** Whether it takes work now. */
  readonly isUp: boolean;
  /** Repositories whose look is due and not begun. */
  readonly waiting: number;
  /** Repositories whose look is put off: there is but news, they were looked at a moment ago or the installation has no room. */
  readonly putOff: number;
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
 * Looks that persons ask for begin first, then Tidegate's own, then those for news; none of the first two is ever put off. One for news is, where the repository has been
 * looked at often of late or its installation has no room; whatever runs meanwhile is that look, and what somebody else asks for does not wait for it.
 */
export type Queue = {
  /** Look at the repository as soon as possible. Rejects when the queue cannot take it. */
  readonly look: (key: RepoKey, because: Because) => Promise<void>;
  /** Look at a time (milliseconds), as Tidegate's own; replaces a wake that was set before, if this one is earlier. A past time is now. */
  readonly wake: (key: RepoKey, at: number) => Promise<void>;
  /**
   * Starts to work wake-ups off; one at a time per repository. A handler that throws is run again later, with growing delays. It is told the strongest reason that
   * there was. Without `newsFrom` there is always room.
   */
  readonly work: (handler: (key: RepoKey, because: Because) => Promise<void>, newsFrom?: NewsFrom) => void;
  /** How it does; cheap to ask. Rejects where that cannot be found out. */
  readonly state: () => Promise<QueueState>;
  /** Takes no more, waits for what runs, at most `deadlineMs`. */
  readonly close: (deadlineMs: number) => Promise<void>;
};
