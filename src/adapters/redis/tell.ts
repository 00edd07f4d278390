import type { Redis } from "ioredis";
import type { Log } from "../../ports/log.ts";
import { errorFields } from "../log.ts";
import type { Timers } from "../queue/timers.ts";

/** Logs an error that was met on a connection; one of a connection that is away is none. */
export type Tell = (redis: Redis, error: unknown) => void;

const SAID_FOR_MS = 30_000;
const MOST_TOLD = 100;

/** Tells of each error once in a while: a worker that meets one asks again without a pause. */
export function tellOnce(log: Log, timers: Pick<Timers, "now">): Tell {
  const told = new Map<string, number>();
  return (redis, error) => {
    const message = error instanceof Error ? error.message : String(error);
    const now = timers.now();
    if (redis.status !== "ready" || now < (told.get(message) ?? 0) + SAID_FOR_MS) return;
    if (told.size >= MOST_TOLD) told.clear();
    told.set(message, now);
    log.warn("The queue on Redis met an error and goes on.", errorFields(error));
  };
}
