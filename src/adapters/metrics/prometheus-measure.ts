import { read, unavailable, type Reading } from "../../core/reading.ts";
import type { GoResult, Measure, PromQuery } from "../../ports/measure.ts";
import { itemsOf, within } from "./json.ts";
import { askJson, unreadable, type Connection } from "./providers/source.ts";

/** Values as Argo's Prometheus provider gives them: a scalar is a number, a vector or a matrix a list of numbers without labels; NaN is one. */
export function prometheusMeasure(connection: Connection): Measure<PromQuery> {
  return async ({ query, stepMs }, { from, to }) => {
    const seconds = (ms: number): string => String(ms / 1000);
    const [endpoint, times] =
      stepMs === undefined
        ? ["query", { time: seconds(to) }]
        : ["query_range", { start: seconds(from), end: seconds(to), step: seconds(stepMs) }];
    const form = new URLSearchParams({ query, ...times }).toString();
    const found = await askJson(connection, { path: `api/v1/${endpoint}?${form}` });
    return found.kind === "unavailable" ? found : resultOf(found.value, connection);
  };
}

function resultOf(json: unknown, connection: Connection): Reading<GoResult> {
  if (itemsOf(within(json, "warnings") ?? [])?.length !== 0)
    return unavailable(`${connection.bounds.called} answered with warnings: the data may be partial.`);
  const type = within(json, "data", "resultType");
  const values = within(json, "status") === "success" ? valuesOf(json, type) : undefined;
  if (values === undefined) return unreadable(connection);
  const [first] = values;
  if (type !== "scalar") return read({ goType: "[]float64", value: values });
  return first === undefined ? unreadable(connection) : read({ goType: "float64", value: first });
}

/** Every number in its order; undefined where one is none. */
function valuesOf(json: unknown, type: unknown): readonly number[] | undefined {
  const result = itemsOf(within(json, "data", "result"));
  const numbers = result && numbersOf(type, result);
  const known = numbers?.filter((one) => one !== undefined);
  return known?.length === numbers?.length ? known : undefined;
}

function numbersOf(type: unknown, result: readonly unknown[]): readonly (number | undefined)[] | undefined {
  const ofSeries = (key: string): readonly unknown[] => result.map((series) => within(series, key));
  switch (type) {
    case "scalar":
      return [numberOf(result)];
    case "vector":
      return ofSeries("value").map(numberOf);
    case "matrix":
      return ofSeries("values").flatMap((values) => itemsOf(values)?.map(numberOf) ?? [undefined]);
    default:
      return undefined;
  }
}

const SPELT: Readonly<Record<string, number>> = { NaN: Number.NaN, "+Inf": Infinity, "-Inf": -Infinity };

/** The number of a sample, which is a time and a text. */
function numberOf(sample: unknown): number | undefined {
  const [, text, ...rest] = itemsOf(sample) ?? [];
  if (typeof text !== "string" || rest.length > 0) return undefined;
  const value = SPELT[text] ?? (/^[-+]?[0-9.]+(?:e[-+]?\d+)?$/i.test(text) ? Number(text) : Number.NaN);
  return Number.isNaN(value) && text !== "NaN" ? undefined : value;
}
