import type { Redis } from "ioredis";
import type { Because, RepoKey } from "../../ports/queue.ts";
import { REASONS } from "../queue/lines.ts";
import { newsAt, restedAfter, type Spacing } from "../queue/spacing.ts";
import { idOf } from "./keys.ts";

/** Why looks are wanted and how lately there were some for news alone, in Redis. All of it may be lost. */
export type Asks = {
  /** Notes a reason; gives the strongest that there is since the repository's last look began. */
  readonly note: (key: RepoKey, because: Because) => Promise<Because>;
  /** The strongest reason, which is forgotten with all of the others, and what is put off with them; undefined where none was noted. */
  readonly take: (key: RepoKey) => Promise<Because | undefined>;
  /** Puts a look for news off unless it may be at once; false where it may. One that is put off already stays so. */
  readonly postpone: (key: RepoKey, now: number) => Promise<boolean>;
  /** Puts it off until a time, milliseconds, at least; whoever was looked at lately comes later. */
  readonly putOff: (key: RepoKey, until: number) => Promise<void>;
  /** Counts a look for news that begins. */
  readonly count: (key: RepoKey, now: number) => Promise<void>;
};

// Longer than it counts, so that clocks need not agree to the second.
const KEPT_MS = 60_000;

export type AskNames = { readonly reasons: string; readonly putOff: string; readonly rested: string };

/** Reasons in Redis under those names; `rested` is the beginning of one for each repository. */
export function asksIn(redis: Redis, names: AskNames, spacing: Spacing): Asks {
  const restedAt = async (id: string): Promise<number> => Number((await redis.get(`${names.rested}:${id}`)) ?? 0);
  return {
    note: async (key, because) => {
      const rank = await redis.eval(NOTE, 1, names.reasons, idOf(key), REASONS.indexOf(because));
      return REASONS[Number(rank)] ?? because;
    },
    take: async (key) => {
      const rank = await redis.eval(TAKE, 2, names.reasons, names.putOff, idOf(key));
      return rank === null ? undefined : REASONS[Number(rank)];
    },
    postpone: async (key, now) => {
      const id = idOf(key);
      if ((await redis.zscore(names.putOff, id)) !== null) return true;
      const at = newsAt(await restedAt(id), spacing);
      if (at <= now) return false;
      await redis.zadd(names.putOff, "NX", Math.ceil(at), id);
      return true;
    },
    putOff: async (key, until) => {
      const id = idOf(key);
      await redis.zadd(names.putOff, "NX", Math.ceil(Math.max(until, await restedAt(id))), id);
    },
    count: async (key, now) => {
      const id = idOf(key);
      const at = restedAfter(await restedAt(id), spacing, now);
      await redis.set(`${names.rested}:${id}`, at, "PX", Math.ceil(at - now) + KEPT_MS);
    },
  };
}

const NOTE = `
local known = tonumber(redis.call("HGET", KEYS[1], ARGV[1]) or ARGV[2])
local rank = math.min(known, tonumber(ARGV[2]))
redis.call("HSET", KEYS[1], ARGV[1], rank)
return rank
`;

const TAKE = `
local rank = redis.call("HGET", KEYS[1], ARGV[1])
redis.call("HDEL", KEYS[1], ARGV[1])
redis.call("ZREM", KEYS[2], ARGV[1])
return rank
`;
