import type { Redis } from "ioredis";
import type { Because, RepoKey } from "../../ports/queue.ts";
import { idOf, keyFrom, keyText } from "./keys.ts";

/** Times at which repositories are to be looked at, in Redis: what waits, what is to be tried again, what is put off, and what has come due and is not yet a look. */
export type Wakes = {
  /** Notes how the repository is called now. */
  readonly know: (key: RepoKey) => Promise<void>;
  /** Sets a time, milliseconds, unless an earlier one is set. */
  readonly set: (key: RepoKey, at: number) => Promise<void>;
  /** How many are due, since when the first of them, milliseconds, and how many are put off. */
  readonly due: (now: number) => Promise<{
    readonly count: number;
    readonly since: number | undefined;
    readonly putOff: number;
  }>;
  /** Makes a look of each wake that is due: by `look`, and each is forgotten only when its look is there. */
  readonly ring: (now: number, look: (key: RepoKey, because: Because) => Promise<void>) => Promise<void>;
};

export type WakeSets = {
  readonly known: string;
  readonly wakes: string;
  readonly retries: string;
  readonly putOff: string;
  readonly ringing: string;
};

const AT_ONCE = 200;
/** Whoever took a wake and did not make a look of it within this time has died. */
const TAKEN_FOR_MS = 5_000;

/** The names of the sets under a prefix. */
export function wakeSets(prefix: string): WakeSets {
  const under = (name: string): string => `${prefix}:${name}`;
  const [known, wakes, retries] = [under("known"), under("wakes"), under("retries")];
  return { known, wakes, retries, putOff: under("put-off"), ringing: under("ringing") };
}

/** Wakes by sorted sets: BullMQ's delayed jobs cannot be replaced only where the new time is earlier. */
export function wakesIn(redis: Redis, sets: WakeSets): Wakes {
  const { known, wakes, retries, putOff, ringing } = sets;
  return {
    know: async (key) => {
      await redis.hset(known, idOf(key), keyText(key));
    },
    set: async (key, at) => {
      await redis.eval(SET, 2, known, wakes, idOf(key), keyText(key), Math.ceil(at));
    },
    due: async (now) => {
      const [later, ...found] = await Promise.all([
        redis.zcount(putOff, `(${now}`, "+inf"),
        ...[wakes, retries, putOff].map((set) => dueIn(redis, set, now)),
      ]);
      const since = found.flatMap(({ first }) => first);
      return {
        putOff: later,
        count: found.reduce((sum, { count }) => sum + count, 0),
        since: since.length === 0 ? undefined : Math.min(...since),
      };
    },
    ring: async (now, look) => {
      const taken = takenIn(await take(redis, sets, now));
      if (taken.length === 0) return;
      const names = await redis.hmget(known, ...taken.map(({ id }) => id));
      await Promise.all(
        taken.map(async ({ id, because }, index) => {
          const key = keyFrom(names[index]);
          if (key !== undefined) await look(key, because);
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

function take(redis: Redis, { wakes, retries, putOff, ringing }: WakeSets, now: number): Promise<unknown> {
  return redis.eval(TAKE, 4, wakes, retries, putOff, ringing, now, now - TAKEN_FOR_MS, AT_ONCE);
}

type Taken = { readonly id: string; readonly because: Because };

/** Names with a letter before them: what nobody has set as a time of ours asks for no more than news, unless a stronger reason is noted. */
function takenIn(answer: unknown): readonly Taken[] {
  const texts = Array.isArray(answer) ? answer.filter((text) => typeof text === "string") : [];
  return texts.map((text) => ({ id: text.slice(1), because: text.startsWith("o") ? "own" : "news" }));
}

const SET = `
redis.call("HSET", KEYS[1], ARGV[1], ARGV[2])
return redis.call("ZADD", KEYS[2], "LT", ARGV[3], ARGV[1])
`;

// A wake leaves its set in the same step in which it is taken: the run that it leads to may set the next one at once, and removing "it" afterwards would take that.
// What is taken is kept in a set of its own until it has become a look, so that whoever dies in between loses nothing.
const TAKE = `
local taken = {}
local ringing = KEYS[4]
local function claim(set, before, mark)
  for _, id in ipairs(redis.call("ZRANGEBYSCORE", set, "-inf", before, "LIMIT", 0, ARGV[3])) do
    redis.call("ZADD", ringing, ARGV[1], id)
    if set ~= ringing then redis.call("ZREM", set, id) end
    taken[#taken + 1] = mark .. id
  end
end
claim(ringing, ARGV[2], "o")
claim(KEYS[1], ARGV[1], "o")
claim(KEYS[2], ARGV[1], "n")
claim(KEYS[3], ARGV[1], "n")
return taken
`;

// Another process may have taken another wake of the same repository meanwhile, at a later time.
const FORGET = `
if tonumber(redis.call("ZSCORE", KEYS[1], ARGV[1]) or -1) == tonumber(ARGV[2]) then
  return redis.call("ZREM", KEYS[1], ARGV[1])
end
return 0
`;
