import type { GoType } from "./nature.ts";

/** What a function takes and gives, as Go declares it. */
export type Signature = { readonly takes: readonly GoType[]; readonly gives: GoType };

/** "string,int>bool", one per way to call it. */
function ways(...texts: readonly string[]): readonly Signature[] {
  return texts.map((text) => {
    const [takes = "", gives = "any"] = text.split(">");
    return { takes: takes.split(",").map(goType), gives: goType(gives) };
  });
}

const TYPES: readonly GoType[] = ["any", "bool", "int", "int64", "float64", "string"];
const LISTS: readonly GoType[] = ["[]any", "[]int", "[]float64", "[]string"];

function goType(text: string): GoType {
  const found = [...TYPES, ...LISTS].find((type) => type === text);
  if (found === undefined) throw new Error(`No type ${text} is declared.`);
  return found;
}

/** The functions that Argo adds. */
export const ARGO_SIGNATURES: ReadonlyMap<string, readonly Signature[]> = new Map([
  ["asInt", ways("any>int64")],
  ["asFloat", ways("any>float64")],
  ["isNaN", ways("float64>bool")],
  ["isInf", ways("float64>bool")],
  ["isNil", ways("any>bool")],
  ["default", ways("any,any>any")],
]);

const BITS = ["bitand", "bitor", "bitxor", "bitnand", "bitshl", "bitshr", "bitushr"];

/** The built-ins whose types are declared; the first way that fits counts. */
export const SIGNATURES: ReadonlyMap<string, readonly Signature[]> = new Map([
  ["type", ways("any>string")],
  ["string", ways("any>string")],
  ["trim", ways("string>string", "string,string>string")],
  ["trimPrefix", ways("string,string>string", "string>string")],
  ["trimSuffix", ways("string,string>string", "string>string")],
  ["upper", ways("string>string")],
  ["lower", ways("string>string")],
  ["split", ways("string,string>[]string", "string,string,int>[]string")],
  ["splitAfter", ways("string,string>[]string", "string,string,int>[]string")],
  ["replace", ways("string,string,string,int>string", "string,string,string>string")],
  ["repeat", ways("string,int>string")],
  [
    "join",
    ways("[]string,string>string", "[]any,string>string", "[]any>string", "[]string,string>string", "[]string>string"),
  ],
  ["indexOf", ways("string,string>int")],
  ["lastIndexOf", ways("string,string>int")],
  ["hasPrefix", ways("string,string>bool")],
  ["hasSuffix", ways("string,string>bool")],
  ["toJSON", ways("any>string")],
  ["fromJSON", ways("string>any")],
  ["toBase64", ways("string>string")],
  ["fromBase64", ways("string>string")],
  ["sort", ways(...LISTS.map((list) => `${list},string>[]any`), ...LISTS.map((list) => `${list}>[]any`))],
  ...BITS.map((name): [string, readonly Signature[]] => [name, ways("int,int>int")]),
  ["bitnot", ways("int>int")],
]);
