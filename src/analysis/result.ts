import { err, ok, type Result } from "../core/result.ts";
import { bytesOf } from "./expr/bytes.ts";
import { valueOfJson } from "./expr/from-json.ts";
import type { ListType } from "./expr/nature.ts";
import { cannot, Stopped } from "./expr/trouble.ts";
import { dict, isDict, isList, list, type Value } from "./expr/value.ts";

/** What a provider answered, as Argo hands it to a condition (by the Go type that Argo's own provider has). */
export type Answer = Value;

/** One number: a scalar of Prometheus, Datadog or Wavefront. */
export function numberResult(value: number): Answer {
  return value;
}

/** A vector or matrix of Prometheus, a grouped query of Datadog: []float64. */
export function numbersResult(values: readonly number[]): Answer {
  return list(values, "[]float64");
}

/** JSON, as the web provider finds it by a JSONPath. Throws Stopped for what Go could not hold. */
export function jsonResult(json: unknown): Answer {
  return valueOfJson(json);
}

/** A body that is no JSON. */
export function textResult(text: string): Answer {
  return bytesOf(text);
}

/** The results of CloudWatch, by their values. */
export function cloudWatchResult(results: readonly (readonly number[])[]): Answer {
  return list(
    results.map((values) => ({ kind: "struct", values: list(values, "[]float64") })),
    "[]struct",
  );
}

const FLOATS: ReadonlyMap<unknown, number> = new Map([
  ["NaN", Number.NaN],
  ["+Inf", Number.POSITIVE_INFINITY],
  ["Inf", Number.POSITIVE_INFINITY],
  ["-Inf", Number.NEGATIVE_INFINITY],
]);

/** An answer as people write it: JSON with a Go type; NaN and infinities are `{"$float": "NaN"}` within JSON. */
export function answerOf(text: string, type: string): Result<Answer, string> {
  const bare = FLOATS.get(text);
  if (bare !== undefined) return answerOfJson(bare, type === "json" ? "float64" : type);
  try {
    const json: unknown = JSON.parse(text);
    return answerOfJson(json, type === "json" ? "" : type);
  } catch {
    return err(`${text} is no JSON.`);
  }
}

/** An answer that is parsed already, by the name of its Go type ("": as JSON is decoded); the inverse of how records of Argo's answers are written. */
export function answerOfJson(json: unknown, type: string): Result<Answer, string> {
  const read = READERS.get(type);
  if (read === undefined)
    return err(`There is no type ${type} here: there are ${[...READERS.keys()].filter(Boolean).join(", ")}.`);
  try {
    return ok(read(json));
  } catch (error) {
    if (error instanceof Stopped) return err(error.message);
    throw error;
  }
}

function misfit(type: string): never {
  return cannot(`this is no ${type}`);
}

const READERS: ReadonlyMap<string, (json: unknown) => Answer> = new Map<string, (json: unknown) => Answer>([
  ["", jsonResult],
  ["nil", () => undefined],
  ["bool", (json) => (typeof json === "boolean" ? json : misfit("bool"))],
  ["string", stringOf],
  ["int", intOf],
  ["float64", floatOf],
  ["*float64", maybeFloatOf],
  ["*float64(nil)", () => undefined],
  ["[]float64(nil)", () => undefined],
  ["[]string(nil)", () => undefined],
  ["[]float64", (json) => listFrom(json, floatOf, "[]float64")],
  ["[]string", (json) => listFrom(json, stringOf, "[]string")],
  ["[]int", (json) => listFrom(json, intOf, "[]int")],
  ["[]any", (json) => listFrom(json, jsonResult, "[]any")],
  ["any", jsonResult],
  ["map[string]any", jsonResult],
  ["map[string]any(int)", withInts],
  ["[]map[string]any", (json) => listFrom(json, jsonResult, "[]map[string]any")],
  ["[]MetricDataResult", (json) => cloudWatchResult(Array.isArray(json) ? json.map(valuesIn) : [])],
  ["[]cloudwatchtypes.MetricDataResult", (json) => cloudWatchResult(Array.isArray(json) ? json.map(valuesIn) : [])],
]);

/** null is Argo's nil pointer. */
function maybeFloatOf(json: unknown): Answer {
  return json === null ? undefined : floatOf(json);
}

function floatOf(json: unknown): Answer {
  if (typeof json === "number") return json;
  const special = typeof json === "object" && json !== null && "$float" in json ? FLOATS.get(json.$float) : undefined;
  return special ?? misfit("float64");
}

function stringOf(json: unknown): Answer {
  return typeof json === "string" ? textResult(json) : misfit("string");
}

function intOf(json: unknown): Answer {
  return Number.isSafeInteger(json) ? BigInt(Number(json)) : misfit("int");
}

function listFrom(json: unknown, read: (item: unknown) => Answer, type: ListType): Answer {
  return Array.isArray(json) ? list(json.map(read), type) : misfit(type);
}

/** New Relic's client counts in ints. */
function withInts(json: unknown): Answer {
  if (typeof json !== "object" || json === null) return misfit("map[string]any");
  const ints = Object.entries(json).map(([key, value]: [string, unknown]): readonly [string, Answer] => [
    bytesOf(key),
    Number.isInteger(value) ? BigInt(Number(value)) : jsonResult(value),
  ]);
  return dict(ints);
}

function valuesIn(json: unknown): readonly number[] {
  const values: unknown = typeof json === "object" && json !== null && "Values" in json ? json.Values : [];
  return Array.isArray(values) ? values.filter((value) => typeof value === "number") : [];
}

/** What an answer is worth as evidence. Argo passes on several that are worth nothing. */
export type Evidence = "data" | "nil" | "empty" | "nan" | "infinite";

const WORST: readonly Evidence[] = ["nil", "empty", "nan", "infinite"];

/** The worst that an answer holds anywhere: nothing, an empty list, NaN or an infinity. */
export function evidenceIn(answer: Answer): Evidence {
  if (answer === undefined) return "nil";
  if (typeof answer === "number") return ofNumber(answer);
  if (isList(answer)) return answer.items.length === 0 ? "empty" : worstOf(answer.items);
  if (isDict(answer)) {
    const held = [...answer.entries.values()].flatMap(({ value }) => (value === undefined ? [] : [value]));
    return answer.entries.size === 0 ? "empty" : worstOf(held);
  }
  if (typeof answer === "object" && answer.kind === "struct") return evidenceIn(answer.values);
  return answer === "" ? "empty" : "data";
}

function ofNumber(value: number): Evidence {
  if (Number.isNaN(value)) return "nan";
  return Number.isFinite(value) ? "data" : "infinite";
}

function worstOf(answers: readonly Answer[]): Evidence {
  const found = new Set(answers.map(evidenceIn));
  return WORST.find((one) => found.has(one)) ?? "data";
}
