import type { Land } from "./action.ts";
import type { Change } from "./change.ts";
import type { Blocked, Hold, ServiceState } from "./state.ts";

/** The changes of several members of one service, each made from the same state, as one commit. */
export function together(changes: readonly [Change, ...Change[]]): Change {
  const [first, ...others] = changes;
  if (others.length === 0) return first;
  const state = stateOf(changes);
  return { ...first, state, also: others.map((change) => ({ ...change, state })) };
}

/** The ways back of several members of one service as one commit. */
export function landTogether(alone: readonly [Land, ...Land[]]): Land {
  const [first, ...others] = alone;
  if (others.length === 0) return first;
  return {
    ...first,
    fellows: others.map(({ member, fall }) => ({ member, fall })),
    alone,
    change: together([first.change, ...others.map(({ change }) => change)]),
  };
}

/** Each member's own entry and holds, and what any of them has heard and blocked. */
function stateOf(changes: readonly [Change, ...Change[]]): ServiceState {
  const states = changes.map(({ state }) => state);
  const own = new Map(changes.map(({ target, state }) => [target, state]));
  const [{ state: first }] = changes;
  return {
    ...first,
    targets: new Map([...first.targets].map(([target, at]) => [target, own.get(target)?.targets.get(target) ?? at])),
    holds: [...first.holds.filter(({ target }) => !own.has(target)), ...changes.flatMap(holdsOf)],
    heard: Math.max(...states.map(({ heard }) => heard)),
    blocked: blockedIn(states),
  };
}

function holdsOf({ target, state }: Change): readonly Hold[] {
  return state.holds.filter((hold) => hold.target === target);
}

/** What any of them blocks, once. */
function blockedIn(states: readonly ServiceState[]): readonly Blocked[] {
  const all = states.flatMap(({ blocked }) => blocked);
  const isSame = (one: Blocked, two: Blocked) => one.image === two.image && one.template === two.template;
  return all.filter((block, index) => all.findIndex((one) => isSame(one, block)) === index);
}
