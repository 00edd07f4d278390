import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import type { Locks } from "../../ports/locks.ts";
import type { Log } from "../../ports/log.ts";
import type { RepoKey } from "../../ports/queue.ts";
import { errorFields } from "../log.ts";
import type { Timers } from "../queue/timers.ts";
import { idOf } from "./keys.ts";

export type RedisLocksOptions = {
  readonly redis: Redis;
  readonly timers: Timers;
  readonly log: Log;
  readonly prefix: string;
  /** A lock is free so long after its process was killed, milliseconds; it is renewed three times in that. */
  readonly ttlMs: number;
  /** A lock that cannot be had for so long rejects, milliseconds. */
  readonly patienceMs: number;
};

type Held = { readonly lock: string; readonly token: string; readonly repo: string };

const PAUSE_MS = 50;
/** Turns are forgotten after a week without one; they begin at the time, so that none comes again. */
const TURN_TTL_SECONDS = 7 * 24 * 3_600;

/** Locks in Redis: a key with a token and an end, renewed while it is held, and given back only by whoever holds it. */
export function redisLocks(options: RedisLocksOptions): Locks {
  const { redis, prefix } = options;
  return {
    turn: async (key) => Number(await redis.eval(TURN, 1, turnName(prefix, key), TURN_TTL_SECONDS)),
    hold: async (key, work) => {
      const held = { lock: `${prefix}:lock:${idOf(key)}`, token: randomUUID(), repo: key.repo };
      const turn = await acquire(options, held, turnName(prefix, key));
      const stop = keepHeld(options, held);
      try {
        return await work(turn);
      } finally {
        stop();
        await release(options, held);
      }
    },
  };
}

function turnName(prefix: string, key: RepoKey): string {
  return `${prefix}:turn:${idOf(key)}`;
}

async function acquire({ redis, timers, ttlMs, patienceMs }: RedisLocksOptions, held: Held, turn: string) {
  const until = performance.now() + patienceMs;
  const attempt = async (): Promise<number> => {
    const got = await redis.eval(ACQUIRE, 2, held.lock, turn, held.token, ttlMs, TURN_TTL_SECONDS);
    if (got !== null) return Number(got);
    if (performance.now() >= until) throw new Error(`Another process does not let go of ${held.repo}.`);
    await new Promise<void>((resolve) => {
      timers.after(PAUSE_MS, resolve);
    });
    return attempt();
  };
  return attempt();
}

/** Renews the lock until told to stop. One that is lost stops no work: every write is bound to what was seen by its SHA, and the next look begins from the world. */
function keepHeld({ redis, timers, log, ttlMs }: RedisLocksOptions, { lock, token, repo }: Held): () => void {
  let cancel = timers.after(ttlMs / 3, renew);
  let isOver = false;
  function renew(): void {
    redis.eval(RENEW, 1, lock, token, ttlMs).then(
      (got) => {
        if (got === 0 && !isOver) log.warn("A lock went to another process while it was held.", { repo });
      },
      (error: unknown) => log.warn("A lock could not be renewed.", { repo, ...errorFields(error) }),
    );
    cancel = timers.after(ttlMs / 3, renew);
  }
  return () => {
    isOver = true;
    cancel();
  };
}

// One that cannot be given back ends by itself.
async function release({ redis, log }: RedisLocksOptions, { lock, token, repo }: Held): Promise<void> {
  try {
    await redis.eval(RELEASE, 1, lock, token);
  } catch (error) {
    log.warn("A lock could not be given back; it ends by itself.", { repo, ...errorFields(error) });
  }
}

// Microseconds of Redis's own clock: above every turn that there has been, unless there were a million a second.
const BEGIN = `
local function begin(turn, ttl)
  if redis.call("EXISTS", turn) == 0 then
    local time = redis.call("TIME")
    redis.call("SET", turn, string.format("%.0f", time[1] * 1000000 + time[2]))
  end
  redis.call("EXPIRE", turn, ttl)
end
`;

const TURN = `${BEGIN}
begin(KEYS[1], ARGV[1])
return redis.call("GET", KEYS[1])
`;

const ACQUIRE = `${BEGIN}
if not redis.call("SET", KEYS[1], ARGV[1], "NX", "PX", ARGV[2]) then return false end
begin(KEYS[2], ARGV[3])
return redis.call("INCR", KEYS[2]) - 1
`;

// A lock that is gone although it is held went with everything else in Redis: it is taken again.
const RENEW = `
local holder = redis.call("GET", KEYS[1])
if not holder then
  redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[2])
  return 1
end
if holder ~= ARGV[1] then return 0 end
return redis.call("PEXPIRE", KEYS[1], ARGV[2])
`;

const RELEASE = `
if redis.call("GET", KEYS[1]) == ARGV[1] then return redis.call("DEL", KEYS[1]) end
return 0
`;
