import { filled } from "../../../core/placeholders.ts";
import { read, unavailable, type Reading } from "../../../core/reading.ts";
import type { Measure, MetricDataQuery, MetricDataResult } from "../../../ports/measure.ts";
import { itemsOf, within } from "../json.ts";
import { signedFetch } from "../sigv4.ts";
import { perWindow } from "./points.ts";
import { askJson, together, unreadable } from "./source.ts";
import type { Connection, CountingProvider, CountQuery, WindowCounts, Windows } from "./source.ts";

const REGION = /^[a-z]{2,8}(?:-[a-z]{2,12}){1,3}-\d{1,2}$/;

/** Amazon CloudWatch's GetMetricData, over its JSON protocol. */
export const cloudWatch: CountingProvider = {
  called: "CloudWatch",
  mostWindows: 5_000,
  form: {
    settleMs: 180_000,
    secrets: { accessKeyId: "needed", secretAccessKey: "needed", sessionToken: "optional" },
    options: {
      region: {
        fault: (text) => (REGION.test(text) ? undefined : "must be the name of a region such as eu-central-1"),
      },
    },
    counts: { fault: sqlFault },
    arms: "counts",
  },
  connect: (plain) => {
    const connection = signed(plain);
    return {
      counts: async (queries, windows) =>
        together(await Promise.all(queries.map((query) => countsOf(query, windows, connection)))),
      probe: async () => {
        const minute = 60_000;
        const to = Math.floor(plain.now() / minute) * minute;
        const query = { Id: "q", Expression: "TIME_SERIES(1)", Period: 60 };
        const found = await resultsOf([query], { from: to - 5 * minute, to }, connection);
        return found.kind === "unavailable" ? found : read("answers");
      },
    };
  },
};

/** Values as Argo's CloudWatch provider gives them: the list of results, whose Values begin with the newest. */
export function cloudWatchMeasure(plain: Connection): Measure<readonly MetricDataQuery[]> {
  const connection = signed(plain);
  return async (queries, span) => {
    const found = await resultsOf(queries, span, connection);
    return found.kind === "unavailable" ? found : read({ goType: "[]MetricDataResult", value: found.value });
  };
}

// Only SQL is counted by the period of its question; the functions that search have one of their own, which no answer tells.
function sqlFault(text: string): string | undefined {
  if (!/^\s*select\s/i.test(text)) return "must be a query of Metrics Insights such as SELECT SUM(Requests) FROM ...";
  return /\b(?:group\s+by|limit)\b/i.test(text) ? "must not hold GROUP BY or LIMIT: a count is one series" : undefined;
}

function signed(connection: Connection): Connection {
  const { accessKeyId: id = "", secretAccessKey: secret = "", sessionToken: token } = connection.secrets;
  const region = connection.options["region"] ?? "";
  const signing = { region, service: "monitoring", now: connection.now };
  return { ...connection, fetch: signedFetch(connection.fetch, { id, secret, token }, signing) };
}

// One request for each: GetMetricData takes no more than one query in SQL at a time.
async function countsOf(
  { text, names }: CountQuery,
  windows: Windows,
  connection: Connection,
): Promise<Reading<WindowCounts>> {
  if (windows.windowMs % 1000 !== 0)
    return unavailable("CloudWatch counts in whole seconds: another measure.window fits them.");
  const query = { Id: "q", Expression: filled(text, names), Period: windows.windowMs / 1000 };
  const found = await resultsOf([query], windows, connection);
  if (found.kind === "unavailable") return found;
  const [result, second] = found.value;
  if (second !== undefined)
    return unavailable("CloudWatch answered with several series to one query: a query for a count is not grouped.");
  const points = result?.Timestamps.map((at, index) => ({ at, value: result.Values[index] ?? Number.NaN })) ?? [];
  return perWindow(points, { ...windows, stepMs: windows.windowMs }, "CloudWatch");
}

/** All results, each of them complete: a page, a message or a status that says less makes a partial answer, which is none. */
async function resultsOf(
  queries: readonly MetricDataQuery[],
  { from, to }: { readonly from: number; readonly to: number },
  connection: Connection,
): Promise<Reading<readonly MetricDataResult[]>> {
  const headers = {
    "content-type": "application/x-amz-json-1.0",
    "x-amz-target": "GraniteServiceVersion20100801.GetMetricData",
  };
  const body = { StartTime: from / 1000, EndTime: to / 1000, MetricDataQueries: queries };
  const found = await askJson(connection, { path: "", method: "POST", headers, body }, faultOf);
  if (found.kind === "unavailable") return found;
  const results = itemsOf(within(found.value, "MetricDataResults"));
  if (results === undefined) return unreadable(connection);
  const isWhole = results.every(
    (one) => within(one, "StatusCode") === "Complete" && isNothing(within(one, "Messages")),
  );
  if (!isWhole || ["NextToken", "Messages"].some((key) => !isNothing(within(found.value, key))))
    return unavailable("CloudWatch answered in part.");
  const values = results.map(resultOf);
  const whole = values.filter((value) => value !== undefined);
  return whole.length === values.length ? read(whole) : unreadable(connection);
}

function resultOf(json: unknown): MetricDataResult | undefined {
  const values = numbersOf(within(json, "Values"));
  const times = numbersOf(within(json, "Timestamps"));
  const [id, label] = ["Id", "Label"].map((key) => within(json, key) ?? "");
  if (typeof id !== "string" || typeof label !== "string") return undefined;
  if (values === undefined || values.length !== times?.length) return undefined;
  return { Id: id, Label: label, Values: values, Timestamps: times.map((seconds) => Math.round(seconds * 1000)) };
}

function numbersOf(json: unknown): readonly number[] | undefined {
  const items = itemsOf(json ?? []);
  const numbers = items?.filter((item) => typeof item === "number");
  return numbers?.length === items?.length ? numbers : undefined;
}

/** The kind of a refusal, such as AccessDenied: the last word of its type. */
function faultOf(body: unknown): string | undefined {
  const type = within(body, "__type");
  return typeof type === "string" ? /(?:^|#)([A-Za-z]{1,64})$/.exec(type)?.[1] : undefined;
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === "" || itemsOf(value)?.length === 0;
}
