import type { Builtin, Node } from "./ast.ts";
import { lengthOf } from "./access.ts";
import { calculate } from "./arithmetic.ts";
import { isLoop } from "./check-loops.ts";
import { isDescendingOrder } from "./functions-lists.ts";
import { grow, leave, spend, type Loop, type Machine } from "./machine.ts";
import { sorted } from "./sort.ts";
import { cannot } from "./trouble.ts";
import { asBool, dictOf, isList, keyId, list, sized, type Entry, type Value } from "./value.ts";

type Evaluate = (node: Node, running: Machine) => Value;
type Running = {
  readonly node: Builtin;
  readonly loop: Loop;
  readonly machine: Machine;
  readonly at: (node: Node | undefined) => Value;
};

/** The value of a built-in that goes through a list with a predicate; undefined for any other built-in. */
export function runLoop(node: Builtin, running: Machine, evaluate: Evaluate): { readonly value: Value } | undefined {
  const [list] = node.args;
  if (list === undefined || !isLoop(node.name)) return undefined;
  const loop = loopOver(evaluate(list, running));
  running.loops.push(loop);
  const at = (below: Node | undefined): Value =>
    below === undefined ? loop.item(loop.index) : evaluate(below, running);
  const value = work(node.name)({ node, loop, machine: running, at });
  running.loops.pop();
  return { value };
}

/** Text is gone through by its bytes. A map cannot be, but an empty one has nothing that could fail. */
function loopOver(value: Value): Loop {
  const item = (index: number): Value => {
    if (isList(value) && index >= 0 && index < value.items.length) return value.items[index];
    if (typeof value === "string" && index >= 0 && index < value.length)
      return sized("uint8", BigInt(value.charCodeAt(index)));
    return cannot("there is no such element");
  };
  const length = typeof value === "string" ? value.length : lengthOf(value);
  return { length, item, index: 0, count: 0n, acc: undefined };
}

type Work = (running: Running) => Value;

const WORK: ReadonlyMap<string, Work> = new Map<string, Work>([
  ["all", (running) => untilIs(running, false, (one) => one)],
  ["none", (running) => untilIs(running, false, (one) => !one)],
  ["any", (running) => untilIs(running, true, (one) => one)],
  ["one", (running) => kept(running).length === 1],
  ["filter", filter],
  ["map", map],
  ["count", count],
  ["sum", sum],
  ["find", (running) => found(running, false, false)],
  ["findLast", (running) => found(running, true, false)],
  ["findIndex", (running) => found(running, false, true)],
  ["findLastIndex", (running) => found(running, true, true)],
  ["groupBy", groupBy],
  ["sortBy", sortBy],
]);

function work(name: string): Work {
  return WORK.get(name) ?? reduce;
}

/** Goes on as long as `step` gives undefined. */
function each<Found>({ loop }: Running, step: () => Found | undefined): Found | undefined {
  for (; loop.index < loop.length; loop.index += 1) {
    const result = step();
    if (result !== undefined) return result;
  }
  return undefined;
}

function untilIs(running: Running, wanted: boolean, read: (one: boolean) => boolean): boolean {
  const hit = each(running, () => (read(asBool(running.at(running.node.args[1]))) === wanted ? true : undefined));
  return hit === true ? wanted : !wanted;
}

/** The elements that the predicate keeps, as what they become; from the stack. */
function kept({ node, loop, machine, at }: Running): readonly Value[] {
  let size = 0;
  for (; loop.index < loop.length; loop.index += 1) {
    if (!asBool(at(node.args[1]))) continue;
    const item = node.name === "one" ? true : at(node.becomes);
    machine.stack.push(item);
    size += 1;
  }
  return machine.stack.splice(machine.stack.length - size);
}

function filter(running: Running): Value {
  const items = kept(running);
  grow(running.machine, items.length);
  return list(items);
}

function map({ node, loop, machine, at }: Running): Value {
  for (; loop.index < loop.length; loop.index += 1) {
    const item = at(node.args[1]);
    machine.stack.push(item);
  }
  const items = machine.stack.splice(machine.stack.length - loop.length);
  grow(machine, items.length);
  return list(items);
}

function count(running: Running): Value {
  const { loop, node } = running;
  const { enough } = node;
  each(running, () => {
    if (asBool(running.at(node.args[1]))) loop.count += 1n;
    return enough !== undefined && loop.count >= enough ? true : undefined;
  });
  return loop.count;
}

function sum(running: Running): Value {
  const { loop, node } = running;
  loop.acc = 0n;
  each(running, () => {
    loop.acc = calculate("+", running.at(node.args[1]), loop.acc);
  });
  return loop.acc;
}

function found({ loop, node, machine, at }: Running, isBackwards: boolean, isIndex: boolean): Value {
  const step = isBackwards ? -1 : 1;
  for (
    loop.index = isBackwards ? loop.length - 1 : 0;
    loop.index >= 0 && loop.index < loop.length;
    loop.index += step
  ) {
    if (isBackwards) leave(machine, true);
    if (asBool(at(node.args[1]))) return isIndex ? BigInt(loop.index) : at(node.becomes);
  }
  if (isBackwards) leave(machine, false);
  return node.throws === true ? cannot("there is no such element") : undefined;
}

function groupBy(running: Running): Value {
  const { loop, node } = running;
  const groups = new Map<string, { readonly key: Value; readonly items: Value[] }>();
  each(running, () => {
    const key = running.at(node.args[1]);
    const id = Number.isNaN(key) ? `NaN ${groups.size}` : keyId(key);
    const group = groups.get(id) ?? { key, items: [] };
    group.items.push(loop.item(loop.index));
    groups.set(id, group);
  });
  const entries = [...groups].map(([id, { key, items }]): [string, Entry] => [id, { key, value: list(items) }]);
  return dictOf("map[any][]any", new Map(entries));
}

function sortBy(running: Running): Value {
  const { loop, machine, node } = running;
  const order = node.args[2];
  const isDescending = order !== undefined && isDescendingOrder(running.at(order));
  const elements: { by: Value; item: Value }[] = [];
  each(running, () => {
    const by = running.at(node.args[1]);
    elements.push({ by, item: loop.item(loop.index) });
  });
  spend(machine, elements.length * 16);
  const items = sorted(elements, isDescending);
  grow(machine, loop.length);
  return list(items);
}

function reduce(running: Running): Value {
  const { loop, node } = running;
  const initial = node.args[2];
  if (initial !== undefined) loop.acc = running.at(initial);
  else if (loop.length === 0) return cannot("there is nothing to reduce, and no initial value");
  else {
    loop.acc = loop.item(0);
    loop.index = 1;
  }
  each(running, () => {
    loop.acc = running.at(node.args[1]);
  });
  return loop.acc;
}
