import type { FaultHook } from "./github/faults.ts";
import { callOf, type ExternalCall, type KillPoint } from "./kill-points.ts";
import type { SupervisedBot } from "./supervised.ts";

export type Killer = {
  /** For the sandbox's GitHub, which asks it at every call. */
  readonly hook: FaultHook;
  /** The points at which the bot was killed, in order. */
  readonly kills: () => readonly KillPoint[];
  /** The points that no call has reached yet. */
  readonly waiting: () => readonly KillPoint[];
};

/** Kills the bot at each of the points. While no process of it runs, every call is cut: what it left behind does nothing more. */
export function killerOf(points: readonly KillPoint[], bot: Pick<SupervisedBot, "isUp" | "kill">): Killer {
  const counts = new Map<ExternalCall, number>();
  const kills: KillPoint[] = [];
  let waiting = points;
  let isKilling = false;
  return {
    kills: () => kills,
    waiting: () => waiting,
    hook: (request) => {
      if (!bot.isUp()) return { kind: "drop", when: "before" };
      const call = callOf(request);
      if (call === undefined) return undefined;
      const count = (counts.get(call) ?? 0) + 1;
      counts.set(call, count);
      const point = isKilling ? undefined : waiting.find((one) => one.call === call && one.nth <= count);
      if (point === undefined) return undefined;
      isKilling = true;
      waiting = waiting.filter((one) => one !== point);
      const meanwhile = async () => {
        await bot.kill();
        kills.push(point);
        isKilling = false;
      };
      return { kind: "drop", when: point.moment, meanwhile };
    },
  };
}
