import { err, ok, type Result } from "../../core/result.ts";
import { elementType, kindOf, type GoType } from "./nature.ts";

/** What a built-in gives for arguments of these types (undefined: nil), or what is wrong with them. */
type Validation = (args: readonly (GoType | undefined)[]) => Result<GoType, string>;

const NUMBERS = ["int", "int64", "uint8", "float64"];
const LISTS = ["slice", "array"];

function one(kinds: readonly string[], gives: (type: GoType) => GoType): Validation {
  return (args) => {
    const [type] = args;
    if (args.length !== 1) return err(`takes one value, not ${args.length}`);
    const isRight = type !== undefined && ["interface", ...kinds].includes(kindOf(type));
    return isRight ? ok(gives(type)) : err(`does not take ${type ?? "nil"}`);
  };
}

function always(type: GoType): () => GoType {
  return () => type;
}

/** As soon as a list, or something unknown, is among the arguments, what follows is not looked at. */
function aggregate(args: readonly (GoType | undefined)[]): Result<GoType, string> {
  const [first] = args;
  if (first === undefined && args.length === 0) return err("takes at least one value");
  for (const type of args) {
    const kind = kindOf(type);
    if (["interface", ...LISTS].includes(kind)) return ok("any");
    if (!NUMBERS.includes(kind)) return err(`does not take ${type ?? "nil"}`);
  }
  return ok(first ?? "any");
}

function concat(args: readonly (GoType | undefined)[]): Result<GoType, string> {
  const wrong = args.find((type) => !["interface", ...LISTS].includes(kindOf(type)));
  if (args.length === 0) return err("takes at least one list");
  const isRight = args.every((type) => ["interface", ...LISTS].includes(kindOf(type)));
  return isRight ? ok("[]any") : err(`does not take ${wrong ?? "nil"}`);
}

function takeSome(args: readonly (GoType | undefined)[]): Result<GoType, string> {
  const [list, count] = args;
  if (args.length !== 2) return err(`takes a list and a number, not ${args.length} values`);
  const isRight =
    ["interface", ...LISTS].includes(kindOf(list)) && ["interface", "int", "int64"].includes(kindOf(count));
  return isRight ? ok(list ?? "any") : err(`does not take ${list ?? "nil"} and ${count ?? "nil"}`);
}

function first(type: GoType): GoType {
  return type === "any" ? "any" : elementType(type);
}

/** The built-ins that look at the types of their arguments themselves. */
export const VALIDATIONS: ReadonlyMap<string, Validation> = new Map<string, Validation>([
  ["len", one([...LISTS, "map", "string"], always("int"))],
  ["abs", one(NUMBERS, (type) => type)],
  ["ceil", one(NUMBERS, always("float64"))],
  ["floor", one(NUMBERS, always("float64"))],
  ["round", one(NUMBERS, always("float64"))],
  ["int", one([...NUMBERS, "string"], always("int"))],
  ["float", one([...NUMBERS, "string"], always("float64"))],
  ["max", aggregate],
  ["min", aggregate],
  ["mean", aggregate],
  ["median", aggregate],
  ["first", one(LISTS, first)],
  ["last", one(LISTS, first)],
  ["take", takeSome],
  ["keys", one(["map"], always("[]any"))],
  ["values", one(["map"], always("[]any"))],
  ["toPairs", one(["map"], always("[]any"))],
  ["fromPairs", one(LISTS, always("map[any]any"))],
  ["reverse", one(LISTS, always("[]any"))],
  ["uniq", one(LISTS, always("[]any"))],
  ["concat", concat],
  ["flatten", one(LISTS, always("[]any"))],
]);
