import type { Redis } from "ioredis";
import type { Log } from "../../ports/log.ts";
import type { Claim, SharedBudget } from "../../ports/limits.ts";
import { errorFields } from "../log.ts";
import type { Timers } from "../queue/timers.ts";

export type RedisBudgetsOptions = {
  readonly redis: Redis;
  readonly timers: Timers;
  readonly log: Log;
  readonly prefix: string;
};

/** More than there is of anything: what is noted is never refused. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/**
 * Budgets that processes share, by installation: a hash a window, with what was taken in each sixtieth of it. A sixtieth counts until its end is as old as the window,
 * so that no window ever holds more than there is.
 */
export function redisBudgets({
  redis,
  timers,
  log,
  prefix,
}: RedisBudgetsOptions): (installation: number) => SharedBudget {
  return (installation) => {
    const ask = async (claims: readonly Claim[]): Promise<unknown> => {
      const keys = claims.map(({ name }) => `${prefix}:used:${installation}:${name}`);
      const parts = claims.flatMap(({ amount, most, perMs }) => [amount, most, perMs]);
      return redis.eval(TAKE, keys.length, ...keys, Math.floor(timers.now()), ...parts);
    };
    return {
      take: async (claims) => refusalIn(await ask(claims)),
      note: (claims) => {
        ask(claims.map((claim) => ({ ...claim, most: NO_LIMIT }))).catch((error: unknown) => {
          log.warn("Redis did not note what an abort took of GitHub's limits.", errorFields(error));
        });
      },
    };
  };
}

function refusalIn(answer: unknown): Awaited<ReturnType<SharedBudget["take"]>> {
  const numbers = Array.isArray(answer) ? answer.filter((part) => typeof part === "number") : [];
  const [waitMs, claim] = numbers;
  if (waitMs === undefined || claim === undefined) throw new Error("Redis did not say what is left.");
  return waitMs === 0 ? undefined : { waitMs, claim: claim - 1 };
}

// All of it or nothing. The clock is the asking process's: whoever shares a Redis shares the time as well.
const TAKE = `
local now = tonumber(ARGV[1])
local wait, which = 0, 0
local function part(i, n) return tonumber(ARGV[1 + (i - 1) * 3 + n]) end
for i, key in ipairs(KEYS) do
  local total, most, per = part(i, 1), part(i, 2), part(i, 3)
  local size = math.ceil(per / 60)
  local taken = redis.call("HGETALL", key)
  local parts = {}
  for j = 1, #taken, 2 do
    local ends = (tonumber(taken[j]) + 1) * size + per
    if ends <= now then
      redis.call("HDEL", key, taken[j])
    else
      parts[#parts + 1] = { ends, tonumber(taken[j + 1]) }
      total = total + tonumber(taken[j + 1])
    end
  end
  table.sort(parts, function(one, two) return one[1] < two[1] end)
  local at = now
  for _, one in ipairs(parts) do
    if total <= most then break end
    total = total - one[2]
    at = one[1]
  end
  if at - now > wait then wait, which = at - now, i end
end
if wait > 0 then return { wait, which } end
for i, key in ipairs(KEYS) do
  local per = part(i, 3)
  redis.call("HINCRBY", key, string.format("%.0f", math.floor(now / math.ceil(per / 60))), part(i, 1))
  redis.call("PEXPIRE", key, 2 * per)
end
return { 0, 0 }
`;
