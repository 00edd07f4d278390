type Argument = "value" | "predicate" | "optional predicate" | "optional value";

/** The built-ins that go through a list with a predicate, and what they take. */
export const PREDICATES: ReadonlyMap<string, readonly Argument[]> = new Map([
  ...["all", "none", "any", "one", "filter", "map", "find", "findIndex", "findLast", "findLastIndex", "groupBy"].map(
    (name): readonly [string, readonly Argument[]] => [name, ["value", "predicate"]],
  ),
  ["count", ["value", "optional predicate"]],
  ["sum", ["value", "optional predicate"]],
  ["sortBy", ["value", "predicate", "optional value"]],
  ["reduce", ["value", "predicate", "optional value"]],
]);

/** What Argo adds to the language. They stand beside `result`, so they cannot be declared again. */
export const ARGO_FUNCTIONS: ReadonlySet<string> = new Set(["asInt", "asFloat", "isNaN", "isInf", "isNil", "default"]);

/** The built-ins that are named in a condition at one's own risk: they are refused when it is read, with the reason. */
export const REFUSED: ReadonlyMap<string, string> = new Map([
  ["now", "what it gives changes between looks, so a verdict could not be read again later"],
  ["date", "dates are not supported"],
  ["duration", "durations are not supported"],
  ["timezone", "dates are not supported"],
]);

const PLAIN = [
  ..."len type abs ceil floor round int float string trim trimPrefix trimSuffix upper lower split splitAfter".split(
    " ",
  ),
  ..."replace repeat join indexOf lastIndexOf hasPrefix hasSuffix max min mean median toJSON fromJSON".split(" "),
  ..."toBase64 fromBase64 now duration date timezone first last get take keys values toPairs fromPairs".split(" "),
  ..."reverse uniq concat flatten sort bitand bitor bitxor bitnand bitshl bitshr bitushr bitnot".split(" "),
];

/** Every built-in of expr-lang/expr v1.17.8. */
export const BUILTINS: ReadonlySet<string> = new Set([...PREDICATES.keys(), ...PLAIN]);
