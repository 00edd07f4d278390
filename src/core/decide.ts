import type { Action, Fall, Land, Standing } from "./action.ts";
import { struck } from "./cascade.ts";
import { optActions, withOptings } from "./opt-actions.ts";
import { outlookOf, type Road } from "./outlook.ts";
import { hear } from "./heard.ts";
import { downOf, failureOf, leftoversOf, type Turn } from "./member-turn.ts";
import { repliesOf, type Hearing } from "./replies.ts";
import { setTurn } from "./set-turn.ts";
import type { Member, Snapshot, Unconcerned } from "./snapshot.ts";
import { stageOf, type Stage } from "./stage.ts";
import { summariesOf } from "./summaries.ts";
import { landTogether } from "./together.ts";
import { wantedBranch } from "./wanted.ts";

/**
 * What is to be done now: a function of one look and the time (milliseconds) and of nothing else.
 * Aborts come first; within a member the most durable action comes first and a verdict before the merge that it permits.
 */
export function decide(snapshot: Snapshot, now: number): readonly Action[] {
  const pace = paceOf(snapshot, now);
  const { head, heldBack } = snapshot;
  let paceUntil = pace(0);
  let hearings = snapshot.members.map((member) => standing(member, { now, paceUntil, heldBack }));
  const unconcerned = Map.groupBy(snapshot.unconcerned, ({ headSha }) => headSha);
  const perSet: (readonly Action[])[] = [];
  const decided = new Set<number>();
  for (const set of setsOf(snapshot.members)) {
    const turns = hearings.filter((_, index) => set.includes(index)).map((one) => turnOf(one, hearings, { head, now }));
    const actions = decideSet(turns);
    // A check that the rules ask for comes before the merge that it permits.
    perSet.push(
      turns.slice(0, 1).flatMap(({ member }) => missingOn(member, unconcerned)),
      actions,
    );
    for (const index of set) decided.add(index);
    // One step at a time for the repository: the first that is due takes this turn.
    if (!actions.some(({ kind }) => kind === "merge")) continue;
    paceUntil = pace(now);
    hearings = hearings.map((one, index) => (decided.has(index) ? one : paced(one, { now, paceUntil, heldBack })));
  }
  const replies = withOptings(repliesOf(hearings), snapshot);
  const told = [...summariesOf(hearings, now), ...optActions(snapshot, now), ...replies, ...othersOf(snapshot, now)];
  return abortsFirst([...fallingTogether(withOutlook(perSet.flat(), hearings, roadOf(snapshot, now))), ...told]);
}

/** What merges there is room for, and how many steps want one. */
function roadOf({ members, heldBack = {} }: Snapshot, now: number): Omit<Road, "sharing"> {
  const pace = members.map(({ policy }) => policy.mergeEveryMs);
  return { now, everyMs: Math.max(0, heldBack.mergeEveryMs ?? 0, ...pace) };
}

/** Reports say how it goes on, given that those under way take turns. */
function withOutlook(
  actions: readonly Action[],
  hearings: readonly Hearing[],
  road: Omit<Road, "sharing">,
): readonly Action[] {
  const moving = hearings.filter(({ stage }) => UNDER_WAY.has(stage.kind));
  const sharing = Math.max(1, new Set(moving.flatMap(({ member }) => member.pull?.number ?? [])).size);
  const add = <T extends Standing>(one: T): T => {
    return { ...one, outlook: outlookOf(one.member, one.stage, { ...road, sharing }) };
  };
  return actions.map((action) => {
    if (action.kind !== "reportGate") return action;
    return { ...add(action), ...(action.fellows && { fellows: action.fellows.map(add) }) };
  });
}

const UNDER_WAY: ReadonlySet<Stage["kind"]> = new Set([
  "gathering",
  "syncing",
  "baking",
  "measuring",
  "paced",
  "passed",
]);

type Times = Pick<Snapshot, "heldBack"> & { readonly now: number; readonly paceUntil: number };

function standing(member: Member, { now, paceUntil, heldBack }: Times): Hearing {
  return { member, stage: stageOf(member, now, paceUntil, heldBack), heard: hear(member) };
}

/** Where a member stands once another one has taken the repository's turn. */
function paced(one: Hearing, { now, paceUntil, heldBack }: Times): Hearing {
  return { ...one, stage: stageOf(one.member, now, paceUntil, heldBack) };
}

/**
 * The indices of members of a wave that stand at the same step of one release, which share its pull request; all others are by themselves.
 * Who has stood longest comes first, so that nobody is kept waiting for ever by others' turns.
 */
function setsOf(members: readonly Member[]): readonly (readonly number[])[] {
  const keys = members.map((member, index) => ({
    index,
    key: (member.fellows.length === 0 ? undefined : (member.pull?.branch ?? wantedBranch(member))) ?? String(index),
  }));
  const sets = [...Map.groupBy(keys, ({ key }) => key).values()].map((set) => set.map(({ index }) => index));
  const since = (set: readonly number[]) => Math.min(...set.map((index) => standsSince(members[index])));
  return sets.toSorted((one, two) => since(one) - since(two));
}

/** When a member last moved, or had something new to do, milliseconds. */
function standsSince(member: Member | undefined): number {
  return Math.max(member?.changedAt ?? 0, member?.bump?.at ?? 0);
}

function turnOf(one: Hearing, all: readonly Hearing[], look: Pick<Turn, "head" | "now">): Turn {
  return { ...one, cascade: struck(one, all), ...look };
}

/** Whoever goes down, or lands what somebody asks for, does so by itself; the others go on together. */
function decideSet(turns: readonly Turn[]): readonly Action[] {
  const down = turns.map((turn) => ({ turn, actions: downOf(turn) }));
  const others = down.flatMap(({ turn, actions }) => (actions === undefined ? [turn] : []));
  const last = others.length === 0 ? failed(turns) : setTurn(others);
  const actions = [...down.flatMap(({ actions: of = [] }) => of), ...last];
  return [...actions, ...turns.flatMap(({ member }) => leftoversOf(member, actions))];
}

/** What the check of a step says that nobody is left at. */
function failed(turns: readonly Turn[]): readonly Action[] {
  const [first, ...others] = turns.flatMap((turn) => {
    const stage = failureOf(turn);
    return stage === undefined ? [] : [{ member: turn.member, stage }];
  });
  const { pull } = first?.member ?? {};
  if (first === undefined || pull === undefined) return [];
  return [{ kind: "reportGate", ...first, fellows: others, number: pull.number, headSha: pull.headSha }];
}

function missingOn(
  { pull, ...rest }: Member,
  unconcerned: ReadonlyMap<string, readonly Unconcerned[]>,
): readonly Action[] {
  const missing = (pull && unconcerned.get(pull.headSha)) ?? [];
  return missing.map((one) => reportUnconcerned(one, { pull, ...rest }));
}

/** What no member moves by. */
function othersOf(snapshot: Snapshot, now: number): readonly Action[] {
  const steps = new Set(snapshot.members.flatMap(({ pull }) => pull?.headSha ?? []));
  return [
    ...snapshot.refusals.flatMap(reportRefusal),
    ...snapshot.bumps.map((bump): Action => ({ kind: "reportPlan", bump })),
    ...(snapshot.policed ?? []).map((policed): Action => ({ kind: "reportPolicy", policed })),
    ...snapshot.unconcerned
      .filter(({ headSha }) => !steps.has(headSha))
      .map((one) => reportUnconcerned(one, undefined)),
    ...snapshot.letGo.flatMap(letGo),
    ...snapshot.litter.map((litter): Action => ({ kind: "prune", litter })),
    ...(snapshot.unheard === 0 ? [] : [{ kind: "wakeAt", at: now + HEAR_AGAIN_MS } as const]),
    ...(leftOf(snapshot) === 0 ? [] : [{ kind: "wakeAt", at: now + LOOK_ON_MS } as const]),
  ];
}

/** How soon GitHub is asked again who somebody is. */
const HEAR_AGAIN_MS = 30_000;

/** How soon more pull requests are looked into. */
const LOOK_ON_MS = 5_000;

/** How many pull requests are yet to be looked into. */
function leftOf({ unpoliced = 0, opting }: Snapshot): number {
  return unpoliced + (opting?.waiting ?? []).filter(({ isNew }) => isNew).length;
}

/** When the next step may merge, given when the last one did. A commit that somebody's fast clock has dated later than that is no reason to wait. */
function paceOf({ lastMerge = 0, members }: Snapshot, now: number): (merged: number) => number {
  const every = Math.max(0, ...members.map(({ policy }) => policy.mergeEveryMs));
  const last = lastMerge > now + every ? 0 : lastMerge;
  return (merged) => Math.max(last, merged) + every;
}

/** Members of one service that go the same way back in this look do so in one commit: nobody's abort waits for another's. */
function fallingTogether(actions: readonly Action[]): readonly Action[] {
  const groups = Map.groupBy(actions.filter(isWayBack), ({ member, fall }) => `${member.state.service} ${fall.kind}`);
  const leads = new Map(
    [...groups.values()].flatMap(([first, ...others]) => (first === undefined ? [] : [[first, others]])),
  );
  return actions.flatMap((action): readonly Action[] => {
    if (!isWayBack(action)) return [action];
    const others = leads.get(action);
    return others === undefined ? [] : [landTogether([action, ...others])];
  });
}

function isWayBack(action: Action): action is Land {
  return action.kind === "land" && ["abort", "lower", "takeBack"].includes(action.fall.kind);
}

function abortsFirst(actions: readonly Action[]): readonly Action[] {
  const isAbort = (action: Action) => action.kind === "land" && isDown(action.fall);
  return [...actions.filter(isAbort), ...actions.filter((action) => !isAbort(action))];
}

/** It takes weight away, and waits for nobody. */
function isDown({ kind }: Fall): boolean {
  return kind === "abort" || kind === "lower" || kind === "toZero";
}

function reportUnconcerned(unconcerned: Unconcerned, stepOf: Member | undefined): Action {
  return { kind: "reportUnconcerned", unconcerned, stepOf };
}

function reportRefusal(refusal: Snapshot["refusals"][number]): readonly Action[] {
  return refusal.pulls.map(({ headSha }) => ({ kind: "reportRefusal", refusal, headSha }));
}

/** A service without a state file is its people's again: what is open for it is closed with a word. */
function letGo({ service, pull }: Snapshot["letGo"][number]): readonly Action[] {
  return [
    { kind: "note", pull: pull.number, note: { kind: "letGo", service } },
    { kind: "close", pull },
  ];
}
