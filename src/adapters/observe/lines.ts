import type { Logger } from "pino";
import type { Activity, News, Telemetry } from "../../ports/telemetry.ts";

/** Telemetry that says in the log what looks and webhooks came to, at `debug` since there are many, and at `info` what was merged. */
export function told(logger: Logger, inner: Telemetry): Telemetry {
  return {
    during: (activity, work, cameTo) => {
      const words = logger.isLevelEnabled("debug") ? wordsFor(activity) : undefined;
      if (words === undefined) return inner.during(activity, work, cameTo);
      return timed(logger, words, () => inner.during(activity, work, cameTo));
    },
    tell: (news) => {
      tellOf(news, logger);
      inner.tell(news);
    },
  };
}

async function timed<T>(logger: Logger, words: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  try {
    return await work();
  } finally {
    logger.debug({ tookMs: Math.round(performance.now() - began) }, words);
  }
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
