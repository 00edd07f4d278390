import { afterEach, expect, it } from "vitest";
import { addressRule } from "../../../src/adapters/http/addresses.ts";
import { guardedFetch } from "../../../src/adapters/http/guarded-fetch.ts";
import { measureOf } from "../../../src/adapters/metrics/measure.ts";
import type { GoResult, ValueQuery } from "../../../src/ports/measure.ts";
import { BIRTH, MINUTE } from "./providers/doubles.ts";
import { serve, type Served } from "./providers/served.ts";

const open: Served[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ close }) => close()));
});

const SPAN = { from: BIRTH, to: BIRTH + MINUTE };
const ports = { fetch: guardedFetch({ rule: addressRule([]) }), now: () => BIRTH };
const access = (url: string) => ({
  url,
  headers: {},
  secrets: { apiKey: "a", applicationKey: "b", accessKeyId: "c", secretAccessKey: "d" },
  options: { account: "1", region: "eu-central-1" },
  timeoutMs: 5_000,
  maxBytes: 10_000,
});

const PROMQL: ValueQuery = {
  kind: "prometheus",
  query: { query: 'namespace_app_rollouts_unified_anomaly{subsystem="7f9c"}', stepMs: undefined },
};
const SCORE: ValueQuery = { kind: "web", query: { path: "score", jsonPath: "{$.score}" } };

async function asking(query: ValueQuery, body: unknown) {
  const served = await serve(() => ({ body: JSON.stringify(body) }));
  open.push(served);
  return measureOf(query, access(served.url), ports);
}

it.each<readonly [ValueQuery, unknown, GoResult["goType"]]>([
  [PROMQL, { status: "success", data: { resultType: "vector", result: [] } }, "[]float64"],
  [{ kind: "datadog", query: { version: "v1", query: "q" } }, { status: "ok", series: [] }, "*float64"],
  [
    { kind: "newRelic", query: "q" },
    { data: { actor: { account: { q0: { results: [{ a: 1 }] } } } } },
    "map[string]any",
  ],
  [{ kind: "cloudWatch", query: [] }, { MetricDataResults: [] }, "[]MetricDataResult"],
  [SCORE, { score: 1 }, "any"],
])("asks the provider of %j", async (query, body, goType) => {
  expect(await (await asking(query, body))(SPAN)).toMatchObject({ kind: "read", value: { goType } });
});
