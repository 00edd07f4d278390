import type { Builtin, Node } from "./ast.ts";
import { checkLoop, isLoop } from "./check-loops.ts";
import { checked, type Checking } from "./checking.ts";
import {
  elementOf,
  isAssignable,
  isDict,
  isInteger,
  isList,
  isUnknown,
  keyType,
  kindOf,
  natureOf,
  typeName,
  UNKNOWN,
  type GoType,
  type Nature,
} from "./nature.ts";
import { ARGO_SIGNATURES, SIGNATURES, type Signature } from "./signatures.ts";
import { mistyped } from "./trouble.ts";
import { VALIDATIONS } from "./validations.ts";

/** A call of one of Argo's functions, or of something that cannot be called. */
export function checkCall(node: Node & { readonly kind: "call" }, checking: Checking): Node {
  const { callee } = node;
  if (callee.kind === "identifier") {
    const ways = checking.variables.some(({ name }) => name === callee.name)
      ? undefined
      : ARGO_SIGNATURES.get(callee.name);
    if (ways !== undefined) {
      const { args, nature } = checkArguments(callee.name, ways, node, checking);
      return { ...node, args, nature };
    }
  }
  const found = checking.check(callee, checking);
  if (!isUnknown(found.nature)) mistyped(node.at, `${typeName(found.nature)} cannot be called`);
  return checked({ ...node, callee: found }, UNKNOWN);
}

export function checkBuiltin(node: Builtin, checking: Checking): Node {
  if (isLoop(node.name)) return checkLoop(node, checking);
  if (node.name === "get") return checkGet(node, checking);
  const ways = SIGNATURES.get(node.name);
  if (ways !== undefined) {
    const { args, nature } = checkArguments(node.name, ways, node, checking);
    return { ...node, args, nature };
  }
  const args = node.args.map((arg) => checking.check(arg, checking));
  const validate = VALIDATIONS.get(node.name);
  if (validate === undefined) return mistyped(node.at, `there is no ${node.name}`);
  const found = validate(args.map(({ nature }) => (isUnknown(nature) ? "any" : nature.type)));
  if (found.kind === "err") return mistyped(node.at, `${node.name}() ${found.error}`);
  return { ...node, args, nature: natureOf(found.value) };
}

type Called = { readonly at: number; readonly args: readonly Node[] };
type Checked = { readonly args: readonly Node[]; readonly nature: Nature };

function checkArguments(
  name: string,
  ways: readonly Signature[],
  { at, args: given }: Called,
  checking: Checking,
): Checked {
  const args = given.map((arg) => checking.check(arg, checking));
  const way = ways.find(({ takes }) => takes.length === args.length && args.every((arg, i) => isTaken(arg, takes[i])));
  if (way === undefined)
    return mistyped(at, `${name}() does not take (${args.map(({ nature }) => typeName(nature)).join(", ")})`);
  const fitted = args.map((arg, i) => (way.takes[i] === "float64" && isInteger(arg.nature) ? floated(arg) : arg));
  return { args: fitted, nature: natureOf(way.gives) };
}

function isTaken({ nature }: Node, type: GoType = "any"): boolean {
  const wanted = natureOf(type);
  if (isInteger(nature) && (type === "float64" || isInteger(wanted))) return true;
  if (nature.isNil === true) return kindOf(type) === "interface";
  return isUnknown(nature) || isAssignable(nature, wanted);
}

/** Whole numbers that are written out become floats where a float is wanted; what is computed stays as it is. */
function floated(node: Node): Node {
  if (node.kind === "int")
    return { kind: "float", at: node.at, value: Number(node.value), nature: natureOf("float64") };
  if (node.kind === "unary") return { ...node, operand: floated(node.operand) };
  if (node.kind === "binary" && ["+", "-", "*"].includes(node.op))
    return { ...node, left: floated(node.left), right: floated(node.right) };
  return node;
}

function checkGet(node: Builtin, checking: Checking): Node {
  const args = node.args.map((arg) => checking.check(arg, checking));
  const [base, key, more] = args;
  if (base === undefined || key === undefined || more !== undefined) return mistyped(node.at, "get() takes two values");
  return { ...node, args, nature: natureOfGet(base, key) };
}

function natureOfGet({ nature: base, at }: Node, { nature: key, at: keyAt }: Node): Nature {
  if (isUnknown(base)) return UNKNOWN;
  if (isList(base))
    return isInteger(key) || isUnknown(key) ? elementOf(base) : mistyped(keyAt, `${typeName(key)} is no index`);
  if (!isDict(base)) return mistyped(at, `get() does not look into ${typeName(base)}`);
  const isKey = isUnknown(key) || isAssignable(key, natureOf(keyType(base.type ?? "any")));
  return isKey ? elementOf(base) : mistyped(keyAt, `${typeName(key)} is no key of ${typeName(base)}`);
}
