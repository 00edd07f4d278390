import type { GitHubApp } from "../adapters/github/app.ts";
import { errorFields } from "../adapters/log.ts";
import type { Timers } from "../adapters/queue/timers.ts";
import type { Log } from "../ports/log.ts";
import type { Queue } from "../ports/queue.ts";
import type { Telemetry } from "../ports/telemetry.ts";

export type Sweeping = {
  readonly app: GitHubApp;
  readonly queue: Queue;
  readonly timers: Timers;
  readonly log: Log;
  readonly telemetry: Telemetry;
  /** Called when GitHub has answered the first question of a sweep, or has not. */
  readonly asked: () => void;
};

/** Looks at every repository now and then: no webhook is ever needed for anything to go on. */
export function sweepEvery(everyMs: number, sweeping: Sweeping): { readonly stop: () => Promise<void> } {
  const { timers, log, telemetry } = sweeping;
  let stopped = false;
  let cancel: (() => void) | undefined;
  const round = async (): Promise<void> => {
    try {
      await telemetry.during({ kind: "sweep" }, () => sweep(sweeping));
    } catch (error) {
      log.warn("A sweep did not reach every repository; the next one will try again.", errorFields(error));
    }
    if (!stopped) cancel = timers.after(everyMs, next);
  };
  const next = (): void => {
    running = round();
  };
  let running = round();
  return {
    stop: () => {
      stopped = true;
      cancel?.();
      return running;
    },
  };
}

async function sweep({ app, queue, telemetry, asked }: Sweeping): Promise<void> {
  const awake = (await app.installations().finally(asked)).filter(({ suspended }) => !suspended);
  // An installation that cannot be read keeps none of the others from being looked at.
  const found = await Promise.all(
    awake.map(async ({ id: installation }) => {
      const repositories = await app.repositories(installation);
      await Promise.all(repositories.map((repo) => queue.look({ installation, repo }, "news")));
      return repositories.length;
    }),
  );
  telemetry.tell({ kind: "swept", repositories: found.reduce((sum, count) => sum + count, 0) });
}
