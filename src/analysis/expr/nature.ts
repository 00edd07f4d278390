/** A type of Go that a value of a condition can have. `any` is Go's interface{}. */
export type GoType =
  | "any"
  | "bool"
  | "int"
  | "int64"
  | "uint8"
  | "float64"
  | "string"
  | "func"
  | ListType
  | DictType
  | "struct"
  | "set";

export type ListType =
  | "[]any"
  | "[]int"
  | "[]float64"
  | "[]string"
  | "[]map[string]any"
  | "[][]any"
  | "[][2]any"
  | "[2]any"
  | "[]struct";
export type DictType = "map[string]any" | "map[any]any" | "map[any][]any";

/** What is known of a type before any value is: the type (undefined: nothing), whether it is nil itself, and what a list holds. */
export type Nature = {
  readonly type: GoType | undefined;
  readonly isNil?: boolean;
  readonly element?: Nature;
};

export const UNKNOWN: Nature = { type: undefined };
export const NIL: Nature = { type: undefined, isNil: true };

/** The nature of every value of a type. */
export function natureOf(type: GoType): Nature {
  return { type };
}

/** A list whose elements are known better than its type tells. */
export function listOf(element: Nature): Nature {
  return { type: "[]any", element };
}

export function isUnknown({ type, isNil = false }: Nature): boolean {
  return (type === undefined && !isNil) || type === "any";
}

export function isInteger({ type }: Nature): boolean {
  return type === "int" || type === "int64" || type === "uint8";
}

export function isNumber(nature: Nature): boolean {
  return isInteger(nature) || nature.type === "float64";
}

export function isList({ type }: Nature): boolean {
  return type !== undefined && isListType(type);
}

export function isDict({ type }: Nature): boolean {
  return type !== undefined && (isDictType(type) || type === "set");
}

export function isListType(type: GoType): type is ListType {
  return type.startsWith("[");
}

export function isDictType(type: GoType): type is DictType {
  return type.startsWith("map[");
}

/** What an element of a list or a map is. */
export function elementOf({ type, element }: Nature): Nature {
  if (element !== undefined) return element;
  return type === undefined ? UNKNOWN : natureOf(elementType(type));
}

const ELEMENTS: Readonly<Partial<Record<GoType, GoType>>> = {
  "[]int": "int",
  "[]float64": "float64",
  "[]string": "string",
  "[]map[string]any": "map[string]any",
  "[][]any": "[]any",
  "[][2]any": "[2]any",
  "[]struct": "struct",
  "map[any][]any": "[]any",
};

/** The type of what a list or a map holds. */
export function elementType(type: GoType): GoType {
  return ELEMENTS[type] ?? "any";
}

/** The type of a map's keys. */
export function keyType(type: GoType): GoType {
  return type === "map[string]any" ? "string" : "any";
}

/** Go's kind of a type, as far as kinds are told apart here; a type that is not known has the kind "invalid". */
export function kindOf(type: GoType | undefined): string {
  if (type === undefined) return "invalid";
  if (type === "any") return "interface";
  if (type === "[2]any") return "array";
  if (isListType(type)) return "slice";
  return isDictType(type) || type === "set" ? "map" : type;
}

/** Whether Go lets a value of the first be assigned to the second. Types that are not known never are. */
export function isAssignable(from: Nature, to: Nature): boolean {
  if (from.isNil === true && ["interface", "map", "slice", "func"].includes(kindOf(to.type))) return true;
  if (from.type === undefined || to.type === undefined) return false;
  return from.type === to.type || to.type === "any";
}

/** Whether == may compare the two. */
export function isComparable(left: Nature, right: Nature): boolean {
  return (
    isUnknown(left) ||
    isUnknown(right) ||
    left.isNil === true ||
    right.isNil === true ||
    (isNumber(left) && isNumber(right)) ||
    (isList(left) && isList(right)) ||
    isAssignable(left, right)
  );
}

/** How a type is called in a message. */
export function typeName({ type, isNil = false }: Nature): string {
  return isNil ? "nil" : (type ?? "unknown");
}
