import type { Logger } from "pino";
import type { Activity, News, Telemetry } from "../../ports/telemetry.ts";

/** Telemetry that says in the log what looks and webhooks came to, at `debug` since there are many, and at `info` what was merged. */
export function told(logger: Logger, inner: Telemetry): Telemetry {
  return {
    during: async (activity, work, cameTo) => {
      const words = wordsFor(activity);
      if (words === undefined || !logger.isLevelEnabled("debug")) return inner.during(activity, work, cameTo);
      const began = performance.now();
      try {
        return await inner.during(activity, work, cameTo);
      } finally {
        logger.debug({ tookMs: Math.round(performance.now() - began) }, words);
      }
    },
    tell: (news) => {
      tellOf(news, logger);
      inner.tell(news);
    },
  };
}

function wordsFor({ kind }: Activity): string | undefined {
  if (kind === "look") return "Looked at a repository.";
  return kind === "delivery" ? "Answered a webhook." : undefined;
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
