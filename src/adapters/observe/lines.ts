import type { Logger } from "pino";
import type { Fields } from "../../ports/log.ts";
import type { Activity, News, Telemetry } from "../../ports/telemetry.ts";

/** Telemetry that says in the log what looks and webhooks came to, at `debug` since there are many, and at `info` what was merged. */
export function told(logger: Logger, inner: Telemetry): Telemetry {
  return {
    during: (activity, work, cameTo) => {
      const line = logger.isLevelEnabled("debug") ? lineFor(activity) : undefined;
      if (line === undefined) return inner.during(activity, work, cameTo);
      return timed(logger, line, () => inner.during(activity, work, cameTo));
    },
    tell: (news) => {
      tellOf(news, logger);
      inner.tell(news);
    },
  };
}

type Line = { readonly words: string; readonly about: Fields };

async function timed<T>(logger: Logger, { words, about }: Line, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  try {
    return await work();
  } finally {
    logger.debug({ ...about, tookMs: Math.round(performance.now() - began) }, words);
  }
}

function lineFor(activity: Activity): Line | undefined {
  if (activity.kind === "look") return { words: "Looked at a repository.", about: {} };
  if (activity.kind !== "delivery") return undefined;
  return { words: "Answered a webhook.", about: { delivery: activity.id, event: activity.event } };
}

function tellOf(news: News, logger: Logger): void {
  if (news.kind === "stepped") {
    const { step, on, members } = news;
    logger.info({ repo: news.key.repo, step, on, members }, "A step was merged.");
  }
  if (news.kind === "landed") {
    const { what, by, members } = news;
    logger.info({ repo: news.key.repo, what, by, members }, "A commit was merged at once.");
  }
}
