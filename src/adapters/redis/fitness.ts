import type { Redis } from "ioredis";
import { UserError } from "../../core/error.ts";
import type { Log } from "../../ports/log.ts";
import { errorFields } from "../log.ts";

/** `ZADD LT`, which wakes need, came with it. */
const LEAST = { major: 6, minor: 2 };

/**
 * Whether Redis is fit to hold the queue, by what it says of itself in INFO, which managed ones answer where they refuse CONFIG. One that is too old, or that
 * may throw keys away when its memory is full, is a UserError that names the remedy; one that forgets when it ends is only warned of.
 */
export async function assureFit(redis: Pick<Redis, "info">, log: Log): Promise<void> {
  const info = await redis.info().catch((error: unknown) => {
    const why = String(errorFields(error)["error"]);
    throw new UserError(`QUEUE_URL: Redis does not tell its state: ${why} Allow the user INFO (ACL SETUSER … +info).`);
  });
  const said = fieldsOf(info);
  const version = said.get("redis_version") ?? "unknown";
  if (!isRecentEnough(version))
    throw new UserError(`QUEUE_URL: Redis ${version} is too old; it must be ${LEAST.major}.${LEAST.minor} or newer.`);
  const policy = said.get("maxmemory_policy");
  if (policy !== undefined && policy !== "noeviction") throw new UserError(evicting(policy));
  if (said.get("aof_enabled") === "0")
    log.warn(
      "Redis writes no append-only file (appendonly no): what waits is lost when it ends, and is found again by the next sweep. CONFIG SET appendonly yes keeps it.",
    );
}

function evicting(policy: string): string {
  return [
    `QUEUE_URL: Redis may throw keys of the queue away when its memory is full (maxmemory-policy ${policy}).`,
    "Set maxmemory-policy noeviction, in redis.conf or by CONFIG SET, or use a Redis of its own.",
  ].join(" ");
}

function fieldsOf(info: string): ReadonlyMap<string, string> {
  const pairs = info.split(/\r?\n/).map((line) => line.split(":"));
  return new Map(pairs.flatMap(([name, value]) => (name && value !== undefined ? [[name, value]] : [])));
}

function isRecentEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > LEAST.major || (major === LEAST.major && minor >= LEAST.minor);
}
