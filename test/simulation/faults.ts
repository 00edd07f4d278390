import type { Random } from "./random.ts";

/** The bot's process is gone; whatever it still tries fails. */
export class Crash extends Error {
  override readonly name = "Crash";
}

/** How often, per external call that changes something, each misfortune strikes. */
export type Odds = { readonly crash: number; readonly lost: number; readonly unheard: number };

export const NO_FAULTS: Odds = { crash: 0, lost: 0, unheard: 0 };

export type Faults = {
  readonly odds: () => Odds;
  readonly random: Random;
  /** The call that is about to be made, by name; whatever the world does between a look and an act happens here. */
  readonly before: (call: string) => void;
  readonly crashed: () => boolean;
  readonly crash: () => void;
  readonly count: (call: string, fault: string) => void;
};

/** The same port, whose calls can crash the process or fail, before or after their effect. */
export function faulty<Port extends object>(port: Port, calls: readonly (keyof Port & string)[], faults: Faults): Port {
  const wrapped = calls.map(
    (call) =>
      [call, faultyCall(call, port[call] as (...given: readonly unknown[]) => Promise<unknown>, faults)] as const,
  );
  return { ...port, ...Object.fromEntries(wrapped) };
}

function faultyCall(call: string, original: (...given: readonly unknown[]) => Promise<unknown>, faults: Faults) {
  return async (...given: readonly unknown[]): Promise<unknown> => {
    if (faults.crashed()) throw new Crash(call);
    faults.before(call);
    strike("before", call, faults);
    const answer = await original(...given);
    strike("after", call, faults);
    return answer;
  };
}

function strike(when: "before" | "after", call: string, faults: Faults): void {
  const { crash, lost, unheard } = faults.odds();
  if (faults.random.chance(crash)) {
    faults.count(call, `crash ${when}`);
    faults.crash();
    throw new Crash(call);
  }
  if (!faults.random.chance(when === "before" ? lost : unheard)) return;
  faults.count(call, when === "before" ? "failed" : "answer lost");
  throw new Error(`${call}: no answer`);
}
