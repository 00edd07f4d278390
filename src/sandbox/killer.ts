import type { Crew } from "./crew.ts";
import type { FaultHook, FaultRequest } from "./github/faults.ts";
import { callOf, type ExternalCall, type KillPoint } from "./kill-points.ts";

export type Killer = {
  /** For the sandbox's GitHub, which asks it at every call. */
  readonly hook: FaultHook;
  /** The points at which something was done, in order. */
  readonly kills: () => readonly KillPoint[];
  /** The points that no call has reached yet. */
  readonly waiting: () => readonly KillPoint[];
};

/** Kills the process that calls, or strikes Redis, at each of the points. While a process is down its calls are cut: what it left behind does nothing more. */
export function killerOf(points: readonly KillPoint[], crew: Pick<Crew, "callerOf" | "redis">): Killer {
  const counts = new Map<ExternalCall, number>();
  const kills: KillPoint[] = [];
  let waiting = points;
  let isKilling = false;
  const reached = (request: FaultRequest): KillPoint | undefined => {
    const call = callOf(request);
    if (call === undefined) return undefined;
    const count = (counts.get(call) ?? 0) + 1;
    counts.set(call, count);
    return isKilling ? undefined : waiting.find((one) => one.call === call && one.nth <= count);
  };
  const done = async (point: KillPoint, work: () => Promise<void>) => {
    await work();
    kills.push(point);
    isKilling = false;
  };
  return {
    kills: () => kills,
    waiting: () => waiting,
    hook: async (request) => {
      const caller = crew.callerOf(request);
      if (!caller.isUp()) return { kind: "drop", when: "before" };
      const point = reached(request);
      if (point === undefined) return undefined;
      isKilling = true;
      waiting = waiting.filter((one) => one !== point);
      if (point.blow === "kill") return { kind: "drop", when: point.moment, meanwhile: () => done(point, caller.kill) };
      await done(point, () => strike(point, crew.redis));
      return undefined;
    },
  };
}

async function strike(point: KillPoint, redis: Crew["redis"]): Promise<void> {
  if (point.blow === "killRedis") await redis?.kill(point.awayMs);
  if (point.blow === "flushRedis") await redis?.flush();
}
