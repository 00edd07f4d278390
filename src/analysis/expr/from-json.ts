import { bytesOf, textOf } from "./bytes.ts";
import { cannot, unsupported } from "./trouble.ts";
import { dict, list, type Value } from "./value.ts";

const MOST_DEPTH = 500;

/** fromJSON(): every number is a float. */
export function fromJson(bytes: string): Value {
  return valueOfJson(parsedJson(textOf(bytes)));
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return cannot("this is no JSON");
  }
}

/** What Go's decoder makes of JSON that is parsed already. Throws Stopped for numbers that are too large. */
export function valueOfJson(json: unknown, depth = 0): Value {
  if (depth > MOST_DEPTH) return unsupported(`JSON that is nested deeper than ${MOST_DEPTH} is not supported`);
  if (json === null || json === undefined) return undefined;
  if (typeof json === "boolean") return json;
  if (typeof json === "number") return Number.isFinite(json) ? json : cannot("a number in JSON is too large");
  if (typeof json === "string") return bytesOf(json);
  if (Array.isArray(json)) return list(json.map((item) => valueOfJson(item, depth + 1)));
  return dict(Object.entries(json).map(([key, value]) => [bytesOf(key), valueOfJson(value, depth + 1)] as const));
}
