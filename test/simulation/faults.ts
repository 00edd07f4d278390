import type { ForgeFault } from "../../src/adapters/github/error.ts";
import { unreachable } from "../../src/core/unreachable.ts";
import type { FaultName } from "../../src/sandbox/github/fault-catalogue.ts";
import { seenAs, type ForgeCall, type Seen } from "../contract/fault-outcomes.ts";
import { seenLasting } from "./lasting.ts";
import { NO_RULES } from "./forge.ts";
import { GIT_CALLS, UNTOLD_MS, type BurstFault, type Trouble } from "./luck.ts";

/** The bot's process is gone; whatever it still tries fails. */
export class Crash extends Error {
  override readonly name = "Crash";
}

/** GitHub, or the way to it, did not do or did not answer what it was asked. */
export class Unanswered extends Error {
  override readonly name = "Unanswered";
  readonly fault: ForgeFault;

  constructor(call: string, fault: ForgeFault) {
    super(`${call}: no answer (${fault})`);
    this.fault = fault;
  }
}

/** What goes wrong with the call that is about to be made. */
export type Struck = { readonly trouble: Trouble; readonly isLasting: boolean };

export type Faults = {
  /** Counts the call and tells what strikes it; what the world does in this moment happens here. */
  readonly begin: (call: string, given: readonly unknown[]) => Struck | undefined;
  readonly crashed: () => boolean;
  readonly crash: () => void;
  readonly told: (call: string, given: readonly unknown[], struck: Struck | undefined) => void;
};

type Ask = (...given: readonly unknown[]) => Promise<unknown>;

/** The same port, whose calls can crash the process, or go wrong as those of GitHub's or git's do. `stale` answers as of an earlier moment. */
export function faulty<Port extends object>(
  port: Port,
  calls: readonly (keyof Port & string)[],
  faults: Faults,
  stale: Partial<Port> = {},
): Port {
  const wrapped = calls.map((call) => [
    call,
    faultyCall(call, { now: port[call] as Ask, old: stale[call] as Ask }, faults),
  ]);
  return { ...port, ...(Object.fromEntries(wrapped) as Partial<Port>) };
}

type Answers = { readonly now: Ask; readonly old: Ask | undefined };

function faultyCall(call: string, answers: Answers, faults: Faults): Ask {
  return async (...given) => {
    if (faults.crashed()) throw new Crash(call);
    const struck = faults.begin(call, given);
    faults.told(call, given, struck);
    if (struck === undefined) return answers.now(...given);
    const ask = () => answers.now(...given);
    switch (struck.trouble) {
      case "crashBefore":
        return dead(call, faults);
      case "crashAfter":
        await ask();
        return dead(call, faults);
      case "unheardBefore":
        throw new Unanswered(call, "transient");
      case "unheardAfter":
        await ask();
        throw new Unanswered(call, "transient");
      case "moved":
        return "moved";
      default:
        return appearing(call as ForgeCall, struck.trouble, {
          isLasting: struck.isLasting,
          ask,
          old: () => (answers.old ?? answers.now)(...given),
        });
    }
  };
}

function dead(call: string, faults: Faults): never {
  faults.crash();
  throw new Crash(call);
}

/** What counts where GitHub does not say. */
const LEAST: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["standing", { permission: "none", role: "none" }],
  ["inTeam", false],
  ["answered", true],
  ["rules", NO_RULES],
]);

type Asking = {
  readonly isLasting: boolean;
  readonly ask: () => Promise<unknown>;
  readonly old: () => Promise<unknown>;
};

async function appearing(call: ForgeCall, fault: FaultName, { isLasting, ask, old }: Asking): Promise<unknown> {
  const seen: Seen | undefined = isLasting ? seenLasting(call, fault) : seenAs(call, fault);
  if (seen === undefined) return ask();
  switch (seen.kind) {
    case "value":
      return seen.said === "least" ? LEAST.get(call) : seen.said === "old" ? old() : ask();
    case "throws":
      if (seen.happened) await ask();
      throw new Unanswered(call, seen.fault);
    case "outcome": {
      const answer = seen.happened ? await ask() : undefined;
      // What the pull request itself says afterwards is told as it is.
      return seen.outcome === "merged" ? answer : { kind: seen.outcome, reason: "no answer tells" };
    }
    default:
      return unreachable(seen);
  }
}

/** While GitHub as a whole is in trouble, a call sees this. */
export function inBurst(call: string, fault: BurstFault): Trouble | undefined {
  if (GIT_CALLS.some((one) => one === call)) return fault.endsWith("Limit") ? undefined : "unheardBefore";
  const isMet = seenAs(call as ForgeCall, fault) !== undefined;
  return isMet ? fault : "errorBefore";
}

/** Remembers that a pull request's merge was answered with "not known yet", and until when it is. */
export function untold(): { readonly begin: (at: number) => void; readonly lasts: (at: number) => boolean } {
  let until = Number.NEGATIVE_INFINITY;
  return {
    begin: (at) => {
      until = at + UNTOLD_MS;
    },
    lasts: (at) => at < until,
  };
}
