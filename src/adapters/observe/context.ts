import { AsyncLocalStorage } from "node:async_hooks";
import type { Fields } from "../../ports/log.ts";
import type { Activity, Telemetry } from "../../ports/telemetry.ts";
import { unreachable } from "../../core/unreachable.ts";

/** What every line of a log says that is written within some work. */
export type LogContext = {
  /** The fields of the work that is under way here; none outside of any. */
  readonly fields: () => Fields;
  /** Does work under these fields, whatever set it off. */
  readonly within: <T>(fields: Fields, work: () => Promise<T>) => Promise<T>;
};

/** Fields that follow work through whatever it waits for. */
export function logContext(): LogContext {
  const storage = new AsyncLocalStorage<Fields>();
  return {
    fields: () => storage.getStore() ?? {},
    within: (fields, work) => storage.run(fields, work),
  };
}

/** Telemetry that puts the ids of looks on every line that is logged within them. Most webhooks are over before they could log anything: who does more of one does it within its ids. */
export function correlated({ within }: LogContext, inner: Telemetry): Telemetry {
  return {
    ...inner,
    during: (activity, work, cameTo) => {
      const fields = fieldsOf(activity);
      if (fields === undefined) return inner.during(activity, work, cameTo);
      return within(fields, () => inner.during(activity, work, cameTo));
    },
  };
}

function fieldsOf(activity: Activity): Fields | undefined {
  switch (activity.kind) {
    case "look":
      return { look: activity.id, repo: activity.key.repo, installation: activity.key.installation };
    case "delivery":
    case "part":
    case "forgeCall":
    case "gitCommand":
    case "providerQuery":
    case "sweep":
      return undefined;
    default:
      return unreachable(activity);
  }
}
