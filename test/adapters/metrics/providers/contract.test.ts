import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { addressRule } from "../../../../src/adapters/http/addresses.ts";
import { guardedFetch } from "../../../../src/adapters/http/guarded-fetch.ts";
import { countedMetrics } from "../../../../src/adapters/metrics/providers/counted.ts";
import { name } from "../../../../src/core/names.ts";
import type { Reading } from "../../../../src/core/reading.ts";
import type { Window } from "../../../../src/core/window.ts";
import type { CountedSettings } from "../../../../src/ports/counted.ts";
import { question } from "../world.ts";
import { BIRTH, DOUBLES, MINUTE, type Double, type Numbered } from "./doubles.ts";
import { serve, type Asked, type Reply, type Served } from "./served.ts";

const open: Served[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ close }) => close()));
});

const fetch = guardedFetch({ rule: addressRule([]) });
const NOW = BIRTH + 10 * MINUTE;

/** Everything that no sentence may hold. */
const SECRETS = ["dd-key-1", "dd-app-2", "NRAK-3", "aws-secret-4", "AKIDEXAMPLE", "web-5", "secret", "127.0.0.1"];

const ASKED = question({ from: BIRTH, to: BIRTH + 4 * MINUTE, windowMs: MINUTE });

const NUMBERS: Numbered = {
  "checkout-canary": { total: [100, 110, undefined, 0], failed: [1, undefined, undefined, undefined] },
  checkout: { total: [900, 905, 910, 0], failed: [9, 0, 3, undefined] },
};

async function timelineOf(
  double: Double,
  reply: (asked: Asked) => Reply | "never",
  changes: Partial<CountedSettings> = {},
): Promise<Served & { readonly reading: Reading<readonly Window[]> | undefined }> {
  const served = await serve(reply);
  open.push(served);
  const metrics = countedMetrics({ ...double.settings(served.url), ...changes }, { fetch, now: () => NOW });
  const [reading] = await metrics.timelines([ASKED]);
  return { ...served, reading };
}

/** Why there is no reading; fails where there is one, or where the reason gives something away. */
function reasonOf(reading: Reading<unknown> | undefined): string {
  if (reading?.kind !== "unavailable") throw new Error(`There is a reading: ${JSON.stringify(reading)}`);
  for (const secret of SECRETS) expect(reading.reason).not.toContain(secret);
  expect(reading.reason).toMatch(/^[A-Z].*\.$/);
  return reading.reason;
}

describe.each(Object.entries(DOUBLES))("%s", (_, double) => {
  it("gives counts of both arms for every window", async () => {
    const { reading } = await timelineOf(double, double.good(NUMBERS));
    const counts = reading?.kind === "read" ? reading.value.map((window) => window.counts) : reading;
    expect(counts).toEqual([
      { canary: { requests: 100, failed: 1 }, stable: { requests: 900, failed: 9 } },
      { canary: { requests: 110, failed: 0 }, stable: { requests: 905, failed: 0 } },
      { canary: { requests: 0, failed: 0 }, stable: { requests: 910, failed: 3 } },
      {},
    ]);
    expect(reading?.kind === "read" && reading.value.map(({ start, end, pods }) => [start, end, pods])).toEqual(
      [0, 1, 2, 3].map((minute) => [BIRTH + minute * MINUTE, BIRTH + (minute + 1) * MINUTE, {}]),
    );
  });

  it("says nothing of windows in which nothing is known", async () => {
    const nothing = { total: [undefined, undefined, undefined, undefined], failed: [] };
    const unknown = { total: nothing.total, failed: nothing.total };
    const { reading } = await timelineOf(double, double.good({ "checkout-canary": unknown, checkout: unknown }));
    expect(reading?.kind === "read" && reading.value.map(({ counts }) => counts)).toEqual([{}, {}, {}, {}]);
  });

  it("takes no answer with more failed requests than requests", async () => {
    const { reading } = await timelineOf(
      double,
      double.good({ ...NUMBERS, checkout: { total: [5, 5, 5, 5], failed: [5, 6, 5, 5] } }),
    );
    expect(reasonOf(reading)).toContain("counts more failed requests than requests");
  });

  it.each([
    ["401", { status: 401, body: '{"errors":["secret"]}' }, "answered 401 (it does not know the key)"],
    ["403", { status: 403, body: "secret" }, "answered 403 (the key may not do this)"],
    ["429", { status: 429, headers: { "retry-after": "30" }, body: "secret" }, "It asks to wait 30 s."],
    ["429 by another header", { status: 429, headers: { "x-ratelimit-reset": "7" }, body: "" }, "It asks to wait 7 s."],
    ["429 without a time", { status: 429, body: "" }, "answered 429 (too many requests)."],
    ["500", { status: 500, body: "<html>secret</html>" }, "answered 500"],
    ["503", { status: 503, body: "" }, "answered 503"],
    [
      "redirect",
      { status: 302, headers: { location: "http://169.254.169.254/secret" }, body: "" },
      "a redirect, which is not followed",
    ],
    ["no JSON", { body: "<html>secret</html>" }, "a form that is not its documented one"],
    ["cut off", { body: '{"data":{"attri' }, "a form that is not its documented one"],
    ["nothing", { body: "" }, "a form that is not its documented one"],
    ["a list", { body: "[[[1]]]" }, ""],
    ["huge", { body: `{"a":"${"x".repeat(200_000)}"}` }, "answered with more than 100000 bytes"],
  ] satisfies readonly (readonly [string, Reply, string])[])("is unavailable after %s", async (kind, reply, words) => {
    const { reading, asked } = await timelineOf(double, () => reply);
    // A server of one's own may answer with any JSON: what the paths do not lead to is not known.
    if (kind === "a list" && double === DOUBLES["web"]) expect(reading?.kind).toBe("read");
    else expect(reasonOf(reading)).toContain(words);
    expect(asked.length).toBeGreaterThan(0);
  });

  it("is unavailable where it does not answer in time", async () => {
    const { reading } = await timelineOf(double, () => "never", { timeoutMs: 100 });
    expect(reasonOf(reading)).toContain("did not answer within 0.1 s");
  });

  it("is unavailable where nobody listens", async () => {
    const served = await serve(() => "never");
    await served.close();
    const metrics = countedMetrics(double.settings(served.url), { fetch, now: () => NOW });
    expect(reasonOf((await metrics.timelines([ASKED]))[0])).toContain("refuses connections");
  });

  it("is unavailable where its host leads to an address that is not allowed", async () => {
    const lookup = () => Promise.resolve([{ address: "169.254.169.254", family: 4 }]);
    const guarded = guardedFetch({ rule: addressRule(["169.254.0.0/16"]), lookup });
    const metrics = countedMetrics(double.settings("http://metrics.example.com"), { fetch: guarded, now: () => NOW });
    expect(reasonOf((await metrics.timelines([ASKED]))[0])).toContain("an address that the operator does not allow");
  });

  it("takes no partial answer for a whole one", async () => {
    for (const [kind, reply] of double.partial) {
      const { reading } = await timelineOf(double, () => reply);
      expect([kind, reasonOf(reading)]).not.toContain("");
    }
    expect.assertions(double.partial.length === 0 ? 0 : double.partial.length * (SECRETS.length + 2));
  });

  it.each(double.wrong.map(([kind, reply]) => ({ kind, reply })))("takes no $kind for counts", async ({ reply }) => {
    const { reading } = await timelineOf(double, reply);
    reasonOf(reading);
    expect(reading?.kind).toBe("unavailable");
  });

  it("answers many questions in their order, and asks nothing where there is no window", async () => {
    const served = await serve(double.good(NUMBERS));
    open.push(served);
    const metrics = countedMetrics(double.settings(served.url), { fetch, now: () => NOW });
    const whole = await metrics.timelines([ASKED]);
    const [first] = await metrics.timelines([{ ...ASKED, to: BIRTH }]);
    expect(first).toEqual({ kind: "read", value: [] });
    const many = Array.from({ length: 9 }, () => ASKED);
    expect(await metrics.timelines(many)).toEqual(many.flatMap(() => whole));
  });

  it("answers when it is probed, whatever was measured", async () => {
    const served = await serve(() => double.probed);
    open.push(served);
    const { probe } = countedMetrics(double.settings(served.url), { fetch, now: () => NOW });
    expect(await probe()).toEqual({ kind: "read", value: "answers" });
  });

  it.each([
    ["401", { status: 401, body: "secret" }, "it does not know the key"],
    ["500", { status: 500, body: "secret" }, "answered 500"],
    ["redirect", { status: 301, headers: { location: "/secret" }, body: "" }, "a redirect"],
  ] satisfies readonly (readonly [string, Reply, string])[])(
    "is silent when a probe meets %s",
    async (_, reply, words) => {
      const served = await serve(() => reply);
      open.push(served);
      const { probe } = countedMetrics(double.settings(served.url), { fetch, now: () => NOW });
      expect(reasonOf(await probe())).toContain(words);
    },
  );

  it("is another provider to caches for every other key, address and query", () => {
    const settings = double.settings("http://127.0.0.1:1");
    const identity = (changes: Partial<CountedSettings>) =>
      countedMetrics({ ...settings, ...changes }, { fetch, now: () => NOW }).identity;
    const identities = [
      identity({}),
      identity({ secrets: { ...settings.secrets, apiKey: "other" } }),
      identity({ url: "http://127.0.0.1:2" }),
      identity({ counts: { ...settings.counts, failed: "other" } }),
      identity({ headers: { tenant: "other" } }),
    ];
    expect(new Set(identities).size).toBe(identities.length);
    expect(identity({ timeoutMs: 1 })).toBe(identities[0]);
    for (const secret of SECRETS) expect(identities.join()).not.toContain(secret);
  });
});

it("makes counts of whatever numbers there are, or nothing: whole, not negative, failed among all", async () => {
  const datadog = DOUBLES["Datadog v2"];
  if (datadog === undefined) throw new Error("There is no such double.");
  const settings = datadog.settings("http://127.0.0.1:1");
  const value = fc.option(fc.oneof(fc.nat(1_000), fc.double({ noNaN: true }), fc.integer(), fc.constant("NaN")));
  const row = fc.array(value, { minLength: 4, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 4, maxLength: 4 }), async (values) => {
      const times = [0, 1, 2, 3].map((minute) => BIRTH + minute * MINUTE);
      const series = values.map((_, index) => ({ query_index: index }));
      const answer = JSON.stringify({ data: { attributes: { times, series, values } } });
      const metrics = countedMetrics(settings, { fetch: () => Promise.resolve(new Response(answer)), now: () => NOW });
      const [reading] = await metrics.timelines([ASKED]);
      const counts = reading?.kind === "read" ? reading.value.flatMap((window) => Object.values(window.counts)) : [];
      const areCounts = counts.every(
        ({ requests, failed }) =>
          Number.isSafeInteger(requests) && Number.isSafeInteger(failed) && 0 <= failed && failed <= requests,
      );
      expect(areCounts).toBe(true);
    }),
  );
});

it("asks for a long timeline in parts, and leaves no window out", async () => {
  const newRelic = DOUBLES["New Relic"];
  if (newRelic === undefined) throw new Error("There is no such double.");
  const served = await serve(newRelic.good(NUMBERS));
  open.push(served);
  const metrics = countedMetrics(newRelic.settings(served.url), { fetch, now: () => NOW });
  const [reading] = await metrics.timelines([{ ...ASKED, from: BIRTH, to: BIRTH + 400 * MINUTE }]);
  const starts = reading?.kind === "read" ? reading.value.map(({ start }) => (start - BIRTH) / MINUTE) : reading;
  expect(starts).toEqual(Array.from({ length: 400 }, (_, index) => index));
  expect(served.asked.map(({ json }) => /UNTIL (\d+)/.exec(JSON.stringify(json))?.[1])).toEqual([
    String(BIRTH + 360 * MINUTE),
    String(BIRTH + 400 * MINUTE),
  ]);
});

it.each(["Datadog v1", "New Relic", "CloudWatch"])("asks %s for no windows of broken seconds", async (kind) => {
  const served = await serve(() => ({ body: "{}" }));
  open.push(served);
  const settings = DOUBLES[kind]?.settings(served.url);
  if (settings === undefined) throw new Error("There is no such double.");
  const [reading] = await countedMetrics(settings, { fetch, now: () => NOW }).timelines([
    question({ from: BIRTH, to: BIRTH + 1_000, windowMs: 500 }),
  ]);
  expect(reasonOf(reading)).toContain("whole seconds");
  expect(served.asked).toEqual([]);
});

it("fills names in and nothing else", async () => {
  const served = await serve(() => ({ body: "{}" }));
  open.push(served);
  const datadog = DOUBLES["Datadog v2"]?.settings(served.url);
  if (datadog === undefined) throw new Error("There is no such double.");
  const counts = {
    total: "sum:hits{service:{arm},ns:{namespace},w:{workload},s:{service}}.as_count()",
    failed: "{arm}",
  };
  const metrics = countedMetrics({ ...datadog, counts }, { fetch, now: () => NOW });
  await metrics.timelines([{ ...ASKED, workloads: { canary: name("cart-v2"), stable: name("cart") } }]);
  expect(JSON.stringify(served.asked[0]?.json)).toContain(
    "sum:hits{service:checkout-canary,ns:shop,w:cart-v2,s:checkout}.as_count()",
  );
});
