import { wholeNumber } from "./arithmetic.ts";
import { fetch, get, lengthOf } from "./access.ts";
import { equal } from "./compare.ts";
import { grow, spend, type Machine } from "./machine.ts";
import { sorted } from "./sort.ts";
import { cannot, Stopped } from "./trouble.ts";
import {
  asList,
  dictOf,
  isDict,
  isList,
  keyId,
  list,
  NIL_LIST,
  typeOf,
  typeText,
  type Entry,
  type Value,
} from "./value.ts";

type Do = (args: readonly Value[], running: Machine) => Value;

/** The built-ins about lists and maps. */
export const LIST_FUNCTIONS: ReadonlyMap<string, Do> = new Map<string, Do>([
  ["len", ([value]) => BigInt(lengthOf(value))],
  ["type", ([value]) => kindName(value)],
  ["get", ([base, key]) => get(base, key)],
  ["first", ([value]) => orNil(() => fetch(value, 0n))],
  ["last", ([value]) => orNil(() => fetch(value, -1n))],
  ["take", ([value, count]) => taken(value, count)],
  ["keys", ([value]) => list(entriesOf(value).map(({ key }) => key))],
  ["values", ([value]) => list(entriesOf(value).map((entry) => entry.value))],
  [
    "toPairs",
    ([value]) =>
      list(
        entriesOf(value).map((entry) => list([entry.key, entry.value], "[2]any")),
        "[][2]any",
      ),
  ],
  ["fromPairs", ([value]) => fromPairs(value)],
  ["reverse", ([value], running) => made(asList(value).items.toReversed(), running)],
  ["uniq", ([value], running) => uniq(asList(value).items, running)],
  ["concat", (args, running) => concatenated(args, running)],
  ["flatten", ([value], running) => made(flat(asList(value).items), running)],
  ["sort", (args, running) => sortedList(args, running)],
]);

function made(items: readonly Value[], running: Machine): Value {
  grow(running, items.length);
  return list(items);
}

const KINDS: ReadonlyMap<string, string> = new Map([
  ["int64", "int"],
  ["uint8", "uint"],
  ["float64", "float"],
]);

function kindName(value: Value): string {
  if (isList(value)) return "array";
  if (isDict(value)) return "map";
  const type = typeOf(value) ?? "nil";
  return KINDS.get(type) ?? type;
}

function orNil(work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    if (error instanceof Stopped && error.trouble.kind === "value") return undefined;
    throw error;
  }
}

function taken(value: Value, count: Value): Value {
  const { items, type } = asList(value);
  const most = typeof count === "number" ? cannot("take() takes a whole number") : wholeNumber(count);
  if (most < 0n || type === "[2]any") cannot("take() takes no negative number");
  return list(items.slice(0, Number(most > BigInt(items.length) ? BigInt(items.length) : most)), type);
}

/** The entries of a map; Go has no order for them, here they are in the order of their keys. */
function entriesOf(value: Value): readonly Entry[] {
  if (!isDict(value)) return cannot(`this is no map but ${typeText(value)}`);
  const ids = [...value.entries.keys()].toSorted();
  return ids.flatMap((id) => value.entries.get(id) ?? []);
}

function fromPairs(value: Value): Value {
  const entries = new Map<string, Entry>();
  for (const pair of asList(value).items) {
    if (!isList(pair) || pair.items.length !== 2) return cannot("this is no list of pairs");
    const [key, held] = pair.items;
    entries.set(Number.isNaN(key) ? `NaN ${entries.size}` : keyId(key), { key, value: held });
  }
  return dictOf("map[any]any", entries);
}

function uniq(items: readonly Value[], running: Machine): Value {
  const found: Value[] = [];
  for (const item of items) {
    spend(running, found.length);
    if (!found.some((one) => equal(item, one))) found.push(item);
  }
  return list(found);
}

// Of nothing but empty lists Go makes a slice that was never made.
function concatenated(args: readonly Value[], running: Machine): Value {
  const items = args.flatMap((arg) => asList(arg).items);
  return items.length === 0 ? NIL_LIST : made(items, running);
}

function flat(items: readonly Value[]): readonly Value[] {
  return items.flatMap((item) => (isList(item) ? flat(item.items) : [item]));
}

const SORTABLE: ReadonlySet<string> = new Set(["[]any", "[]int", "[]float64", "[]string"]);

function sortedList(args: readonly Value[], running: Machine): Value {
  const [value, order] = args;
  const isDescending = args.length > 1 && isDescendingOrder(order);
  if (!isList(value) || !SORTABLE.has(value.type)) return NIL_LIST;
  return made(
    sorted(
      value.items.map((item) => ({ by: item, item })),
      isDescending,
    ),
    running,
  );
}

/** "desc"; "asc" is not. */
export function isDescendingOrder(order: Value): boolean {
  return order === "desc" || (order !== "asc" && cannot(`the order is "asc" or "desc"`));
}
