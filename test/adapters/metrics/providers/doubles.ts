import type { CountedSettings } from "../../../../src/ports/counted.ts";
import type { Asked, Reply } from "./served.ts";

/** 2026-01-01T00:00:00Z: a multiple of every window. */
export const BIRTH = 1_767_225_600_000;
export const MINUTE = 60_000;

/** Per minute; undefined where nothing is known. */
type Numbers = readonly (number | undefined)[];
export type Numbered = Readonly<Record<string, { readonly total: Numbers; readonly failed: Numbers }>>;

/** A kind of provider: settings for it, its own form of numbers by arm, and what is wrong only there. */
export type Double = {
  readonly settings: (url: string) => CountedSettings;
  readonly good: (numbers: Numbered) => (asked: Asked) => Reply;
  /** What it answers where nothing was ever measured. */
  readonly probed: Reply;
  /** Answers of which something lacks, though their status is a success. */
  readonly partial: readonly (readonly [string, Reply])[];
  /** Values that are no counts. */
  readonly wrong: readonly (readonly [string, (asked: Asked) => Reply])[];
};

const base = (by: string, url: string): CountedSettings => ({
  kind: "counted",
  by,
  url,
  headers: {},
  secrets: {},
  options: {},
  counts: { total: "", failed: "" },
  timeoutMs: 5_000,
  maxBytes: 100_000,
});

const json = (value: unknown): Reply => ({ body: JSON.stringify(value) });
const at = (value: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>(
    (inner, key) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );

/** The numbers that a query is about: the doubles are asked for "total of <arm>" and "failed of <arm>". */
function numbersFor(query: unknown, numbers: Numbered): Numbers {
  const [, kind, arm = ""] = /(total|failed)_of[ :]+([a-z0-9-]+)/.exec(String(query)) ?? [];
  const ofArm = numbers[arm];
  if (ofArm === undefined) throw new Error(`Nobody serves ${String(query)}.`);
  return kind === "total" ? ofArm.total : ofArm.failed;
}

const DATADOG = {
  secrets: { apiKey: "dd-key-1", applicationKey: "dd-app-2" },
  counts: { total: "sum:total_of:{arm}{*}.as_count()", failed: "sum:failed_of:{arm}{*}.as_count()" },
};

function timeseries(
  values: (query: unknown) => readonly unknown[],
  { json: body }: Asked,
  changes: object = {},
): Reply {
  const queries = at(body, "data", "attributes", "queries");
  const asked = Array.isArray(queries) ? queries.map((one) => values(at(one, "query"))) : [];
  const attributes = {
    series: asked.map((_, index) => ({ query_index: index, group_tags: [], unit: null })),
    times: asked[0]?.map((_, index) => BIRTH + index * MINUTE) ?? [],
    values: asked,
    ...changes,
  };
  return json({ data: { type: "timeseries_response", attributes } });
}

function pointlist(values: (query: unknown) => readonly unknown[], { query }: Asked): Reply {
  const points = values(query.get("query")).flatMap((value, index) =>
    value === null ? [] : [[BIRTH + index * MINUTE, value]],
  );
  return json({ status: "ok", res_type: "time_series", series: [{ interval: 60, pointlist: points, scope: "*" }] });
}

const nulls = (numbers: Numbers): readonly (number | null)[] => numbers.map((value) => value ?? null);

function buckets(values: (query: unknown) => readonly unknown[], { json: body }: Asked): Reply {
  const variables = at(body, "variables");
  const entries = typeof variables === "object" && variables !== null ? Object.entries(variables) : [];
  const account = Object.fromEntries(
    entries.map(([key, query]) => [
      key,
      {
        results: values(query).map((count, index) => ({
          beginTimeSeconds: BIRTH / 1000 + index * 60,
          endTimeSeconds: BIRTH / 1000 + index * 60 + 60,
          count,
        })),
      },
    ]),
  );
  return json({ data: { actor: { account } } });
}

function metricData(
  values: (query: unknown) => readonly unknown[],
  { json: body }: Asked,
  changes: object = {},
): Reply {
  const points = values(at(body, "MetricDataQueries", 0, "Expression")).flatMap((value, index) =>
    value === null ? [] : [[BIRTH / 1000 + index * 60, value] as const],
  );
  // The newest come first.
  const newest = points.toReversed();
  const result = {
    Id: "q",
    Label: "q",
    StatusCode: "Complete",
    Timestamps: newest.map(([time]) => time),
    Values: newest.map(([, value]) => value),
    Messages: [],
    ...changes,
  };
  return json({ MetricDataResults: [result], Messages: [] });
}

function oneWindow(values: (query: unknown) => readonly unknown[], { query }: Asked): Reply {
  const index = (Number(query.get("from")) * 1000 - BIRTH) / MINUTE;
  const arm = query.get("arm") ?? "";
  const of = (kind: string): unknown => values(`${kind}_of ${arm}`)[index];
  return json({ total: of("total"), failed: of("failed") });
}

const everywhere = (value: unknown) => () => [value, value, value, value];

export const DOUBLES: Readonly<Record<string, Double>> = {
  "Datadog v2": {
    settings: (url) => ({ ...base("datadog", url), ...DATADOG, options: { api: "v2" } }),
    good: (numbers) => (asked) => timeseries((query) => nulls(numbersFor(query, numbers)), asked),
    probed: json({ valid: true }),
    partial: [
      [
        "errors beside data",
        json({ data: { attributes: { series: [], times: [], values: [] } }, errors: "one query failed" }),
      ],
      [
        "series without values",
        json({ data: { attributes: { series: [{ query_index: 0 }], times: [], values: [] } } }),
      ],
    ],
    wrong: [
      [
        "longer points",
        (asked) => timeseries(everywhere(1), asked, { times: [0, 5, 10, 15].map((n) => BIRTH + n * MINUTE) }),
      ],
      [
        "points across windows",
        (asked) => timeseries(everywhere(1), asked, { times: [0, 1, 2, 3].map((n) => BIRTH + n * MINUTE + 7_000) }),
      ],
      ["a text for a number", (asked) => timeseries(everywhere("NaN"), asked)],
      ["a negative number", (asked) => timeseries(everywhere(-1), asked)],
      ["a number that is too large", (asked) => timeseries(everywhere(1e300), asked)],
      [
        "groups",
        (asked) => timeseries(everywhere(1), asked, { series: [0, 0, 0, 0].map((index) => ({ query_index: index })) }),
      ],
    ],
  },
  "Datadog v1": {
    settings: (url) => ({ ...base("datadog", url), ...DATADOG, options: { api: "v1" } }),
    good: (numbers) => (asked) => pointlist((query) => nulls(numbersFor(query, numbers)), asked),
    probed: json({ valid: true }),
    partial: [["an error with status 200", json({ status: "error", error: "Error parsing query", series: [] })]],
    wrong: [
      ["a text for a number", (asked) => pointlist(everywhere("NaN"), asked)],
      ["a negative number", (asked) => pointlist(everywhere(-1), asked)],
      ["points of three", () => json({ status: "ok", series: [{ interval: 60, pointlist: [[BIRTH, 1, 2]] }] })],
      ["longer points", () => json({ status: "ok", series: [{ interval: 300, pointlist: [[BIRTH, 1]] }] })],
      [
        "groups",
        () =>
          json({
            status: "ok",
            series: [
              { interval: 60, pointlist: [] },
              { interval: 60, pointlist: [] },
            ],
          }),
      ],
    ],
  },
  "New Relic": {
    settings: (url) => ({
      ...base("newRelic", url),
      secrets: { apiKey: "NRAK-3" },
      options: { account: "1234567" },
      counts: {
        total: "SELECT count(*) FROM total_of WHERE x = 'total_of {arm}'",
        failed: "SELECT count(*) FROM failed_of WHERE x = 'failed_of {arm}'",
      },
    }),
    // It counts nothing as 0.
    good: (numbers) => (asked) => buckets((query) => numbersFor(query, numbers).map((value) => value ?? 0), asked),
    probed: json({ data: { actor: { account: { id: 1234567 } } } }),
    partial: [
      [
        "errors beside data",
        json({
          data: { actor: { account: {} } },
          errors: [{ message: "secret", extensions: { errorClass: "TIMEOUT" } }],
        }),
      ],
      ["no account", json({ data: { actor: { account: null } } })],
      ["a query without results", json({ data: { actor: { account: { q0: { results: null } } } } })],
    ],
    wrong: [
      ["null for a number", (asked) => buckets(everywhere(null), asked)],
      ["a text for a number", (asked) => buckets(everywhere("NaN"), asked)],
      ["a negative number", (asked) => buckets(everywhere(-1), asked)],
      ["a map for a number", (asked) => buckets(everywhere({ "95": 1 }), asked)],
    ],
  },
  CloudWatch: {
    settings: (url) => ({
      ...base("cloudWatch", url),
      secrets: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "aws-secret-4" },
      options: { region: "eu-central-1" },
      counts: { total: "SELECT SUM(total) FROM total_of {arm}", failed: "SELECT SUM(failed) FROM failed_of {arm}" },
    }),
    good: (numbers) => (asked) => metricData((query) => nulls(numbersFor(query, numbers)), asked),
    probed: json({ MetricDataResults: [{ Id: "q", Label: "q", StatusCode: "Complete", Timestamps: [], Values: [] }] }),
    partial: [
      ["another page", json({ MetricDataResults: [], NextToken: "more" })],
      ["a message", json({ MetricDataResults: [], Messages: [{ Code: "MaxMetricsExceeded", Value: "secret" }] })],
      [
        "partial data",
        json({ MetricDataResults: [{ Id: "q", Label: "q", StatusCode: "PartialData", Timestamps: [], Values: [] }] }),
      ],
      [
        "a forbidden metric",
        json({ MetricDataResults: [{ Id: "q", Label: "q", StatusCode: "Forbidden", Timestamps: [], Values: [] }] }),
      ],
    ],
    wrong: [
      ["fewer times than values", (asked) => metricData(everywhere(1), asked, { Timestamps: [BIRTH / 1000] })],
      [
        "points across windows",
        (asked) => metricData(everywhere(1), asked, { Timestamps: [7, 67, 127, 187].map((n) => BIRTH / 1000 + n) }),
      ],
      ["a text for a number", (asked) => metricData(everywhere("NaN"), asked)],
      ["a negative number", (asked) => metricData(everywhere(-1), asked)],
    ],
  },
  web: {
    settings: (url) => ({
      ...base("web", `${url}/below`),
      headers: { Authorization: "Bearer web-5" },
      options: { path: "/counts?arm={arm}&from={from}&to={to}" },
      counts: { total: "{$.total}", failed: "{$.failed}" },
    }),
    good: (numbers) => (asked) => oneWindow((query) => nulls(numbersFor(query, numbers)), asked),
    probed: { status: 404, body: "not here" },
    partial: [],
    wrong: [
      ["a text for a number", (asked) => oneWindow(everywhere("12"), asked)],
      ["a negative number", (asked) => oneWindow(everywhere(-1), asked)],
      ["a list for a number", (asked) => oneWindow(everywhere([1]), asked)],
      ["a boolean for a number", (asked) => oneWindow(everywhere(true), asked)],
    ],
  },
};
