import type { Action } from "../core/action.ts";
import { optBranchOf } from "../core/opting.ts";
import type { Member } from "../core/snapshot.ts";
import type { Clock } from "../ports/clock.ts";
import type { Throttled } from "../ports/forge.ts";
import { MayHaveLanded } from "./may-have-landed.ts";

/** `waits`: a person or GitHub must let it happen first, and it is not in git meanwhile. */
export type Carried = "done" | "waits";

export type Acting = {
  readonly clock: Pick<Clock, "now">;
  readonly carryOut: (action: Action) => Promise<Carried>;
  readonly lookAgain: () => Promise<void>;
  readonly wakeAt: (at: number) => Promise<void>;
};

/**
 * Carries out what one look decided: aborts, then whoever moves, then what is only told. A member whose action fails gets no further one
 * in this look, the others go on; the failures are then thrown together. No reply speaks for a member whose commit has not landed: its comment is heard again. GitHub wants no more than a write a second: what is left when the
 * next measurement is due waits for another look, which may find an abort; so does what GitHub's limits hold back, and a first word that they hold back keeps the others. The targets of a service share its state file: after one of them has moved, the others wait for that look as well.
 */
export async function actInTurn(
  actions: readonly Action[],
  { clock, carryOut, lookAgain, wakeAt }: Acting,
): Promise<void> {
  const { moving, telling } = groupsOf(actions, clock.now());
  const turn: Turn = {
    failures: [],
    stopped: new Set(),
    pending: new Set(),
    moved: new Set(),
    throttled: [],
    onlyTold: new Set(telling.flat()),
  };
  const end = endOf(actions);
  for (const [index, action] of [...actions.filter(isAbort), ...moving.flat(), ...telling.flat()].entries()) {
    if (index > 0 && !isAbort(action) && clock.now() >= end) {
      // oxlint-disable-next-line no-await-in-loop -- the last that is done
      await lookAgain();
      break;
    }
    // oxlint-disable-next-line no-await-in-loop -- the order is the contract: the most durable action first, a verdict before its merge
    if (isDue(action, turn)) await tryOne(action, carryOut, turn);
  }
  if (turn.throttled.length > 0) await wakeAt(Math.min(...turn.throttled));
  if (turn.failures.length > 0) throw together(turn.failures);
}

/** What a look has come to so far: members whose action failed, those whose commit has not landed, and services of which a target has moved. */
type Turn = {
  readonly failures: unknown[];
  readonly stopped: Set<string>;
  readonly pending: Set<string>;
  readonly moved: Set<string>;
  /** When GitHub's limits let go of what they held back, milliseconds. */
  readonly throttled: number[];
  /** Those of members and places of which nothing is done but told. */
  readonly onlyTold: ReadonlySet<Action>;
};

function isDue(action: Action, { stopped, pending, moved, throttled, onlyTold }: Turn): boolean {
  if (action.kind !== "wakeAt" && onlyTold.has(action) && throttled.length > 0) return false;
  if (stopped.has(groupOf(action)) || spokenFor(action).some((whose) => pending.has(whose))) return false;
  if (!isMove(action) || !moved.has(serviceOf(action))) return true;
  // The state file that it was made for is not the tracked branch's any more.
  leavePending(action, pending);
  return false;
}

async function tryOne(action: Action, carryOut: Acting["carryOut"], turn: Turn): Promise<void> {
  try {
    if ((await carryOut(action)) === "waits") leavePending(action, turn.pending);
    else if (isMove(action) && action.kind !== "propose") turn.moved.add(serviceOf(action));
  } catch (failure) {
    turn.stopped.add(groupOf(action));
    if (isMove(action) && failure instanceof MayHaveLanded) turn.moved.add(serviceOf(action));
    leavePending(action, turn.pending);
    if (isThrottled(failure)) turn.throttled.push(failure.retryAt);
    else turn.failures.push(failure);
  }
}

/** What a commit of several members is to bring has come about for none of them. */
function leavePending(action: Action, pending: Set<string>): void {
  pending.add(groupOf(action));
  if (!isMove(action)) return;
  for (const one of action.fellows ?? []) pending.add(nameOf("member" in one ? one.member : one));
}

type Move = Extract<Action, { readonly kind: "land" | "merge" | "propose" }>;

/** It writes a service's state file, or what is to become of it. */
function isMove(action: Action): action is Move {
  return action.kind === "land" || action.kind === "merge" || action.kind === "propose";
}

function serviceOf({ member }: Move): string {
  return member.state.service;
}

/** When the first member's next measurement is due, in milliseconds. */
function endOf(actions: readonly Action[]): number {
  return Math.min(...actions.map((action) => (action.kind === "wakeAt" ? action.at : Number.POSITIVE_INFINITY)));
}

/** Only told, or looked at again: nothing in git waits for it. */
const TOLD: ReadonlySet<Action["kind"]> = new Set([
  "reportGate",
  "reportRefusal",
  "reportPlan",
  "reportPolicy",
  "reportUnconcerned",
  "reportOpt",
  "reportOffer",
  "note",
  "reply",
  "tellDeclined",
  "summarise",
  "backtest",
  "tellPast",
  "wakeAt",
]);

type Groups = { readonly moving: readonly (readonly Action[])[]; readonly telling: readonly (readonly Action[])[] };

/** All but aborts; the order within a group stays. At another time (milliseconds) another one is told first, so that nobody waits for ever where time runs out. */
function groupsOf(actions: readonly Action[], now: number): Groups {
  const groups = [
    ...Map.groupBy(
      actions.filter((action) => !isAbort(action)),
      groupOf,
    ).values(),
  ];
  const moving = groups.filter((group) => group.some(({ kind }) => !TOLD.has(kind)));
  const telling = groups.filter((group) => group.every(({ kind }) => TOLD.has(kind)));
  const first = telling.length === 0 ? 0 : now % telling.length;
  return { moving, telling: [...telling.slice(first), ...telling.slice(0, first)] };
}

function isAbort(action: Action): boolean {
  return action.kind === "land" && action.fall.kind === "abort";
}

/** Whose action it is; a member's actions stand or fall together, and what is told at one place keeps nothing from being told at another. */
function groupOf(action: Action): string {
  if ("member" in action) return nameOf(action.member);
  switch (action.kind) {
    case "reply":
      return `reply ${action.comment.id}`;
    case "tellDeclined":
      return `reply ${action.asked.comment.id}`;
    case "summarise":
      return `summary ${action.service} ${action.pull}`;
    case "reportPlan":
      return `plan ${action.bump.headSha}`;
    case "reportPolicy":
      return `policy ${action.policed.headSha}`;
    case "opt":
      return optBranchOf(action.due.change.wish);
    case "reportOpt":
      return `plan ${action.pull.headSha}`;
    case "reportOffer":
      return `plan ${action.offer.headSha}`;
    case "reportUnconcerned":
      return action.stepOf === undefined ? `unconcerned ${action.unconcerned.headSha}` : nameOf(action.stepOf);
    case "note":
    case "tellPast":
      return `pull ${action.pull}`;
    case "close":
      return `pull ${action.pull.number}`;
    default:
      return action.kind;
  }
}

/** The members whose commits a reply says are made. */
function spokenFor(action: Action): readonly string[] {
  return action.kind === "reply" ? action.answers.map(({ member }) => nameOf(member)) : [];
}

function nameOf({ state, target }: Pick<Member, "state" | "target">): string {
  return `${state.service}/${target}`;
}

function together(failures: readonly unknown[]): AggregateError {
  const words = failures.map((failure) => (failure instanceof Error ? failure.message : String(failure)));
  return new AggregateError(failures, words.join("; "));
}

function isThrottled(failure: unknown): failure is Throttled {
  if (!(failure instanceof Error) || !("fault" in failure) || !("retryAt" in failure)) return false;
  return failure.fault === "throttled" && typeof failure.retryAt === "number";
}
