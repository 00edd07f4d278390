import type { Redis } from "ioredis";
import type { RepoKey } from "../../ports/queue.ts";
import { idOf, keyFrom, keyText } from "./keys.ts";

/** Times at which repositories are to be looked at, in Redis: what waits, what is to be tried again, and what has come due and is not yet a look. */
export type Wakes = {
  /** Notes how the repository is called now. */
  readonly know: (key: RepoKey) => Promise<void>;
  /** Sets a time, milliseconds, unless an earlier one is set. */
  readonly set: (key: RepoKey, at: number) => Promise<void>;
  /** How many are due, and since when the first of them, milliseconds. */
  readonly due: (now: number) => Promise<{ readonly count: number; readonly since: number | undefined }>;
  /** Makes a look of each wake that is due: by `look`, and each is forgotten only when its look is there. */
  readonly ring: (now: number, look: (key: RepoKey) => Promise<void>) => Promise<void>;
};

export type WakeSets = {
  readonly known: string;
  readonly wakes: string;
  readonly retries: string;
  readonly ringing: string;
};

const AT_ONCE = 200;
/** Whoever took a wake and did not make a look of it within this time has died. */
const TAKEN_FOR_MS = 5_000;

/** The names of the sets under a prefix. */
export function wakeSets(prefix: string): WakeSets {
  const under = (name: string): string => `${prefix}:${name}`;
  return { known: under("known"), wakes: under("wakes"), retries: under("retries"), ringing: under("ringing") };
}

/** Wakes by sorted sets: BullMQ's delayed jobs cannot be replaced only where the new time is earlier. */
export function wakesIn(redis: Redis, sets: WakeSets): Wakes {
  const { known, wakes, retries, ringing } = sets;
  return {
    know: async (key) => {
      await redis.hset(known, idOf(key), keyText(key));
    },
    set: async (key, at) => {
      await redis.eval(SET, 2, known, wakes, idOf(key), keyText(key), Math.ceil(at));
    },
    due: async (now) => {
      const found = await Promise.all([wakes, retries].map((set) => dueIn(redis, set, now)));
      const since = found.flatMap(({ first }) => first);
      return {
        count: found.reduce((sum, { count }) => sum + count, 0),
        since: since.length === 0 ? undefined : Math.min(...since),
      };
    },
    ring: async (now, look) => {
      const taken = textsOf(await take(redis, sets, now));
      if (taken.length === 0) return;
      const names = await redis.hmget(known, ...taken);
      await Promise.all(
        taken.map(async (id, index) => {
          const key = keyFrom(names[index]);
          if (key !== undefined) await look(key);
          await redis.eval(FORGET, 1, ringing, id, now);
        }),
      );
    },
  };
}

async function dueIn(
  redis: Redis,
  set: string,
  now: number,
): Promise<{ readonly count: number; readonly first: readonly number[] }> {
  const [count, first] = await Promise.all([
    redis.zcount(set, "-inf", now),
    redis.zrangebyscore(set, "-inf", now, "WITHSCORES", "LIMIT", 0, 1),
  ]);
  return { count, first: first.slice(1).map(Number) };
}

function take(redis: Redis, { wakes, retries, ringing }: WakeSets, now: number): Promise<unknown> {
  return redis.eval(TAKE, 3, wakes, retries, ringing, now, now - TAKEN_FOR_MS, AT_ONCE);
}

function textsOf(answer: unknown): readonly string[] {
  return Array.isArray(answer) ? answer.filter((id) => typeof id === "string") : [];
}

const SET = `
redis.call("HSET", KEYS[1], ARGV[1], ARGV[2])
return redis.call("ZADD", KEYS[2], "LT", ARGV[3], ARGV[1])
`;

// A wake leaves its set in the same step in which it is taken: the run that it leads to may set the next one at once, and removing "it" afterwards would take that.
// What is taken is kept in a set of its own until it has become a look, so that whoever dies in between loses nothing.
const TAKE = `
local taken = {}
local function claim(set, before)
  for _, id in ipairs(redis.call("ZRANGEBYSCORE", set, "-inf", before, "LIMIT", 0, ARGV[3])) do
    redis.call("ZADD", KEYS[3], ARGV[1], id)
    if set ~= KEYS[3] then redis.call("ZREM", set, id) end
    taken[#taken + 1] = id
  end
end
claim(KEYS[3], ARGV[2])
claim(KEYS[1], ARGV[1])
claim(KEYS[2], ARGV[1])
return taken
`;

// Another process may have taken another wake of the same repository meanwhile, at a later time.
const FORGET = `
if tonumber(redis.call("ZSCORE", KEYS[1], ARGV[1]) or -1) == tonumber(ARGV[2]) then
  return redis.call("ZREM", KEYS[1], ARGV[1])
end
return 0
`;
