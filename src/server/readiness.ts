import type { Unready } from "../adapters/observe/health.ts";

/** What the parts of a process say of themselves; each is cheap to ask. */
export type Parts = {
  readonly phase: () => "starting" | "running" | "closing";
  /** Whether what the queue rests on answers. */
  readonly queueTakes: () => boolean;
  /** Whether GitHub takes the App's own credentials; undefined while it has not said. */
  readonly credentials: () => "taken" | "refused" | undefined;
};

/**
 * Why a process is not to be sent webhooks, in one line. A GitHub that is slow or away is no reason: every process would say so at once, and webhooks, which
 * nothing brings again, would find no door when it is back. They are kept, and looked at then.
 */
export function unreadyBy({ phase, queueTakes, credentials }: Parts): Unready {
  return () => {
    if (phase() === "starting") return "Starting.";
    if (phase() === "closing") return "Closing: what is under way is finished first.";
    if (!queueTakes()) return "Redis does not answer: webhooks could not be kept.";
    if (credentials() === "refused")
      return "GitHub does not take the App's credentials: look at APP_ID, PRIVATE_KEY and this machine's clock.";
    return undefined;
  };
}
