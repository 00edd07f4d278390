import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { prometheusMetrics } from "../../../src/adapters/metrics/prometheus.ts";
import { roomFor, type Room } from "../../../src/adapters/metrics/room.ts";
import { DATA_PLANES, isDataPlane } from "../../../src/core/data-planes.ts";
import { name } from "../../../src/core/names.ts";
import type { RequestSettings } from "../../../src/core/requests.ts";
import { DEFAULT_PROMETHEUS } from "../../../src/ports/metrics.ts";
import type { PrometheusSettings, TimelineQuestion } from "../../../src/ports/metrics.ts";
import { exposed } from "../../../src/sandbox/cluster/expose.ts";
import { seriesStore, type Exposed, type SeriesStore } from "../../../src/sandbox/cluster/series-store.ts";
import { inProcess, type Spoil } from "./in-process.ts";
import { BIRTH, question, SECOND, timelineOf } from "./world.ts";

const settings = (changes: Partial<PrometheusSettings> = {}): PrometheusSettings => ({
  ...DEFAULT_PROMETHEUS,
  url: "https://metrics.example.com",
  ...changes,
});

const member = (namespace: string, service: string, changes: Partial<TimelineQuestion> = {}): TimelineQuestion => {
  const [stable, canary] = [name(service), name(`${service}-canary`)];
  return question({
    namespace: name(namespace),
    service: stable,
    arms: { canary, stable, by: "service" },
    workloads: { canary, stable },
    ...changes,
  });
};

const pod = (workload: string) => `${workload}-5f7b-bbbbb`;

/** What one service shows at a moment, its counters at `count` and a tenth of it failed. */
function shownBy(namespace: string, service: string, count: number): readonly Exposed[] {
  return [service, `${service}-canary`].flatMap((arm) => [
    ...["200", "503"].map((code) =>
      exposed(
        "istio_requests_total",
        {
          reporter: "destination",
          destination_service_namespace: namespace,
          destination_service_name: arm,
          destination_workload: arm,
          response_code: code,
        },
        code === "200" ? count : Math.floor(count / 10),
      ),
    ),
    exposed("kube_pod_container_info", { namespace, pod: pod(arm), container: "app", image_spec: `r/${arm}:1` }, 1),
    exposed("kube_pod_status_ready", { namespace, pod: pod(arm), condition: "true" }, 1),
  ]);
}

function storeOf(services: readonly (readonly [namespace: string, service: string])[], seconds = 60): SeriesStore {
  const store = seriesStore(3_600 * SECOND);
  for (let second = 0; second <= seconds; second += 5)
    store.scrape(
      BIRTH + second * SECOND,
      services.flatMap(([namespace, service], index) => shownBy(namespace, service, second * (index + 1))),
    );
  return store;
}

const many = (count: number): readonly (readonly [string, string])[] =>
  Array.from({ length: count }, (_, index) => [`team-${index % 7}`, `service-${index}`]);

const MINUTE = { from: BIRTH + 20 * SECOND, to: BIRTH + 60 * SECOND };

describe("members of one provider", () => {
  it.each([1, 2, 40, 500])("are %i, and four queries", async (count) => {
    const services = many(count);
    const { fetch, asked } = inProcess(storeOf(services.slice(0, 3)));
    const readings = await prometheusMetrics(settings(), { fetch }).timelines(
      services.map(([namespace, service]) => member(namespace, service, MINUTE)),
    );
    expect(asked).toHaveLength(4);
    expect(readings).toHaveLength(count);
    expect(readings.every(({ kind }) => kind === "read")).toBe(true);
  });

  it("are five queries with Argo Rollouts among them", async () => {
    const { fetch, asked } = inProcess(storeOf(many(3)));
    const rollouts = many(2).map(([namespace, service]) =>
      member(namespace, service, { ...MINUTE, workloads: { canary: name(service), stable: name(service) } }),
    );
    await prometheusMetrics(settings(), { fetch }).timelines([...rollouts, member("team-2", "service-2", MINUTE)]);
    expect(asked).toHaveLength(5);
  });

  it("each get their own counts and pods", async () => {
    const services = many(12);
    const { fetch } = inProcess(storeOf(services));
    const readings = await prometheusMetrics(settings(), { fetch }).timelines(
      services.map(([namespace, service]) => member(namespace, service, MINUTE)),
    );
    const counted = readings.map((reading) => reading.kind === "read" && reading.value[0]?.counts.stable);
    expect(counted).toEqual(services.map((_, index) => ({ requests: 11 * (index + 1), failed: index + 1 })));
    const images = readings.map((reading) => reading.kind === "read" && reading.value[0]?.pods.canary?.[0]?.image);
    expect(images).toEqual(services.map(([, service]) => `r/${service}-canary:1`));
  });

  it("are sent in a body where an address would be too long", async () => {
    const { fetch, asked } = inProcess(storeOf(many(300)));
    const metrics = prometheusMetrics(settings(), { fetch });
    const [one = member("a", "b")] = many(300).map(([namespace, service]) => member(namespace, service, MINUTE));
    await metrics.timelines([one]);
    expect(asked.map(({ method }) => method)).toEqual(["GET", "GET", "GET", "GET"]);
    await metrics.timelines(many(300).map(([namespace, service]) => member(namespace, service, MINUTE)));
    expect(asked.slice(4).map(({ method }) => method)).toEqual(["POST", "POST", "POST", "POST"]);
  });

  it("that ask for few windows are not read as long as those who ask for many", async () => {
    const { fetch, asked } = inProcess(storeOf(many(3)));
    const to = BIRTH + 4_000 * SECOND;
    const questions = many(3).map(([namespace, service], index) =>
      member(namespace, service, { from: to - ([10, 600, 4_000][index] ?? 0) * SECOND, to }),
    );
    await prometheusMetrics(settings(), { fetch }).timelines(questions);
    expect(asked).toHaveLength(3 * 4);
  });

  it.each([
    ["short pasts", 32, 700, 625],
    ["long pasts", 33, 40, 15],
    ["a past longer than all that are read together", 10_000, 3, 1],
  ])("with %s, of %i windows each, are read in groups", async (_, windows, count, most) => {
    const { fetch, asked } = inProcess(storeOf(many(1)));
    const from = BIRTH - windows * 10 * SECOND;
    const questions = many(count).map(([namespace, service]) => member(namespace, service, { from, to: BIRTH }));
    const readings = await prometheusMetrics(settings(), { fetch }).timelines(questions);
    expect(asked).toHaveLength(4 * Math.ceil(count / most));
    expect(readings.every(({ kind }) => kind === "read")).toBe(true);
  });

  it("with long pasts are read a few at a time, whoever else reads", async () => {
    const { fetch } = inProcess(storeOf(many(1)));
    const shared = roomFor(1_000);
    let held = 0;
    let most = 0;
    const room: Room = (windows, work) =>
      shared(windows, async () => {
        held += windows;
        most = Math.max(most, held);
        try {
          return await work();
        } finally {
          held -= windows;
        }
      });
    const from = BIRTH - 100 * 10 * SECOND;
    const questions = many(40).map(([namespace, service]) => member(namespace, service, { from, to: BIRTH }));
    const metrics = ["a", "b", "c"].map(() => prometheusMetrics(settings(), { fetch, room }));
    await Promise.all(metrics.map((one) => one.timelines(questions)));
    expect(most).toBe(1_000);
  });
});

describe("an answer that is too long", () => {
  it("is asked for in parts, down to one member", async () => {
    const services = many(8);
    const store = storeOf(services);
    const whole = inProcess(store);
    const questions = services.map(([namespace, service]) => member(namespace, service, MINUTE));
    const expected = await prometheusMetrics(settings(), whole).timelines(questions);
    const parts = inProcess(store);
    expect(await prometheusMetrics(settings({ maxBytes: 5_000 }), parts).timelines(questions)).toEqual(expected);
    expect(parts.asked.length).toBeGreaterThan(whole.asked.length);
    expect(parts.asked.length).toBeLessThanOrEqual(4 * (2 * services.length - 1));
  });

  it("for one member alone is unavailable for that one", async () => {
    const busy = Array.from({ length: 40 }, (_, index) => `busy-${index}`);
    const store = storeOf(many(2), 55);
    store.scrape(BIRTH + 60 * SECOND, [
      ...shownBy("team-0", "service-0", 60),
      ...busy.map((source) => {
        const [, , other] = shownBy("team-1", "service-1", 1);
        return { labels: { ...other?.labels, source }, value: 1 };
      }),
    ]);
    const { fetch } = inProcess(store);
    const questions = many(2).map(([namespace, service]) => member(namespace, service, MINUTE));
    const readings = await prometheusMetrics(settings({ maxBytes: 6_000 }), { fetch }).timelines(questions);
    expect(readings.map(({ kind }) => kind)).toEqual(["read", "unavailable"]);
  });

  it.each([
    [413, 500],
    [422, 500],
    [400, 500],
  ])("or a query, by a server that answers %i", async (status, count) => {
    const services = many(count);
    const { fetch: whole } = inProcess(storeOf(services.slice(0, 2)));
    let refused = 0;
    const fetch: typeof whole = (url, init) => {
      const text = typeof init.body === "string" ? init.body : url.search;
      if (text.length < 16_000) return whole(url, init);
      refused += 1;
      return Promise.resolve(new Response("", { status }));
    };
    const questions = services.map(([namespace, service]) => member(namespace, service, MINUTE));
    const readings = await prometheusMetrics(settings(), { fetch }).timelines(questions);
    expect(refused).toBeGreaterThan(0);
    expect(readings.every(({ kind }) => kind === "read")).toBe(true);
  });
});

describe("a provider that fails", () => {
  it.each([401, 429, 500, 503])("with %i is asked no more than that once, for all", async (status) => {
    let asked = 0;
    const fetch = () => {
      asked += 1;
      return Promise.resolve(new Response("", { status }));
    };
    const questions = many(300).map(([namespace, service]) => member(namespace, service, MINUTE));
    const readings = await prometheusMetrics(settings(), { fetch }).timelines(questions);
    expect(asked).toBe(4);
    expect(new Set(readings.map((reading) => reading.kind))).toEqual(new Set(["unavailable"]));
  });

  it("with 400 is asked for parts only as long as the query could be what it refuses", async () => {
    let asked = 0;
    const fetch = () => {
      asked += 1;
      return Promise.resolve(new Response("", { status: 400 }));
    };
    const questions = many(500).map(([namespace, service]) => member(namespace, service, MINUTE));
    await prometheusMetrics(settings(), { fetch }).timelines(questions);
    expect(asked).toBeLessThan(4 * 16);
  });
});

describe("one member's malformed series", () => {
  it("is nothing to the others", async () => {
    const spoil: Spoil = (labels, values) =>
      labels["destination_service_name"] === "service-1" ? values.toReversed() : values;
    const { fetch } = inProcess(storeOf(many(3)), spoil);
    const questions = many(3).map(([namespace, service]) => member(namespace, service, MINUTE));
    const readings = await prometheusMetrics(settings(), { fetch }).timelines(questions);
    expect(readings.map((reading) => (reading.kind === "read" ? "read" : reading.reason))).toEqual([
      "read",
      "Prometheus answered in a form that is not its documented one.",
      "read",
    ]);
  });
});

describe("reading together", () => {
  const NAMESPACES = ["shop", "bank", "shop-cart"];
  const SERVICES = ["cart", "cart-canary", "checkout", "till"];
  const TO = BIRTH + 120 * SECOND;

  const sample = fc.record({
    namespace: fc.constantFrom(...NAMESPACES),
    arm: fc.constantFrom(...SERVICES, "cart-canary-canary", "till-canary", "checkout-canary"),
    code: fc.constantFrom("200", "404", "503"),
    hash: fc.constantFrom("bcdf", "5f7b", "x2x4"),
    container: fc.constantFrom("app", "proxy"),
    image: fc.constantFrom("1", "2"),
    phase: fc.constantFrom("Paused", "Completed"),
    begin: fc.integer({ min: 0, max: 20 }),
    end: fc.integer({ min: 0, max: 24 }),
    hole: fc.integer({ min: 0, max: 24 }),
    rate: fc.integer({ min: 0, max: 9 }),
    resetAt: fc.integer({ min: 0, max: 40 }),
    isSpoilt: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
  });
  type Sample = typeof sample extends fc.Arbitrary<infer T> ? T : never;

  const asked = fc
    .record({
      namespace: fc.constantFrom(...NAMESPACES),
      service: fc.constantFrom(...SERVICES),
      container: fc.constantFrom("app", "proxy"),
      windows: fc.integer({ min: 0, max: 12 }),
      by: fc.constantFrom("service", "workload"),
      kind: fc.constantFrom("deployments", "rollout"),
    })
    .map(({ namespace, service, container, windows, by, kind }) =>
      member(namespace, service, {
        container: name(container),
        from: TO - windows * 10 * SECOND,
        to: TO,
        arms: {
          canary: name(`${service}-canary`),
          stable: name(service),
          by: by === "service" ? "service" : "workload",
        },
        ...(kind === "rollout" && { workloads: { canary: name(service), stable: name(service) } }),
      }),
    );

  const shownAt = (one: Sample, index: number, tick: number): readonly Exposed[] => {
    if (tick < one.begin || tick > one.end || tick === one.hole) return [];
    const { namespace, arm, code, hash, container, image, phase, rate, resetAt } = one;
    const common = { spoilt: one.isSpoilt ? String(one.hole) : "no", index: String(index) };
    const value = tick >= resetAt ? (tick - resetAt) * rate : tick * rate + 100;
    const labels = {
      reporter: "destination",
      destination_service_namespace: namespace,
      destination_service_name: arm,
      destination_workload: arm,
      response_code: code,
    };
    const pods = { namespace, pod: `${arm}-${hash}-22222` };
    return [
      exposed("istio_requests_total", { ...labels, ...common }, value),
      exposed("kube_pod_container_info", { ...pods, ...common, container, image_spec: `r/${arm}:${image}` }, 1),
      exposed("kube_pod_status_ready", { ...pods, ...common, condition: "true" }, rate % 2),
      exposed(
        "rollout_info",
        { [rate > 4 ? "namespace" : "exported_namespace"]: namespace, name: arm, phase, ...common },
        1,
      ),
    ];
  };

  const spoiltAt = (tick: number, point: readonly unknown[]) =>
    point[0] === (BIRTH + (tick - 1) * 5 * SECOND) / 1000 ? [point[0], "NaN"] : point;

  const storeWith = (samples: readonly Sample[]): SeriesStore => {
    const store = seriesStore(3_600 * SECOND);
    for (let tick = 0; tick <= 24; tick += 1)
      store.scrape(
        BIRTH + tick * 5 * SECOND,
        samples.flatMap((one, index) => shownAt(one, index, tick)),
      );
    return store;
  };

  it("says of each member what reading it alone says, whatever is wrong with others", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(sample, { minLength: 4, maxLength: 14 }),
        fc.array(asked, { minLength: 1, maxLength: 7 }),
        fc.constantFrom(600, 2_000, 6_000, 1_000_000),
        fc.constantFrom(15, 40, 300),
        async (samples, questions, maxBytes, lookback) => {
          const { fetch } = inProcess(storeWith(samples), (labels, values) =>
            labels["spoilt"] === "no" ? values : values.map((point) => spoiltAt(Number(labels["spoilt"]), point)),
          );
          const metrics = prometheusMetrics(settings({ maxBytes, lookbackMs: lookback * SECOND }), { fetch });
          const together = await metrics.timelines(questions);
          const alone = await Promise.all(questions.map((one) => timelineOf(metrics, one)));
          expect(together).toEqual(alone);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe("planes whose labels are made of several names", () => {
  const planes: readonly (readonly [string, RequestSettings])[] = ["nginx", "traefik", "contour", "linkerd", "pods"]
    .filter(isDataPlane)
    .map((plane) => [plane, DATA_PLANES[plane].requests]);

  it.each(planes)("%s: five hundred members are four queries as well", async (_, requests) => {
    const { fetch, asked } = inProcess(seriesStore(60 * SECOND));
    await prometheusMetrics(settings({ requests }), { fetch }).timelines(
      many(500).map(([namespace, service]) => member(namespace, service, MINUTE)),
    );
    expect(asked).toHaveLength(4);
  });
});
