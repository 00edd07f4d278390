import { bytesOf } from "./expr/bytes.ts";
import { valueOfJson } from "./expr/from-json.ts";
import type { ListType } from "./expr/nature.ts";
import { isDict, isList, list, type Value } from "./expr/value.ts";

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

/** Rows with names, as New Relic and SkyWalking give several of them. */
export function rowsResult(rows: readonly Answer[]): Answer {
  return list(rows, "[]map[string]any");
}

/** The results of CloudWatch, by their values. */
export function cloudWatchResult(results: readonly (readonly number[])[]): Answer {
  return list(
    results.map((values) => ({ kind: "struct", values: list(values, "[]float64") })),
    "[]struct",
  );
}

/** A list of one of Go's types. */
export function typedResult(values: readonly Answer[], type: ListType): Answer {
  return list(values, type);
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
