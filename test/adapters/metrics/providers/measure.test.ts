import { afterEach, describe, expect, it } from "vitest";
import { addressRule } from "../../../../src/adapters/http/addresses.ts";
import { guardedFetch } from "../../../../src/adapters/http/guarded-fetch.ts";
import { prometheusMeasure } from "../../../../src/adapters/metrics/prometheus-measure.ts";
import { cloudWatchMeasure } from "../../../../src/adapters/metrics/providers/cloud-watch.ts";
import { datadogMeasure } from "../../../../src/adapters/metrics/providers/datadog.ts";
import { newRelicMeasure } from "../../../../src/adapters/metrics/providers/new-relic.ts";
import { connectionOf, type Connection } from "../../../../src/adapters/metrics/providers/source.ts";
import { webMeasure } from "../../../../src/adapters/metrics/providers/web.ts";
import type { Reading } from "../../../../src/core/reading.ts";
import type { DatadogQuery, GoResult, Span } from "../../../../src/ports/measure.ts";
import { BIRTH, MINUTE } from "./doubles.ts";
import { serve, type Reply, type Served } from "./served.ts";

const open: Served[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ close }) => close()));
});

const fetch = guardedFetch({ rule: addressRule([]) });
const SPAN: Span = { from: BIRTH, to: BIRTH + 5 * MINUTE };
const SECRETS = { apiKey: "k1", applicationKey: "k2", accessKeyId: "AKID", secretAccessKey: "k3" };

async function connected(reply: Reply): Promise<Connection & { readonly served: Served }> {
  const served = await serve(() => reply);
  open.push(served);
  const settings = {
    kind: "counted",
    by: "any",
    url: served.url,
    headers: {},
    secrets: SECRETS,
    options: { region: "eu-central-1", account: "7" },
    counts: { total: "", failed: "" },
    timeoutMs: 5_000,
    maxBytes: 10_000,
  } as const;
  return { ...connectionOf(settings, "The provider", { fetch, now: () => BIRTH }), served };
}

const body = (value: unknown): Reply => ({ body: typeof value === "string" ? value : JSON.stringify(value) });
const V1: DatadogQuery = { version: "v1", query: "avg:a{*}" };
const V2: DatadogQuery = { version: "v2", queries: { q: "avg:a{*}" }, formula: undefined, aggregator: undefined };
const series = (...pointlist: readonly unknown[]) => body({ status: "ok", series: [{ pointlist }] });
const columns = (...all: readonly object[]) => body({ data: { attributes: { columns: all } } });
const group = (...values: readonly unknown[]) => ({ name: "tag", type: "group", values });
const numbers = (...values: readonly unknown[]) => ({ name: "q", type: "number", values });
const results = (...rows: readonly object[]) => body({ data: { actor: { account: { q0: { results: rows } } } } });
const metricData = (changes: object) =>
  body({
    MetricDataResults: [
      { Id: "a", Label: "b", StatusCode: "Complete", Timestamps: [60, 0], Values: [0.1, 0.2], ...changes },
    ],
  });
const prom = (resultType: string, result: unknown, more: object = {}) =>
  body({ status: "success", data: { resultType, result }, ...more });

type Ask = (connection: Connection) => Promise<Reading<GoResult>>;
const datadog =
  (query: DatadogQuery): Ask =>
  (connection) =>
    datadogMeasure(connection)(query, SPAN);
const newRelic: Ask = (connection) => newRelicMeasure(connection)("SELECT count(*) FROM A", SPAN);
const cloudWatch: Ask = (connection) => cloudWatchMeasure(connection)([{ Id: "a" }], SPAN);
const prometheus: Ask = (connection) => prometheusMeasure(connection)({ query: "up", stepMs: undefined }, SPAN);
const web =
  (jsonPath?: string): Ask =>
  (connection) =>
    webMeasure(connection)({ path: "score", jsonPath }, SPAN);

const JSON_BODY = '{"a": 1, "b": true, "c": [1, 2], "d": null, "key": [{"key2": {"value": "1.2"}}]}';

describe("a value has the Go type that Argo's provider gives it", () => {
  it.each<readonly [string, Ask, Reply, GoResult]>([
    [
      "Datadog v1, the last point of the first series",
      datadog(V1),
      series([1, 0.1], [2, 0.2]),
      { goType: "float64", value: 0.2 },
    ],
    ["Datadog v1, no series", datadog(V1), body({ status: "ok", series: [] }), { goType: "*float64", value: null }],
    ["Datadog v1, no point", datadog(V1), series(), { goType: "*float64", value: null }],
    ["Datadog v2, a scalar", datadog(V2), columns({ values: [0.5] }), { goType: "float64", value: 0.5 }],
    ["Datadog v2, nothing", datadog(V2), columns({ values: [] }), { goType: "*float64", value: null }],
    ["Datadog v2, no column", datadog(V2), columns(), { goType: "*float64", value: null }],
    ["Datadog v2, null", datadog(V2), columns(numbers(null)), { goType: "*float64", value: null }],
    ["Datadog v2, one group", datadog(V2), columns(group(["a"]), numbers(0.1)), { goType: "[]float64", value: [0.1] }],
    [
      "Datadog v2, groups of which one has nothing",
      datadog(V2),
      columns(group(["a"], ["b"], ["c"]), numbers(null, 0.2, 0.3)),
      { goType: "[]float64", value: [0.2, 0.3] },
    ],
    [
      "New Relic, one row",
      newRelic,
      results({ count: 10, "average.duration": 1.5 }),
      { goType: "map[string]any", value: { count: 10, "average.duration": 1.5 } },
    ],
    [
      "New Relic, several rows",
      newRelic,
      results({ count: 1 }, { count: 2 }),
      { goType: "[]map[string]any", value: [{ count: 1 }, { count: 2 }] },
    ],
    [
      "CloudWatch",
      cloudWatch,
      metricData({}),
      { goType: "[]MetricDataResult", value: [{ Id: "a", Label: "b", Timestamps: [60_000, 0], Values: [0.1, 0.2] }] },
    ],
    ["CloudWatch, nothing", cloudWatch, body({ MetricDataResults: [] }), { goType: "[]MetricDataResult", value: [] }],
    ["Prometheus, a scalar", prometheus, prom("scalar", [1, "10"]), { goType: "float64", value: 10 }],
    ["Prometheus, NaN", prometheus, prom("scalar", [1, "NaN"]), { goType: "float64", value: Number.NaN }],
    ["Prometheus, infinite", prometheus, prom("scalar", [1, "+Inf"]), { goType: "float64", value: Infinity }],
    [
      "Prometheus, a vector",
      prometheus,
      prom("vector", [{ value: [1, "10"] }, { value: [1, "-1.5e-3"] }]),
      { goType: "[]float64", value: [10, -0.0015] },
    ],
    ["Prometheus, no series", prometheus, prom("vector", []), { goType: "[]float64", value: [] }],
    [
      "Prometheus, a matrix",
      prometheus,
      prom("matrix", [
        {
          values: [
            [1, "1"],
            [2, "2"],
          ],
        },
        { values: [[1, "-Inf"]] },
      ]),
      { goType: "[]float64", value: [1, 2, -Infinity] },
    ],
    ["web, everything", web(), body('{"a":1}'), { goType: "any", value: { a: 1 } }],
    ["web, a path", web("{$.key[0].key2.value}"), body(JSON_BODY), { goType: "any", value: "1.2" }],
    ["web, null", web("{$.d}"), body(JSON_BODY), { goType: "any", value: null }],
    ["web, a boolean", web("{$.b}"), body(JSON_BODY), { goType: "any", value: true }],
    ["web, a list", web("{$.c}"), body(JSON_BODY), { goType: "any", value: [1, 2] }],
    ["web, no JSON", web("{$.a}"), body("test: no JSON"), { goType: "string", value: "test: no JSON" }],
    ["web, no body", web("{$.a}"), body(""), { goType: "string", value: "" }],
    ["web, a 204", web(), { status: 204, body: "" }, { goType: "string", value: "" }],
  ])("%s", async (_, ask, reply, expected) => {
    expect(await ask(await connected(reply))).toEqual({ kind: "read", value: expected });
  });
});

it.each<readonly [string, Ask, Reply]>([
  ["Datadog v1, series that are none", datadog(V1), body({ status: "ok", series: "invalid" })],
  ["Datadog v1, a point of one", datadog(V1), series([1])],
  ["Datadog v1, an error", datadog(V1), body({ status: "error", error: "secret", series: [] })],
  ["Datadog v2, a text", datadog(V2), columns(numbers(1, "oops"))],
  ["Datadog v2, values that are none", datadog(V2), columns({ values: "invalid" })],
  ["Datadog v2, a group without a name", datadog(V2), columns(group(["a"], "b"), numbers(0.1, 0.2))],
  ["Datadog v2, fewer groups than numbers", datadog(V2), columns(group(["a"]), numbers(0.1, 0.2))],
  ["Datadog v2, errors", datadog(V2), body({ data: { errors: "secret", attributes: { columns: [] } } })],
  ["New Relic, no row", newRelic, results()],
  ["New Relic, an empty row", newRelic, results({})],
  ["New Relic, errors", newRelic, body({ errors: [{ message: "secret" }] })],
  ["CloudWatch, a part", cloudWatch, metricData({ StatusCode: "PartialData" })],
  ["CloudWatch, a text", cloudWatch, metricData({ Values: ["1", "2"] })],
  ["Prometheus, an error", prometheus, body({ status: "error", errorType: "bad_data" })],
  ["Prometheus, warnings", prometheus, prom("vector", [], { warnings: ["secret"] })],
  ["Prometheus, a string", prometheus, prom("string", [1, "a"])],
  ["Prometheus, no number", prometheus, prom("scalar", [1, "ten"])],
  ["Prometheus, a histogram", prometheus, prom("vector", [{ histogram: [1, {}] }])],
  ["web, nothing at the path", web("{$.key[0].key2.novalue}"), body(JSON_BODY)],
  ["web, a path beyond", web("{$.key[*]}"), body(JSON_BODY)],
  ["web, no success", web(), { status: 300, body: JSON_BODY }],
  ["web, a refusal", web(), { status: 400, body: "secret" }],
])("there is no value: %s", async (_, ask, reply) => {
  const reading = await ask(await connected(reply));
  expect(reading.kind === "unavailable" ? reading.reason : reading).toMatch(/^[A-Z].*\.$/);
  expect(JSON.stringify(reading)).not.toContain("secret");
});

describe("is asked for as its vendor documents it", () => {
  it("by Datadog", async () => {
    const { served, ...connection } = await connected(series([1, 2]));
    await datadogMeasure(connection)(V1, SPAN);
    await datadogMeasure(connection)({ ...V2, formula: "q * 2", aggregator: "sum" }, SPAN);
    const [first, second] = served.asked;
    expect(first).toMatchObject({
      method: "GET",
      path: "/api/v1/query",
      headers: { "dd-api-key": "k1", "dd-application-key": "k2" },
    });
    expect(Object.fromEntries(first?.query ?? [])).toEqual({ query: "avg:a{*}", from: "1767225600", to: "1767225900" });
    expect(second).toMatchObject({ method: "POST", path: "/api/v2/query/scalar" });
    expect(second?.json).toEqual({
      data: {
        type: "scalar_request",
        attributes: {
          from: SPAN.from,
          to: SPAN.to,
          queries: [{ aggregator: "sum", data_source: "metrics", name: "q", query: "avg:a{*}" }],
          formulas: [{ formula: "q * 2" }],
        },
      },
    });
  });

  it("by New Relic", async () => {
    const { served, ...connection } = await connected(results({ a: 1 }));
    await newRelicMeasure(connection)('SELECT "}) { x }', SPAN);
    expect(served.asked[0]).toMatchObject({ method: "POST", path: "/graphql", headers: { "api-key": "k1" } });
    expect(served.asked[0]?.json).toEqual({
      query: "query($q0: Nrql!) { actor { account(id: 7) { q0: nrql(query: $q0) { results } } } }",
      variables: { q0: 'SELECT "}) { x }' },
    });
  });

  it("by CloudWatch, signed", async () => {
    const { served, ...connection } = await connected(metricData({}));
    const query = { Id: "a", MetricStat: { Metric: { Namespace: "n", MetricName: "m" }, Period: 60, Stat: "Sum" } };
    await cloudWatchMeasure(connection)([query], SPAN);
    const { headers, json, path } = served.asked[0] ?? {};
    expect({ path, json }).toEqual({
      path: "/",
      json: { StartTime: SPAN.from / 1000, EndTime: SPAN.to / 1000, MetricDataQueries: [query] },
    });
    expect(headers?.["x-amz-target"]).toBe("GraniteServiceVersion20100801.GetMetricData");
    expect(headers?.["content-type"]).toBe("application/x-amz-json-1.0");
    expect(headers?.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKID\/20260101\/eu-central-1\/monitoring\/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=[0-9a-f]{64}$/,
    );
  });

  it("by Prometheus, at an instant and over a span", async () => {
    const { served, ...connection } = await connected(prom("vector", []));
    await prometheusMeasure(connection)({ query: "up", stepMs: undefined }, SPAN);
    await prometheusMeasure(connection)({ query: "up", stepMs: 30_000 }, SPAN);
    expect(served.asked.map(({ path, query }) => [path, Object.fromEntries(query)])).toEqual([
      ["/api/v1/query", { query: "up", time: "1767225900" }],
      ["/api/v1/query_range", { query: "up", start: "1767225600", end: "1767225900", step: "30" }],
    ]);
  });

  it("by a web provider, which stays where it is", async () => {
    const { served, ...connection } = await connected(body("{}"));
    const request = {
      path: "http://evil.example.com/x",
      method: "POST",
      headers: { tenant: "a" },
      body: { b: 1 },
    } as const;
    await webMeasure(connection)({ ...request, jsonPath: undefined }, SPAN);
    await webMeasure(connection)({ path: "//evil.example.com", jsonPath: undefined }, SPAN);
    expect(served.asked.map(({ method }) => method)).toEqual(["POST", "GET"]);
    expect(served.asked[0]?.path).toBe("/http://evil.example.com/x");
    expect(served.asked[0]).toMatchObject({
      headers: { tenant: "a", "content-type": "application/json" },
      json: { b: 1 },
    });
  });
});
