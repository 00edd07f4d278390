import { fetch, isIn, isInSet, slice } from "./access.ts";
import { calculate, negated, wholeNumber } from "./arithmetic.ts";
import type { Binary, Builtin, Node } from "./ast.ts";
import { equal, ordered } from "./compare.ts";
import { LIST_FUNCTIONS } from "./functions-lists.ts";
import { asInt, float, isFloat, NUMBER_FUNCTIONS } from "./functions-numbers.ts";
import { concatenated, TEXT_FUNCTIONS } from "./functions-text.ts";
import { gather, grow, machine, spend, type Machine } from "./machine.ts";
import { compilePattern, matches } from "../pattern/pattern.ts";
import { runLoop } from "./run-loops.ts";
import { cannot, unsupported } from "./trouble.ts";
import { asBool, asString, costOf, dict, isNil, list, typeText, type Value } from "./value.ts";

/** The value of a checked and optimized tree. Throws Stopped. */
export function run(tree: Node, result: Value): Value {
  return evaluate(tree, machine(result));
}

function evaluate(node: Node, running: Machine): Value {
  spend(running, 1);
  switch (node.kind) {
    case "nil":
      return undefined;
    case "bool":
    case "int":
    case "float":
    case "string":
      return node.value;
    case "literals":
      return list(node.values);
    case "identifier":
      return node.name === "result" ? running.result : running.variables.get(node.name);
    case "pointer":
      return pointer(node.name, running);
    case "unary":
      return unary(node.op, evaluate(node.operand, running));
    case "binary":
      return binary(node, running);
    case "builtin":
      return builtin(node, running);
    default:
      return structure(node, running);
  }
}

function evaluateAll(nodes: readonly Node[], running: Machine): readonly Value[] {
  return gather(running, nodes, (node) => evaluate(node, running));
}

function structure(node: Node, running: Machine): Value {
  switch (node.kind) {
    case "member":
    case "call":
    case "chain":
      return endOfChain(node, running);
    case "slice":
      return sliced(node, running);
    case "let":
      running.variables.set(node.name, evaluate(node.value, running));
      return evaluate(node.body, running);
    case "sequence":
      return node.nodes.map((one) => evaluate(one, running)).at(-1);
    case "conditional":
      return evaluate(asBool(evaluate(node.test, running)) ? node.yes : node.no, running);
    case "array":
      return array(node.items, running);
    case "map": {
      const nodes = node.pairs.flatMap(({ key, value }) => [key, value]);
      const values = evaluateAll(nodes, running);
      grow(running, node.pairs.length);
      return dict(node.pairs.map((_, index) => [asString(values[2 * index]), values[2 * index + 1]] as const));
    }
    case "predicate":
      return evaluate(node.body, running);
    default:
      return unsupported(`${node.kind} is not supported here`, node.at);
  }
}

function array(nodes: readonly Node[], running: Machine): Value {
  const items = evaluateAll(nodes, running);
  grow(running, items.length);
  return list(items);
}

function pointer(name: string, { loops }: Machine): Value {
  const loop = loops.at(-1) ?? cannot("# stands for an element, and there is no list here");
  if (name === "index") return BigInt(loop.index);
  return name === "acc" ? loop.acc : loop.item(loop.index);
}

function unary(op: string, value: Value): Value {
  if (op === "not" || op === "!") return !asBool(value);
  return op === "-" ? negated(value) : value;
}

/** Where a chain with ?. meets nil, it ends there and then. */
type Ended = { readonly value: Value; readonly isEnded: boolean };

function endOfChain(node: Node, running: Machine): Value {
  const { value } = chain(node.kind === "chain" ? node.inner : node, running);
  return node.kind === "chain" && isNil(value) ? undefined : value;
}

function chain(node: Node, running: Machine): Ended {
  if (node.kind === "call") return called(node, running);
  if (node.kind !== "member") return { value: evaluate(node, running), isEnded: false };
  const found = chain(node.base, running);
  if (found.isEnded || (node.optional && isNil(found.value))) return { value: found.value, isEnded: true };
  running.stack.push(found.value);
  const property = evaluate(node.property, running);
  return { value: fetch(running.stack.pop(), property), isEnded: false };
}

function called({ callee, args }: Node & { readonly kind: "call" }, running: Machine): Ended {
  const values = evaluateAll(args, running);
  if (callee.kind === "identifier") return { value: argoFunction(callee.name, values, running), isEnded: false };
  const found = chain(callee, running);
  return found.isEnded ? found : cannot(`${typeText(found.value)} cannot be called`);
}

function argoFunction(name: string, [value, other]: readonly Value[], { result }: Machine): Value {
  switch (name) {
    case "asInt":
      return asInt(value);
    case "asFloat":
      return float("asFloat", value);
    case "isNaN":
      return isFloat(value, Number.isNaN);
    case "isInf":
      return isFloat(value, (one) => one === Number.POSITIVE_INFINITY || one === Number.NEGATIVE_INFINITY);
    // These two look at the whole result, whatever they are given.
    case "isNil":
      return isNil(result);
    case "default":
      return isNil(result) ? other : result;
    default:
      return cannot(`${name} cannot be called`);
  }
}

function builtin(node: Builtin, running: Machine): Value {
  const looped = runLoop(node, running, evaluate);
  if (looped !== undefined) return looped.value;
  const { name, args: nodes } = node;
  const args = evaluateAll(nodes, running);
  spend(
    running,
    args.reduce((sum: number, arg) => sum + costOf(arg), 0),
  );
  const work = LIST_FUNCTIONS.get(name) ?? TEXT_FUNCTIONS.get(name) ?? NUMBER_FUNCTIONS.get(name);
  return work === undefined ? unsupported(`${name}() is not supported`) : work(args, running);
}

function sliced({ base, from, to }: Node & { readonly kind: "slice" }, running: Machine): Value {
  const nodes = [base, to, from].filter((one) => one !== undefined);
  const [whole, first, second] = evaluateAll(nodes, running);
  const start = to === undefined ? first : second;
  return slice(whole, from === undefined ? 0n : start, to === undefined ? undefined : { value: first });
}

function binary(node: Binary, running: Machine): Value {
  const left = evaluate(node.left, running);
  switch (node.op) {
    case "and":
    case "&&":
      return asBool(left) ? evaluate(node.right, running) : left;
    case "or":
    case "||":
      return asBool(left) ? left : evaluate(node.right, running);
    case "??":
      return isNil(left) ? evaluate(node.right, running) : left;
    case "in":
      if (node.right.kind === "set") return isInSet(left, node.right.values, node.right.of);
      break;
    default:
  }
  running.stack.push(left);
  const right = evaluate(node.right, running);
  const operands = { left: running.stack.pop(), right };
  spend(running, Math.min(costOf(operands.left), costOf(right)));
  return operation(node, operands, running);
}

type Operands = { readonly left: Value; readonly right: Value };

function operation(node: Binary, { left, right }: Operands, running: Machine): Value {
  switch (node.op) {
    case "==":
      return sameAs(node, left, right);
    case "!=":
      return !sameAs(node, left, right);
    case "<":
    case ">":
    case "<=":
    case ">=":
      return ordered(left, right, node.op);
    case "in":
      spend(running, costOf(right));
      return isIn(left, right);
    case "..":
      return range(wholeNumber(left), wholeNumber(right), running);
    case "matches":
    case "contains":
    case "startsWith":
    case "endsWith":
      return !isNil(left) && !isNil(right) && textual(node.op, { left, right }, running);
    default:
      return typeof left === "string" && typeof right === "string" && node.op === "+"
        ? concatenated(left, right)
        : calculate(node.op, left, right);
  }
}

// Where both types are known to be int or string, the values must be: a type that is known may still be wrong.
function sameAs({ left: one, right: other }: Binary, left: Value, right: Value): boolean {
  const type = one.nature.type === other.nature.type ? one.nature.type : undefined;
  if (type === "int" && (typeof left !== "bigint" || typeof right !== "bigint")) return cannot("an int is wanted");
  if (type === "string") return asString(left) === asString(right);
  return equal(left, right);
}

function textual(op: string, operands: Operands, running: Machine): boolean {
  const [text, part] = [asString(operands.left), asString(operands.right)];
  switch (op) {
    case "contains":
      return text.includes(part);
    case "startsWith":
      return text.startsWith(part);
    case "endsWith":
      return text.endsWith(part);
    default:
      return isMatch(text, part, running);
  }
}

function isMatch(text: string, bytes: string, running: Machine): boolean {
  const pattern = compilePattern(bytes);
  if (pattern.kind === "err")
    return pattern.error.kind === "invalid" ? cannot(pattern.error.message) : unsupported(pattern.error.message);
  spend(running, text.length * pattern.value.instructions.length);
  return matches(pattern.value, text);
}

function range(from: bigint, to: bigint, running: Machine): Value {
  const size = BigInt.asIntN(64, to - from + 1n);
  const count = size <= 0n ? 0 : Number(size);
  grow(running, count);
  return list(
    Array.from({ length: count }, (_, index) => from + BigInt(index)),
    "[]int",
  );
}
