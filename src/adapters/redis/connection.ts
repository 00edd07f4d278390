import { Redis } from "ioredis";
import { UserError } from "../../core/error.ts";
import type { Log } from "../../ports/log.ts";
import { errorFields } from "../log.ts";

/** A connection that is silent so long is made anew; reads that wait for work end well before. */
const SILENT_MS = 20_000;
const LAST_PAUSE_MS = 2_000;

/**
 * A connection for what somebody waits for: what Redis does not take at once, or does not answer within `answerMs`, rejects, and nothing is kept for later.
 * Resolves when it stands; a UserError says why it does not, without the password.
 */
export async function askingConnection(url: string, log: Log, answerMs: number): Promise<Redis> {
  const redis = new Redis(url, {
    ...COMMON,
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    commandTimeout: answerMs,
    socketTimeout: 2 * answerMs,
  });
  let reason: unknown;
  const first = (error: unknown): void => {
    reason ??= error;
  };
  redis.on("error", first);
  try {
    await redis.connect();
  } catch (error) {
    redis.disconnect();
    throw new UserError(`QUEUE_URL: no Redis answers ${placeOf(url)}: ${wordsOf(reason ?? error)}`);
  }
  redis.off("error", first);
  tellAbsence(redis, log);
  return redis;
}

/** A connection for what must be done some time: it waits for Redis however long that is away. */
export function waitingConnection(url: string): Redis {
  const redis = new Redis(url, { ...COMMON, maxRetriesPerRequest: null, socketTimeout: SILENT_MS });
  // The asking connection has the same to tell, and without a listener it would be printed.
  redis.on("error", nothing);
  return redis;
}

const COMMON = {
  retryStrategy: (times: number) => Math.min(50 * 2 ** Math.min(times, 10), LAST_PAUSE_MS),
  connectTimeout: 5_000,
  keepAlive: 10_000,
} as const;

function tellAbsence(redis: Redis, log: Log): void {
  let isAway = false;
  redis.on("error", (error: unknown) => {
    if (isAway) return;
    isAway = true;
    log.warn("Redis does not answer. Webhooks are refused until it does, and a sweep makes up for them.", {
      ...errorFields(error),
    });
  });
  redis.on("ready", () => {
    if (isAway) log.info("Redis answers again.");
    isAway = false;
  });
}

function placeOf(url: string): string {
  return `at ${new URL(url).host}`;
}

// The properties of an error may hold the command that was sent, and that the password.
function wordsOf(error: unknown): string {
  return String(errorFields(error)["error"]);
}

function nothing(): void {}
