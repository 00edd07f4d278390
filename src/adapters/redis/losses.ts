import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";

/** Does something where Redis may have lost what it held, or been away while somebody spoke, since it was asked last. Rejects where that fails, and tries again the next time. */
export type Losses = (recover: () => Promise<void>) => Promise<void>;

/** Tells losses by a mark that whoever finds none sets anew, and by its connection. */
export function lossesOf(redis: Redis, mark: string): Losses {
  let seen: unknown;
  let isDoubtful = false;
  redis.on("close", () => {
    isDoubtful = true;
  });
  return async (recover) => {
    const wasDoubtful = isDoubtful;
    isDoubtful = false;
    try {
      const there = await redis.eval(MARK, 1, mark, randomUUID());
      if (wasDoubtful || (seen !== undefined && seen !== there)) await recover();
      seen = there;
    } catch (error) {
      isDoubtful ||= wasDoubtful;
      throw error;
    }
  };
}

const MARK = `
redis.call("SET", KEYS[1], ARGV[1], "NX")
return redis.call("GET", KEYS[1])
`;
