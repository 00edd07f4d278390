import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Fetch } from "../../../src/adapters/http/guarded-fetch.ts";
import { prometheusMetrics } from "../../../src/adapters/metrics/prometheus.ts";
import { DATA_PLANES } from "../../../src/core/data-planes.ts";
import { name } from "../../../src/core/names.ts";
import type { SeasonalQuery } from "../../../src/core/season.ts";
import { DEFAULT_PROMETHEUS, type ReadingsQuestion, type PrometheusSettings } from "../../../src/ports/metrics.ts";
import { BIRTH } from "./world.ts";

const EVERY = 300_000;
const UP: SeasonalQuery = { kind: "query", query: "sum(up)" };
const ASKED: ReadingsQuestion = {
  service: name("checkout"),
  namespace: name("shop"),
  arms: { canary: name("checkout-canary"), stable: name("checkout"), by: "service" },
  workloads: { canary: name("checkout-canary"), stable: name("checkout") },
  asked: UP,
  from: BIRTH,
  to: BIRTH + 3 * EVERY,
  everyMs: EVERY,
};

type Point = readonly [at: number, value: string];

function matrix(...series: readonly (readonly Point[])[]): string {
  const result = series.map((values, index) => ({
    metric: index === 0 ? {} : { pod: String(index) },
    values: values.map(([at, value]) => [at / 1000, value]),
  }));
  return JSON.stringify({ status: "success", data: { resultType: "matrix", result } });
}

/** What is read of a past, of a server that answers so, and all that it was asked. */
async function readBy(
  answer: (form: URLSearchParams) => string | Response,
  question: Partial<ReadingsQuestion> = {},
  settings: Partial<PrometheusSettings> = {},
) {
  const asked: URLSearchParams[] = [];
  const fetch: Fetch = (url, { body }) => {
    const form = new URLSearchParams(typeof body === "string" ? body : url.searchParams);
    asked.push(form);
    const said = answer(form);
    return Promise.resolve(typeof said === "string" ? new Response(said) : said);
  };
  const { readings } = prometheusMetrics(
    { ...DEFAULT_PROMETHEUS, ...settings, url: "https://metrics.example.com" },
    { fetch },
  );
  const [reading] = (await readings?.([{ ...ASKED, ...question }])) ?? [];
  return { asked, reading };
}

async function queryOf(asked: SeasonalQuery, settings: Partial<PrometheusSettings> = {}): Promise<string> {
  const found = await readBy(() => matrix(), { asked }, settings);
  return found.asked[0]?.get("query") ?? "";
}

const builtin = (called: "errors" | "requests" | "latency-p99"): SeasonalQuery => ({
  kind: "builtin",
  builtin: called,
});

describe("what is asked of a past", () => {
  it("is one range, of values that can be readings alone", async () => {
    const { asked } = await readBy(() => matrix());
    expect(asked.map((form) => Object.fromEntries(form))).toEqual([
      { query: "(sum(up)\n) >= 0 < Inf", start: "1767225900.000", end: "1767226500.000", step: "300.000" },
    ]);
  });

  it("is no more at once than a server takes", async () => {
    const { asked } = await readBy(() => matrix(), { to: BIRTH + 25_000 * EVERY });
    const spans = asked.map((form) => (Number(form.get("end")) - Number(form.get("start"))) / 300 + 1);
    expect(spans).toEqual([10_000, 10_000, 5_000]);
    expect(asked[1]?.get("start")).toBe(String(BIRTH / 1000 + 10_001 * 300) + ".000");
  });

  it("has words of the service as a whole", async () => {
    const query = 'up{a="{service}",b="{namespace}",c=~"{canary}|{stable}",d=~"{pods}"}[{every}]{other}';
    const text = await queryOf({ kind: "query", query });
    expect(text).toContain('a="checkout",b="shop",c=~"checkout-canary|checkout",d=~"(?:checkout-canary|checkout)(?:-');
    expect(text).toContain("[300s]{other}");
  });

  it("is of both arms together, by the names of the data plane", async () => {
    const both = 'destination_service_namespace="shop",destination_service_name=~"checkout-canary|checkout"';
    const all = `sum(increase(istio_requests_total{reporter="destination",${both}}[300s]))`;
    expect(await queryOf(builtin("requests"))).toBe(`(${all}\n) >= 0 < Inf`);
    const failed = `sum(increase(istio_requests_total{reporter="destination",response_code=~"5..",${both}}[300s]))`;
    expect(await queryOf(builtin("errors"))).toBe(`(${failed} or 0 * ${all}\n) >= 0 < Inf`);
    expect(await queryOf(builtin("latency-p99"))).toBe(
      `(histogram_quantile(0.99, sum by (le) (rate(istio_request_duration_milliseconds_bucket{reporter="destination",${both}}[300s])))\n) >= 0 < Inf`,
    );
  });

  it("is nothing where latency is not counted, and that is no failure of the server", async () => {
    const { requests } = DATA_PLANES["linkerd-routes"];
    const found = await readBy(() => matrix(), { asked: builtin("latency-p99") }, { requests });
    expect(found).toEqual({
      asked: [],
      reading: { kind: "unavailable", reason: "How long requests take is not counted there." },
    });
  });
});

describe("many that are asked for together", () => {
  const all = (count: number, changes: (index: number) => Partial<ReadingsQuestion> = () => ({})) =>
    Array.from({ length: count }, (_, index): ReadingsQuestion => ({
      ...ASKED,
      asked: { kind: "query", query: `q${index}` },
      ...changes(index),
    }));
  /** A server that answers every query that it is asked with its own number, refuses some, and all that it was asked. */
  const askedOf = async (questions: readonly ReadingsQuestion[], refuses: (query: string) => Response | undefined) => {
    const asked: string[] = [];
    const fetch: Fetch = (url, { body }) => {
      const query = new URLSearchParams(typeof body === "string" ? body : url.searchParams).get("query") ?? "";
      asked.push(query);
      const numbers = [...query.matchAll(/\bq(\d+)\b/g)].map(([, number = ""]) => number);
      const result = numbers.map((number, index) => ({
        metric: numbers.length === 1 ? {} : { tidegate_service: String(index) },
        values: [[(BIRTH + EVERY) / 1000, number]],
      }));
      const body200 = JSON.stringify({ status: "success", data: { resultType: "matrix", result } });
      return Promise.resolve(refuses(query) ?? new Response(body200));
    };
    const { readings } = prometheusMetrics({ ...DEFAULT_PROMETHEUS, url: "https://metrics.example.com" }, { fetch });
    return { asked, told: (await readings?.(questions)) ?? [] };
  };
  const own = (number: number) => ({ kind: "read", value: [{ at: BIRTH + EVERY, value: number }] });

  it("are one query, and each has its own", async () => {
    const { asked, told } = await askedOf(all(30), () => undefined);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toContain('label_replace((q1\n) >= 0 < Inf, "tidegate_service", "1", "", "") or ');
    expect(told).toEqual(Array.from({ length: 30 }, (_, index) => own(index)));
  });

  it("are as many as one answer holds, of one time", async () => {
    expect((await askedOf(all(120), () => undefined)).asked).toHaveLength(3);
    expect(
      (
        await askedOf(
          all(50, () => ({ to: BIRTH + 4_000 * EVERY })),
          () => undefined,
        )
      ).asked,
    ).toHaveLength(2);
    const apart = all(4, (index) => ({ to: BIRTH + (index % 2 === 0 ? 3 : 4) * EVERY }));
    expect((await askedOf(apart, () => undefined)).told).toEqual([own(0), own(1), own(2), own(3)]);
  });

  it("are no matter of one among them that is refused", async () => {
    const refused = () => new Response('{"status":"error","errorType":"bad_data"}', { status: 400 });
    const { asked, told } = await askedOf(all(16), (query) => (/\bq5\b/.test(query) ? refused() : undefined));
    expect(told.map(({ kind }) => kind)).toEqual(
      Array.from({ length: 16 }, (_, index) => (index === 5 ? "unavailable" : "read")),
    );
    expect(told[6]).toEqual(own(6));
    expect(asked).toHaveLength(9);
  });

  it("are not asked for one by one of a server that does not answer", async () => {
    const { asked, told } = await askedOf(all(16), () => new Response(null, { status: 503 }));
    expect(asked).toHaveLength(1);
    expect(new Set(told.map(({ kind }) => kind))).toEqual(new Set(["unavailable"]));
  });
});

describe("what is read of a past", () => {
  it("is each reading at its time", async () => {
    const { reading } = await readBy(() =>
      matrix([
        [BIRTH + EVERY, "12"],
        [BIRTH + 3 * EVERY, "0"],
      ]),
    );
    expect(reading).toEqual({
      kind: "read",
      value: [
        { at: BIRTH + EVERY, value: 12 },
        { at: BIRTH + 3 * EVERY, value: 0 },
      ],
    });
  });

  it.each<[string, () => string | Response, string]>([
    [
      "a query that is refused",
      () => new Response('{"status":"error","errorType":"bad_data"}', { status: 400 }),
      "Prometheus answered 400 (bad_data).",
    ],
    [
      "several series",
      () => matrix([[BIRTH + EVERY, "1"]], [[BIRTH + EVERY, "2"]]),
      "The query gives 2 series, where one of the service as a whole is meant.",
    ],
    [
      "part of the data",
      () => matrix().replace('"status"', '"warnings":["partial"],"status"'),
      "Prometheus answered with warnings: the data may be partial.",
    ],
    ["a server that is down", () => new Response(null, { status: 503 }), "Prometheus answered 503."],
  ])("is nothing of %s", async (_, answer, reason) => {
    expect((await readBy(answer)).reading).toEqual({ kind: "unavailable", reason });
  });

  it("is finite, not negative, in order and at times that were asked for, whatever is answered", async () => {
    const value = fc.constantFrom("1", "0", "-1", "NaN", "+Inf", "-Inf", "", "x");
    const point = fc.tuple(fc.integer({ min: -2, max: 8 }), value);
    await fc.assert(
      fc.asyncProperty(fc.array(point, { maxLength: 8 }), async (points) => {
        const { reading } = await readBy(() => matrix(points.map(([at, text]) => [BIRTH + at * 150_000, text])));
        if (reading?.kind !== "read") return;
        const times = reading.value.map(({ at }) => at);
        expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
        expect(times.every((at) => at > BIRTH && at <= BIRTH + 3 * EVERY && at % EVERY === 0)).toBe(true);
        expect(reading.value.every((one) => Number.isFinite(one.value) && one.value >= 0)).toBe(true);
      }),
    );
  });
});
