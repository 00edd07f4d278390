import { filled } from "../../../core/placeholders.ts";
import { read, unavailable, type Reading } from "../../../core/reading.ts";
import type { DatadogQuery, GoResult, Measure } from "../../../ports/measure.ts";
import { fieldsOf, itemsOf, within, type Fields } from "../json.ts";
import { perWindow, type Point } from "./points.ts";
import { askJson, together, unreadable } from "./source.ts";
import type { Connection, CountingProvider, CountQuery, WindowCounts, Windows } from "./source.ts";

/** Datadog's metrics, by version 2 of its API, or 1 where a key may only do that. */
export const datadog: CountingProvider = {
  called: "Datadog",
  mostWindows: 1_000,
  form: {
    url: "https://api.datadoghq.com",
    settleMs: 60_000,
    secrets: { apiKey: "needed", applicationKey: "needed" },
    options: {
      api: { otherwise: "v2", fault: (text) => (text === "v1" || text === "v2" ? undefined : "must be v1 or v2") },
    },
    counts: {
      fault: (text) =>
        text.includes(".as_count()") ? undefined : "must end in .as_count(): Datadog gives rates without it",
    },
    arms: "counts",
  },
  connect: (connection) => ({
    counts: (queries, windows) =>
      connection.options["api"] === "v1"
        ? countsByV1(queries, windows, connection)
        : countsByV2(queries, windows, connection),
    probe: async () => {
      const found = await askDatadog(connection, { path: "api/v1/validate" });
      if (found.kind === "unavailable") return found;
      return fieldsOf(found.value)?.["valid"] === true ? read("answers") : unreadable(connection);
    },
  }),
};

/** Values as Argo's Datadog provider gives them: of version 1 the last point of the first series, of version 2 a scalar, or a list where it is grouped. */
export function datadogMeasure(connection: Connection): Measure<DatadogQuery> {
  return async (query, { from, to }) => {
    if (query.version === "v1") {
      const series = await seriesOfV1(query.query, { from, to }, connection);
      if (series.kind === "unavailable") return series;
      const last = series.value[0]?.points.at(-1);
      return read(last === undefined ? NOTHING : { goType: "float64", value: last.value });
    }
    const { queries, formula, aggregator = "last" } = query;
    const attributes = {
      from,
      to,
      queries: Object.entries(queries).map(([name, text]) => ({
        aggregator,
        data_source: "metrics",
        name,
        query: text,
      })),
      formulas: formula === undefined ? [] : [{ formula }],
    };
    const body = { data: { type: "scalar_request", attributes } };
    const found = await askDatadog(connection, { path: "api/v2/query/scalar", method: "POST", body });
    return found.kind === "unavailable" ? found : scalarsOf(found.value, connection);
  };
}

const NOTHING: GoResult = { goType: "*float64", value: null };

function askDatadog(connection: Connection, request: Parameters<typeof askJson>[1]): Promise<Reading<unknown>> {
  const { apiKey = "", applicationKey = "" } = connection.secrets;
  const headers = { "DD-API-KEY": apiKey, "DD-APPLICATION-KEY": applicationKey };
  return askJson(connection, { ...request, headers });
}

async function countsByV2(
  queries: readonly CountQuery[],
  windows: Windows,
  connection: Connection,
): Promise<Reading<readonly WindowCounts[]>> {
  const { from, to, windowMs } = windows;
  const attributes = {
    from,
    to,
    interval: windowMs,
    queries: queries.map(({ text, names }, index) => ({
      data_source: "metrics",
      name: `q${index}`,
      query: filled(text, names),
    })),
    formulas: queries.map((_, index) => ({ formula: `q${index}` })),
  };
  const body = { data: { type: "timeseries_request", attributes } };
  const found = await askDatadog(connection, { path: "api/v2/query/timeseries", method: "POST", body });
  if (found.kind === "unavailable") return found;
  const answer = seriesOfV2(found.value);
  if (answer === undefined) return unreadable(connection);
  // One time of a span of several windows does not tell how long it lasts.
  const stepMs = answer.stepMs ?? (to - from === windowMs ? windowMs : undefined);
  return together(
    queries.map((_, index) => {
      const [first, second] = answer.series.filter(({ query }) => query === index);
      return second === undefined
        ? perWindow(first?.points ?? [], { ...windows, stepMs }, "Datadog")
        : unavailable(GROUPED);
    }),
  );
}

const GROUPED = "Datadog answered with several series to one query: a query for a count is not grouped.";

type SeriesOfV2 = {
  readonly series: readonly { readonly query: unknown; readonly points: readonly Point[] }[];
  /** The least distance between two times, which all series share; undefined where there is but one. */
  readonly stepMs: number | undefined;
};

/** The series of every query; undefined where the answer is not in its documented form, or says that there were errors. */
function seriesOfV2(json: unknown): SeriesOfV2 | undefined {
  if (hasErrors(fieldsOf(json)) || hasErrors(fieldsOf(within(json, "data")))) return undefined;
  const keys = ["times", "series", "values"];
  const [times, series, values] = keys.map((key) => itemsOf(within(json, "data", "attributes", key)));
  if (times === undefined || series === undefined || series.length !== values?.length) return undefined;
  const whole = series.flatMap((one, index) => {
    const points = pointsOf(times, itemsOf(values[index]));
    return points === undefined ? [] : [{ query: fieldsOf(one)?.["query_index"] ?? 0, points }];
  });
  return whole.length === series.length ? { series: whole, stepMs: leastStep(times) } : undefined;
}

function leastStep(times: readonly unknown[]): number | undefined {
  const known = times.filter((time) => typeof time === "number").toSorted((a, b) => a - b);
  const steps = known.slice(1).map((time, index) => time - (known[index] ?? time));
  return steps.length === 0 ? undefined : Math.max(1, Math.min(...steps));
}

function hasErrors(fields: Fields | undefined): boolean {
  const errors = fields?.["errors"];
  return errors !== undefined && errors !== null && errors !== "" && itemsOf(errors)?.length !== 0;
}

function pointsOf(times: readonly unknown[], values: readonly unknown[] | undefined): readonly Point[] | undefined {
  if (values?.length !== times.length) return undefined;
  const points: Point[] = [];
  for (const [index, value] of values.entries()) {
    const at = times[index];
    if (value === null) continue;
    if (typeof at !== "number" || typeof value !== "number") return undefined;
    points.push({ at, value });
  }
  return points;
}

async function countsByV1(
  queries: readonly CountQuery[],
  windows: Windows,
  connection: Connection,
): Promise<Reading<readonly WindowCounts[]>> {
  const seconds = windows.windowMs / 1000;
  if (!Number.isInteger(seconds))
    return unavailable("Datadog counts in whole seconds: another measure.window fits them.");
  const one = async ({ text, names }: CountQuery): Promise<Reading<WindowCounts>> => {
    const query = `${filled(text, names)}.rollup(sum, ${seconds})`;
    const series = await seriesOfV1(query, windows, connection);
    if (series.kind === "unavailable") return series;
    const [first, second] = series.value;
    if (second !== undefined) return unavailable(GROUPED);
    return perWindow(first?.points ?? [], { ...windows, stepMs: first?.stepMs }, "Datadog");
  };
  return together(await Promise.all(queries.map(one)));
}

type SeriesOfV1 = { readonly points: readonly Point[]; readonly stepMs: number | undefined };

async function seriesOfV1(
  query: string,
  { from, to }: { readonly from: number; readonly to: number },
  connection: Connection,
): Promise<Reading<readonly SeriesOfV1[]>> {
  const span = { from: String(Math.floor(from / 1000)), to: String(Math.floor(to / 1000)) };
  const found = await askDatadog(connection, {
    path: `api/v1/query?${new URLSearchParams({ query, ...span }).toString()}`,
  });
  if (found.kind === "unavailable") return found;
  const answer = fieldsOf(found.value);
  const series = itemsOf(answer?.["series"])?.map(oneOfV1);
  // The error of a query that cannot be read comes with status 200.
  if (series === undefined || (answer?.["status"] ?? "ok") !== "ok") return unreadable(connection);
  const whole = series.filter((one) => one !== undefined);
  return whole.length === series.length ? read(whole) : unreadable(connection);
}

function oneOfV1(json: unknown): SeriesOfV1 | undefined {
  const fields = fieldsOf(json);
  const pairs = itemsOf(fields?.["pointlist"])?.map((pair) => itemsOf(pair));
  if (pairs === undefined || pairs.some((pair) => pair?.length !== 2)) return undefined;
  const points = pointsOf(
    pairs.map((pair) => pair?.[0]),
    pairs.map((pair) => pair?.[1]),
  );
  const interval = fields?.["interval"];
  return points && { points, stepMs: typeof interval === "number" ? interval * 1000 : undefined };
}

/** The first column of numbers, without the groups that have none. */
function scalarsOf(json: unknown, connection: Connection): Reading<GoResult> {
  const columns = itemsOf(within(json, "data", "attributes", "columns"));
  if (columns === undefined || hasErrors(fieldsOf(within(json, "data")))) return unreadable(connection);
  const groups = columns.filter((column) => within(column, "type") === "group");
  const numbers = columns.find((column) => NUMBERS.has(within(column, "type")));
  const rows = numbers === undefined ? [] : itemsOf(within(numbers, "values"));
  const known = rows?.flatMap((value, row) => (value === null ? [] : [isNamed(groups, row) ? value : undefined]));
  const values = known?.filter((value) => typeof value === "number");
  if (values === undefined || values.length !== known?.length) return unreadable(connection);
  const [first] = values;
  if (first === undefined) return read(NOTHING);
  return read(groups.length > 0 ? { goType: "[]float64", value: values } : { goType: "float64", value: first });
}

/** Older answers do not say what a column holds. */
const NUMBERS: ReadonlySet<unknown> = new Set(["number", "", undefined]);

function isNamed(groups: readonly unknown[], row: number): boolean {
  return groups.every((group) => {
    const tags = itemsOf(itemsOf(within(group, "values"))?.[row]);
    return tags !== undefined && tags.length > 0 && tags.every((tag) => typeof tag === "string");
  });
}
