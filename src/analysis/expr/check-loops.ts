import type { Builtin, Node } from "./ast.ts";
import type { Checking } from "./checking.ts";
import { PREDICATES } from "./names.ts";
import { elementOf, isList, isUnknown, listOf, natureOf, typeName, UNKNOWN, type Nature } from "./nature.ts";
import { mistyped } from "./trouble.ts";

/** Whether a built-in goes through a list with a predicate. */
export function isLoop(name: string): boolean {
  return PREDICATES.has(name);
}

const CONDITIONS: ReadonlySet<string> = new Set(
  "all none any one filter count find findLast findIndex findLastIndex".split(" "),
);

const INT = natureOf("int");

/** What # has besides the element. */
const NAMED: ReadonlyMap<string, ReadonlyMap<string, Nature>> = new Map([
  ["map", new Map([["index", INT]])],
  [
    "reduce",
    new Map([
      ["index", INT],
      ["acc", UNKNOWN],
    ]),
  ],
]);

export function checkLoop(node: Builtin, checking: Checking): Node {
  const [first, second, third] = node.args;
  if (first === undefined) return mistyped(node.at, `${node.name}() takes a list`);
  const list = checking.check(first, checking);
  if (!isList(list.nature) && !isUnknown(list.nature))
    mistyped(list.at, `${node.name}() takes a list, not ${typeName(list.nature)}`);
  if (second === undefined) return { ...node, args: [list], nature: withoutPredicate(node.name, list.nature) };
  const scope = { collection: list.nature, named: NAMED.get(node.name) ?? new Map<string, Nature>() };
  const predicate = checking.check(second, { ...checking, scopes: [...checking.scopes, scope] });
  const last = third === undefined ? [] : [checking.check(third, checking)];
  checkPredicate(node.name, predicate);
  checkOrder(node.name, last);
  return { ...node, args: [list, predicate, ...last], nature: natureOfLoop(node.name, list.nature, bodyOf(predicate)) };
}

function bodyOf(predicate: Node): Nature {
  return predicate.kind === "predicate" ? predicate.body.nature : UNKNOWN;
}

function checkPredicate(name: string, predicate: Node): void {
  const body = bodyOf(predicate);
  if (body.isNil === true) mistyped(predicate.at, `the predicate of ${name}() gives nothing but nil`);
  if (CONDITIONS.has(name) && body.type !== "bool" && !isUnknown(body))
    mistyped(predicate.at, `the predicate of ${name}() must be a condition, not ${typeName(body)}`);
}

function checkOrder(name: string, [order]: readonly Node[]): void {
  if (name === "sortBy" && order !== undefined && order.nature.type !== "string" && !isUnknown(order.nature))
    mistyped(order.at, `sortBy() goes "asc" or "desc", not ${typeName(order.nature)}`);
}

function withoutPredicate(name: string, list: Nature): Nature {
  if (name === "count") return INT;
  return isUnknown(list) ? UNKNOWN : elementOf(list);
}

function natureOfLoop(name: string, list: Nature, body: Nature): Nature {
  switch (name) {
    case "filter":
      return isUnknown(list) ? natureOf("[]any") : listOf(elementOf(list));
    case "map":
      return listOf(body);
    case "find":
    case "findLast":
      return isUnknown(list) ? UNKNOWN : elementOf(list);
    case "count":
    case "findIndex":
    case "findLastIndex":
      return INT;
    case "sum":
      return natureOf(body.type ?? "any");
    case "groupBy":
      return natureOf("map[any][]any");
    case "sortBy":
      return list;
    case "reduce":
      return body;
    default:
      return natureOf("bool");
  }
}
