import type { Member, Node } from "./ast.ts";
import { textOf } from "./bytes.ts";
import { checked, type Checking } from "./checking.ts";
import {
  elementOf,
  isAssignable,
  isDict,
  isInteger,
  isList,
  isUnknown,
  keyType,
  natureOf,
  typeName,
  UNKNOWN,
  type Nature,
} from "./nature.ts";
import { mistyped, unsupported } from "./trouble.ts";

export function checkMember(node: Member, checking: Checking): Node {
  const base = checking.check(node.base, checking);
  const property = checking.check(node.property, checking);
  return checked({ ...node, base, property }, natureOfMember(base.nature, property));
}

function natureOfMember(base: Nature, property: Node): Nature {
  if (isUnknown(base)) return UNKNOWN;
  const index = property.nature;
  if (isDict(base)) {
    if (!isUnknown(index) && !isAssignable(index, natureOf(keyType(base.type ?? "any"))))
      mistyped(property.at, `a ${typeName(index)} is no key of ${typeName(base)}`);
    return elementOf(base);
  }
  if (isList(base)) {
    if (!isInteger(index) && !isUnknown(index))
      mistyped(property.at, `${typeName(base)} has elements by whole numbers, not by ${typeName(index)}`);
    return elementOf(base);
  }
  if (base.type === "struct" && property.kind === "string") return field(property.value, property.at);
  return mistyped(property.at, `${typeName(base)} has nothing inside`);
}

// Of CloudWatch's results: everything else in it is a pointer or a time.
function field(name: string, at: number): Nature {
  if (name === "Values") return natureOf("[]float64");
  return unsupported(`.${textOf(name)} of a CloudWatch result is not supported, only .Values`, at);
}

export function checkSlice(node: Node & { readonly kind: "slice" }, checking: Checking): Node {
  const base = checking.check(node.base, checking);
  // What is sliced out of something unknown is not looked at before it runs.
  if (isUnknown(base.nature)) return { ...node, base, nature: UNKNOWN };
  if (base.nature.type !== "string" && !isList(base.nature))
    mistyped(node.at, `${typeName(base.nature)} cannot be sliced`);
  const from = bound(node.from, checking);
  const to = bound(node.to, checking);
  return { ...node, base, from, to, nature: base.nature };
}

function bound(node: Node | undefined, checking: Checking): Node | undefined {
  if (node === undefined) return undefined;
  const found = checking.check(node, checking);
  if (!isInteger(found.nature) && !isUnknown(found.nature))
    mistyped(found.at, `a slice goes by whole numbers, not by ${typeName(found.nature)}`);
  return found;
}
