import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Fetch } from "../../../src/adapters/http/guarded-fetch.ts";
import { prometheusMetrics } from "../../../src/adapters/metrics/prometheus.ts";
import { UserError } from "../../../src/core/error.ts";
import { name } from "../../../src/core/names.ts";
import { DEFAULT_PROMETHEUS } from "../../../src/ports/metrics.ts";
import type { PrometheusSettings } from "../../../src/ports/metrics.ts";
import { servePrometheus } from "../../../src/sandbox/cluster/provider.ts";
import type { Provider, ProviderFault } from "../../../src/sandbox/cluster/provider.ts";
import { BIRTH, livedCluster, metricsAt, question, timelineOf } from "./world.ts";

const EMPTY = '{"status":"success","data":{"resultType":"matrix","result":[]}}';

const settings = (changes: Partial<PrometheusSettings> = {}): PrometheusSettings => ({
  ...DEFAULT_PROMETHEUS,
  url: "https://metrics.example.com/prometheus",
  ...changes,
});

/** What is asked for, by a fetch that answers everything with no series. */
async function requestsOf(changes: Partial<PrometheusSettings> = {}, asking = question()) {
  const asked: { readonly url: URL; readonly init: RequestInit }[] = [];
  const fetch: Fetch = (url, init) => {
    asked.push({ url, init });
    return Promise.resolve(new Response(EMPTY));
  };
  await timelineOf(prometheusMetrics(settings(changes), { fetch }), asking);
  return asked;
}

const answering = (respond: (query: string) => string | Response, asking = question()) => {
  const fetch: Fetch = (url) =>
    Promise.resolve(new Response(null)).then(() => asResponse(respond(url.searchParams.get("query") ?? "")));
  return timelineOf(prometheusMetrics(settings(), { fetch }), asking);
};

const asResponse = (body: string | Response) => (typeof body === "string" ? new Response(body) : body);

const matrix = (metric: object, values: readonly (readonly [number, string])[]) =>
  JSON.stringify({ status: "success", data: { resultType: "matrix", result: [{ metric, values }] } });

describe("what is asked", () => {
  it("is two range selectors at the end and two queries over the ends of windows", async () => {
    const asked = await requestsOf();
    const service = 'destination_service_namespace="shop",destination_service_name=~"checkout-canary|checkout"';
    const safe = "[bcdfghjklmnpqrstvwxz2456789]";
    const pods = `(?:checkout-canary|checkout)(?:-[0-9]{5}-deployment)?-${safe}{1,10}-${safe}{5}`;
    expect(asked.map(({ url }) => [url.pathname, Object.fromEntries(url.searchParams)])).toEqual([
      [
        "/prometheus/api/v1/query",
        { query: `istio_requests_total{reporter="destination",${service}}[420001ms]`, time: "1767225720.000" },
      ],
      [
        "/prometheus/api/v1/query",
        {
          query: `istio_requests_total{reporter="destination",response_code=~"5..",${service}}[420001ms]`,
          time: "1767225720.000",
        },
      ],
      ...[
        `kube_pod_container_info{namespace="shop",container="app",pod=~"${pods}"}`,
        `kube_pod_status_ready{namespace="shop",condition="true",pod=~"${pods}"}`,
      ].map((query) => [
        "/prometheus/api/v1/query_range",
        { query, start: "1767225610.000", end: "1767225720.000", step: "10.000" },
      ]),
    ]);
  });

  it("carries the headers and follows no redirect", async () => {
    const [first] = await requestsOf({ headers: { authorization: "Bearer secret" } });
    expect(new Headers(first?.init.headers).get("authorization")).toBe("Bearer secret");
    expect(first?.init.redirect).toBe("manual");
  });

  it("uses the configured names", async () => {
    const requests = {
      counter: "response_total",
      arm: { label: "service", forms: ["{arm}"] },
      workload: { label: "deployment", forms: ["{arm}"] },
      canary: undefined,
      namespaceLabel: "namespace",
      versionLabel: undefined,
      where: { direction: "inbound", quoted: 'a"b' },
      failed: { label: "classification", matches: "failure" },
    };
    const [, failed] = await requestsOf({ requests });
    expect(failed?.url.searchParams.get("query")).toBe(
      String.raw`response_total{direction="inbound",quoted="a\"b",classification=~"failure",namespace="shop",service=~"checkout-canary|checkout"}[420001ms]`,
    );
  });
});

describe("arms that are one Service to the metrics", () => {
  it("are told apart by their workloads, in the same namespace", async () => {
    const [all] = await requestsOf({}, question({ arms: { ...question().arms, by: "workload" } }));
    expect(all?.url.searchParams.get("query")).toBe(
      'istio_requests_total{reporter="destination",destination_service_namespace="shop",destination_workload=~"checkout-canary|checkout"}[420001ms]',
    );
  });

  it("are counted by that label alone", async () => {
    const asked = question({ to: BIRTH + 20_000, arms: { ...question().arms, by: "workload" } });
    const of = (workload: string, rate: number) => ({
      metric: {
        destination_service_name: "checkout",
        destination_service_namespace: "shop",
        destination_workload: workload,
      },
      values: [0, 10, 20].map((second) => [BIRTH / 1000 + second, String(second * rate)] as const),
    });
    const body = (result: readonly unknown[]) =>
      JSON.stringify({ status: "success", data: { resultType: "matrix", result } });
    const counted = body([of("checkout", 9), of("checkout-canary", 1), of("checkout-other", 7)]);
    const reading = await answering(
      (query) => (query.startsWith("istio") && !query.includes('=~"5..') ? counted : EMPTY),
      asked,
    );
    const windows = reading.kind === "read" ? reading.value : [];
    expect(windows.map(({ counts }) => counts)).toEqual([
      { canary: { requests: 10, failed: 0 }, stable: { requests: 90, failed: 0 } },
      { canary: { requests: 10, failed: 0 }, stable: { requests: 90, failed: 0 } },
    ]);
  });
});

describe("one workload of both arms, an Argo Rollout", () => {
  it("has its pods told to each arm, by image", async () => {
    const rollout = name("checkout");
    const asked = question({ to: BIRTH + 10_000, workloads: { canary: rollout, stable: rollout } });
    const values = [[BIRTH / 1000 + 10, "1"]];
    const of = (pod: string, image: string) => ({
      metric: { namespace: "shop", container: "app", condition: "true", pod, image_spec: image },
      values,
    });
    const body = JSON.stringify({
      status: "success",
      data: {
        resultType: "matrix",
        result: [of("checkout-5f7b-bbbbb", "r/checkout:1"), of("checkout-6c8d-ccccc", "r/checkout:2")],
      },
    });
    const reading = await answering((query) => (query.startsWith("kube_pod") ? body : EMPTY), asked);
    const pods = ["r/checkout:1", "r/checkout:2"].map((image) => ({ image, ready: 1, total: 1 }));
    expect(reading).toMatchObject({ kind: "read", value: [{ pods: { canary: pods, stable: pods } }] });
  });
});

describe("versions in the labels of requests", () => {
  const of = (version: string, from: number) => ({
    metric: {
      destination_service_namespace: "shop",
      destination_service_name: "checkout-canary",
      destination_version: version,
    },
    values: [0, 10, 20, 30].filter((second) => second >= from).map((second) => [BIRTH / 1000 + second, `${second}`]),
  });
  const body = JSON.stringify({
    status: "success",
    data: { resultType: "matrix", result: [of("2", 10), of("1", 0), of("unknown", 0), { ...of("3", 40), values: [] }] },
  });
  const versionsWith = async (versionLabel: string | undefined) => {
    const fetch: Fetch = (url) =>
      Promise.resolve(asResponse(/^istio[^~]*=~[^~]*$/.test(url.searchParams.get("query") ?? "") ? body : EMPTY));
    const requests = { ...DEFAULT_PROMETHEUS.requests, versionLabel };
    const asked = question({ to: BIRTH + 30_000 });
    const reading = await timelineOf(prometheusMetrics(settings({ requests }), { fetch }), asked);
    return reading.kind === "read" ? reading.value.map(({ versions }) => versions) : reading.reason;
  };

  it("are those that answered in each window", async () => {
    expect(await versionsWith("destination_version")).toEqual([
      { canary: ["1"], stable: [] },
      { canary: ["1", "2"], stable: [] },
      { canary: ["1", "2"], stable: [] },
    ]);
  });

  it("are not looked at where no label is said", async () => {
    expect(await versionsWith(undefined)).toEqual([undefined, undefined, undefined]);
  });
});

describe("the identity of a provider", () => {
  const identity = (changes: Partial<PrometheusSettings>) => prometheusMetrics(settings(changes), { fetch }).identity;

  it.each<[string, Partial<PrometheusSettings>]>([
    ["another address", { url: "https://other.example.com" }],
    ["another tenant", { headers: { "x-scope-orgid": "secret" } }],
    ["other requests", { requests: { ...DEFAULT_PROMETHEUS.requests, where: {} } }],
    ["another lookback", { lookbackMs: 60_000 }],
  ])("differs with %s and holds no secret", (_, changes) => {
    expect(identity(changes)).not.toBe(identity({}));
    expect(identity(changes)).toMatch(/^[0-9a-f]{64}$/);
  });

  it("is the same for the same settings, however patient", () => {
    expect(identity({ timeoutMs: 1, maxBytes: 1 })).toBe(identity({}));
  });
});

describe("settings that cannot be used", () => {
  it.each<[string, Partial<PrometheusSettings>]>([
    ["no URL", { url: "metrics.example.com:secret" }],
    ["another scheme", { url: "file:///secret" }],
    ["credentials in the URL", { url: "https://ana:secret@metrics.example.com" }],
    ["a query in the URL", { url: "https://metrics.example.com/?token=secret" }],
    ["a header with a line break", { headers: { authorization: "secret\r\nx: y" } }],
    ["a counter that is none", { requests: { ...DEFAULT_PROMETHEUS.requests, counter: "sum(x)" } }],
    ["a label that is none", { requests: { ...DEFAULT_PROMETHEUS.requests, where: { 'a="b",c': "d" } } }],
    [
      "a label of failure that is none",
      { requests: { ...DEFAULT_PROMETHEUS.requests, failed: { label: "", matches: "5.." } } },
    ],
    [
      "a label of arms that is none",
      { requests: { ...DEFAULT_PROMETHEUS.requests, arm: { label: "a-b", forms: ["{arm}"] } } },
    ],
    [
      "a label of workloads that is none",
      { requests: { ...DEFAULT_PROMETHEUS.requests, workload: { label: "a-b", forms: ["{arm}"] } } },
    ],
    ["a label of versions that is none", { requests: { ...DEFAULT_PROMETHEUS.requests, versionLabel: "a-b" } }],
    ["a label of namespaces that is none", { requests: { ...DEFAULT_PROMETHEUS.requests, namespaceLabel: "a-b" } }],
  ])("are refused without repeating a secret: %s", (_, changes) => {
    const make = () => prometheusMetrics(settings(changes), { fetch });
    expect(make).toThrow(UserError);
    expect(make).not.toThrow(/secret/);
  });
});

describe("a provider that misbehaves", () => {
  let provider: Provider;

  beforeAll(async () => {
    const { series } = await livedCluster();
    provider = await servePrometheus(series, () => BIRTH);
  });
  afterEach(() => provider.setFault({ kind: "none" }));
  afterAll(() => provider.close());

  it.each<[ProviderFault, string]>([
    [{ kind: "down" }, "Prometheus cannot be reached (UND_ERR_SOCKET)."],
    [{ kind: "status", status: 401 }, "Prometheus answered 401 (it does not know the key)."],
    [{ kind: "status", status: 500 }, "Prometheus answered 500."],
    [
      { kind: "redirect", to: "http://169.254.169.254/" },
      "Prometheus answered with a redirect, which is not followed.",
    ],
    [{ kind: "malformed" }, "Prometheus answered in a form that is not its documented one."],
    [{ kind: "notNumbers" }, "Prometheus answered with a sample that is not a number."],
    [{ kind: "partial" }, "Prometheus answered with warnings: the data may be partial."],
    [{ kind: "slow", ms: 300 }, "Prometheus did not answer within 0.1 s."],
    [{ kind: "huge", bytes: 2_000_000 }, "Prometheus answered with more than 1000000 bytes."],
  ])("$kind is unavailable, with the reason", async (fault, reason) => {
    provider.setFault(fault);
    const timeoutMs = fault.kind === "slow" ? 100 : 20_000;
    const metrics = metricsAt(provider.url, { timeoutMs, maxBytes: 1_000_000 });
    expect(await timelineOf(metrics, question())).toEqual({ kind: "unavailable", reason });
  });

  it("that knows nothing gives windows without counts or pods", async () => {
    provider.setFault({ kind: "empty" });
    const reading = await timelineOf(metricsAt(provider.url), question({ to: BIRTH + 10_000 }));
    expect(reading).toEqual({ kind: "read", value: [{ start: BIRTH, end: BIRTH + 10_000, counts: {}, pods: {} }] });
  });

  it("that is not there is unavailable", async () => {
    const gone = await servePrometheus((await livedCluster()).series, () => BIRTH);
    await gone.close();
    const reading = await timelineOf(metricsAt(gone.url), question());
    expect(reading).toEqual({ kind: "unavailable", reason: "Prometheus refuses connections." });
  });
});

describe("an answer that makes no sense", () => {
  const counter = {
    destination_service_namespace: "shop",
    destination_service_name: "checkout",
    response_code: "500",
  };
  const isFailed = (query: string) => query.includes("response_code=~");

  it("is unavailable where a failed request is no request", async () => {
    const reading = await answering((query) => (isFailed(query) ? matrix(counter, [[BIRTH / 1000, "1"]]) : EMPTY));
    expect(reading).toEqual({
      kind: "unavailable",
      reason: "Prometheus knows failed requests that it does not count as requests.",
    });
  });

  it("is unavailable where a counter is negative", async () => {
    const reading = await answering((query) =>
      query.startsWith("istio") ? matrix(counter, [[BIRTH / 1000, "-1"]]) : EMPTY,
    );
    expect(reading).toEqual({ kind: "unavailable", reason: "A request counter is below zero." });
  });

  it.each([
    "istio_requests_total{reporter",
    "kube_pod_container_info",
    "kube_pod_status_ready",
    'response_code=~"5.."',
  ])("is unavailable as a whole where only %s fails", async (part) => {
    const reading = await answering((query) => (query.includes(part) ? new Response("", { status: 503 }) : EMPTY));
    expect(reading).toEqual({ kind: "unavailable", reason: "Prometheus answered 503." });
  });

  it("never repeats what the platform says of an error", async () => {
    const fetch: Fetch = () =>
      Promise.reject(new TypeError("Bearer secret", { cause: new Error("https://ana:secret@x") }));
    const reading = await timelineOf(prometheusMetrics(settings(), { fetch }), question());
    expect(reading).toEqual({ kind: "unavailable", reason: "Prometheus cannot be reached." });
  });
});

describe("a question that cannot be answered", () => {
  it.each([
    [
      "too many windows",
      question({ to: BIRTH + 11_001 * 10_000 }),
      "More than 11000 windows cannot be asked for at once.",
    ],
    [
      "a workload whose pods have other names",
      question({ workloads: { canary: name("w".repeat(58)), stable: name("checkout") } }),
      "A workload's name is longer than 57 characters: its pods cannot be told apart.",
    ],
    [
      "one Service of both arms",
      question({ arms: { canary: name("checkout"), stable: name("checkout"), by: "service" } }),
      "Canary and stable are both checkout in the label destination_service_name: their requests cannot be told apart.",
    ],
    [
      "one workload of both arms",
      question({ arms: { canary: name("checkout"), stable: name("checkout"), by: "workload" } }),
      "Canary and stable are both checkout in the label destination_workload: their requests cannot be told apart.",
    ],
    [
      "workloads whose pods may have the same names",
      question({ workloads: { canary: name(`${"w".repeat(45)}-bcdf`), stable: name("w".repeat(45)) } }),
      `The workloads ${"w".repeat(45)}-bcdf and ${"w".repeat(45)} may have pods of the same names: their pods cannot be told apart.`,
    ],
  ])("%s", async (_, asked, reason) => {
    const fetch: Fetch = () => Promise.reject(new Error("nothing should be asked"));
    expect(await timelineOf(prometheusMetrics(settings(), { fetch }), asked)).toEqual({ kind: "unavailable", reason });
  });
});
