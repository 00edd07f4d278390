import { afterEach, expect, it } from "vitest";
import { guardedFetch } from "../../../src/adapters/http/guarded-fetch.ts";
import { addressRule } from "../../../src/adapters/http/addresses.ts";
import { metricsOf, probeOf } from "../../../src/adapters/metrics/provider.ts";
import { DEFAULT_PROMETHEUS, type ProviderSettings } from "../../../src/ports/metrics.ts";
import { BIRTH, DOUBLES } from "./providers/doubles.ts";
import { serve, type Reply, type Served } from "./providers/served.ts";
import { question } from "./world.ts";

const open: Served[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ close }) => close()));
});

const asking = { fetch: guardedFetch({ rule: addressRule([]) }), now: () => BIRTH };

async function served(reply: Reply): Promise<Served> {
  const one = await serve(() => reply);
  open.push(one);
  return one;
}

const ONE = JSON.stringify({
  status: "success",
  data: { resultType: "matrix", result: [{ metric: {}, values: [[BIRTH / 1000, "1"]] }] },
});
const NOTHING = JSON.stringify({ status: "success", data: { resultType: "matrix", result: [] } });

it("signs every request to Amazon's managed Prometheus, with the tenant's header", async () => {
  const { url, asked } = await served({ body: ONE });
  const sigv4 = { region: "eu-central-1", id: "AKID", secret: "aws-secret", token: "temporary" };
  const settings: ProviderSettings = {
    ...DEFAULT_PROMETHEUS,
    url: `${url}/workspaces/ws-1`,
    headers: { tenant: "a" },
    sigv4,
  };
  expect(await probeOf(settings, asking)).toEqual({ kind: "read", value: "answers" });
  const { path, headers } = asked[0] ?? {};
  expect(path).toBe("/workspaces/ws-1/api/v1/query_range");
  expect(headers?.authorization).toMatch(
    /Credential=AKID\/20260101\/eu-central-1\/aps\/aws4_request, SignedHeaders=host;tenant;/,
  );
  expect(headers?.["x-amz-security-token"]).toBe("temporary");
  expect(JSON.stringify(asked)).not.toContain("aws-secret");
});

it("signs nothing where that is not asked for", async () => {
  const { url, asked } = await served({ body: NOTHING });
  await metricsOf({ ...DEFAULT_PROMETHEUS, url }, asking).timelines([question({ to: BIRTH + 10_000 })]);
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.every(({ headers }) => headers.authorization === undefined)).toBe(true);
});

it.each(Object.entries(DOUBLES))("is a provider of counts by its settings: %s", async (_, double) => {
  const { url } = await served(double.probed);
  const settings = double.settings(url);
  expect(await probeOf(settings, asking)).toEqual({ kind: "read", value: "answers" });
  expect(metricsOf(settings, asking).changesForMs).toBe(300_000);
});

it.each(["constructor", "dynatrace", ""])("refuses a provider that there is none of: %j", (by) => {
  const settings = DOUBLES["web"]?.settings("http://127.0.0.1:1");
  expect(() => settings && metricsOf({ ...settings, by }, asking)).toThrow(
    `There is no provider ${JSON.stringify(by)}.`,
  );
});
