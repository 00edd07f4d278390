import type { Node } from "./ast.ts";
import { checkBinary, checkUnary } from "./check-operators.ts";
import { checkMember, checkSlice } from "./check-members.ts";
import { checkBuiltin, checkCall } from "./check-calls.ts";
import { checked, type Checking } from "./checking.ts";
import { ARGO_FUNCTIONS, BUILTINS } from "./names.ts";
import {
  elementOf,
  isAssignable,
  isList,
  isUnknown,
  kindOf,
  listOf,
  NIL,
  natureOf,
  UNKNOWN,
  typeName,
  type Nature,
} from "./nature.ts";
import { mistyped } from "./trouble.ts";

/** The tree with what is known of each node's type, given the type of `result`; throws Stopped where the types do not fit. */
export function check(tree: Node, result: Nature): Node {
  return checkNode(tree, { result, variables: [], scopes: [], check: checkNode });
}

function checkNode(node: Node, checking: Checking): Node {
  switch (node.kind) {
    case "nil":
      return checked(node, NIL);
    case "bool":
    case "int":
    case "string":
      return checked(node, natureOf(node.kind));
    case "float":
      return checked(node, natureOf("float64"));
    case "unary":
      return checkUnary(node, checking);
    case "binary":
      return checkBinary(node, checking);
    case "member":
      return checkMember(node, checking);
    case "slice":
      return checkSlice(node, checking);
    case "call":
      return checkCall(node, checking);
    case "builtin":
      return checkBuiltin(node, checking);
    default:
      return checkStructure(node, checking);
  }
}

function checkStructure(node: Node, checking: Checking): Node {
  switch (node.kind) {
    case "identifier":
      return checked(node, variable(node.name, node.at, checking));
    case "pointer":
      return checked(node, pointer(node.name, node.at, checking));
    case "chain":
    case "predicate":
      return checkWrapper(node, checking);
    case "let":
      return checkLet(node, checking);
    case "sequence": {
      const nodes = node.nodes.map((one) => checkNode(one, checking));
      return { ...node, nodes, nature: nodes.at(-1)?.nature ?? UNKNOWN };
    }
    case "conditional":
      return checkConditional(node, checking);
    case "array":
      return checkArray(node, checking);
    case "map": {
      const pairs = node.pairs.map(({ key, value }) => ({
        key: checkNode(key, checking),
        value: checkNode(value, checking),
      }));
      return { ...node, pairs, nature: natureOf("map[string]any") };
    }
    default:
      return node;
  }
}

function checkWrapper(node: Node & { readonly kind: "chain" | "predicate" }, checking: Checking): Node {
  if (node.kind === "chain") {
    const inner = checkNode(node.inner, checking);
    return { ...node, inner, nature: inner.nature };
  }
  const body = checkNode(node.body, checking);
  return { ...node, body, nature: natureOf("func") };
}

function variable(name: string, at: number, { variables, result }: Checking): Nature {
  const known = variables.findLast((one) => one.name === name);
  if (known !== undefined) return known.nature;
  return name === "result" ? result : mistyped(at, `there is no ${name} here, only result`);
}

function pointer(name: string, at: number, { scopes }: Checking): Nature {
  const scope = scopes.at(-1);
  if (scope === undefined) return mistyped(at, "# stands for an element, and there is no list here");
  if (name !== "") return scope.named.get(name) ?? mistyped(at, `there is no #${name} here`);
  return isUnknown(scope.collection) ? UNKNOWN : elementOf(scope.collection);
}

function checkLet(node: Node & { readonly kind: "let" }, checking: Checking): Node {
  const { name, at } = node;
  const isTaken =
    name === "result" ||
    ARGO_FUNCTIONS.has(name) ||
    BUILTINS.has(name) ||
    checking.variables.some((one) => one.name === name);
  if (isTaken) mistyped(at, `${name} is there already`);
  const value = checkNode(node.value, checking);
  const variables = [...checking.variables, { name, nature: value.nature }];
  const body = checkNode(node.body, { ...checking, variables });
  return { ...node, value, body, nature: body.nature };
}

function checkConditional(node: Node & { readonly kind: "conditional" }, checking: Checking): Node {
  const test = checkNode(node.test, checking);
  if (test.nature.type !== "bool" && !isUnknown(test.nature))
    mistyped(test.at, `a ${typeName(test.nature)} is no condition`);
  const yes = checkNode(node.yes, checking);
  const no = checkNode(node.no, checking);
  return { ...node, test, yes, no, nature: either(yes.nature, no.nature) };
}

function either(yes: Nature, no: Nature): Nature {
  if (yes.isNil === true) return no;
  if (no.isNil === true) return yes;
  if (!isAssignable(yes, no)) return UNKNOWN;
  if (!isList(yes) || !isList(no)) return yes;
  const [one, other] = [elementOf(yes), elementOf(no)];
  return isAssignable(one, other) && isAssignable(other, one) ? yes : natureOf("[]any");
}

function checkArray(node: Node & { readonly kind: "array" }, checking: Checking): Node {
  const items = node.items.map((item) => checkNode(item, checking));
  const kinds = new Set(items.map(({ nature }) => kindOf(nature.type)));
  const nature = kinds.size <= 1 ? listOf(items.at(-1)?.nature ?? UNKNOWN) : natureOf("[]any");
  return { ...node, items, nature };
}
