import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prometheusMetrics } from "../../../src/adapters/metrics/prometheus.ts";
import { DATA_PLANES, type DataPlaneName } from "../../../src/core/data-planes.ts";
import { name } from "../../../src/core/names.ts";
import type { Counts } from "../../../src/core/window.ts";
import { DEFAULT_PROMETHEUS } from "../../../src/ports/metrics.ts";
import type { TimelineQuestion } from "../../../src/ports/metrics.ts";
import { exposed } from "../../../src/sandbox/cluster/expose.ts";
import { servePrometheus } from "../../../src/sandbox/cluster/provider.ts";
import { seriesStore, type SeriesStore } from "../../../src/sandbox/cluster/series-store.ts";
import { isPrometheusInstalled, realPrometheus } from "../../../src/sandbox/real-prometheus.ts";
import { BIRTH, question, SECOND, timelineOf } from "./world.ts";

type Labels = Readonly<Record<string, string>>;

/** What a data plane really exposes: series of `checkout` in `shop` by arm and outcome, and series that only look like them. */
type Exposition = { readonly own: Own; readonly misses: readonly Labels[] };
type Own = {
  readonly [arm in "canary" | "stable"]: { readonly fine: readonly Labels[]; readonly failed: readonly Labels[] };
};

/** The same labels for both arms but for one value, with outcomes told by another label. */
function alike(base: Labels, [label, canary, stable]: readonly [string, string, string], outcomes: Outcomes): Own {
  const arm = (value: string) => ({
    fine: outcomes.fine.map((one) => ({ ...base, [label]: value, ...one })),
    failed: outcomes.failed.map((one) => ({ ...base, [label]: value, ...one })),
  });
  return { canary: arm(canary), stable: arm(stable) };
}

type Outcomes = { readonly fine: readonly Labels[]; readonly failed: readonly Labels[] };

function codes(label: string): Outcomes {
  return {
    fine: ["200", "404", "301"].map((code) => ({ [label]: code })),
    failed: ["500", "503"].map((code) => ({ [label]: code })),
  };
}

const ISTIO = { reporter: "destination", destination_service_namespace: "shop", destination_service_name: "checkout" };
const BACKEND = { backend_kind: "Service", backend_namespace: "shop", backend_name: "checkout" };
const NGINX = { namespace: "shop", ingress: "checkout", service: "checkout", canary: "", status: "200" };
const KNATIVE = { k8s_namespace_name: "shop", http_response_status_code: "200" };
const POD = { namespace: "shop", pod: "checkout-5f7b8-22222", status: "200" };

const clusters = (label: string, named: (namespace: string, service: string, port: string) => string): Exposition => {
  const outcomes = codes("envoy_response_code");
  const own = alike({}, [label, named("shop", "checkout-canary", "80"), named("shop", "checkout", "80")], outcomes);
  const misses = [
    named("shop", "checkout-other", "80"),
    named("shop", "my-checkout", "80"),
    named("shops", "checkout", "80"),
    named("bank", "checkout", "80"),
    `${named("shop", "checkout", "80")}_x`,
    `x-${named("shop", "checkout", "80")}`,
    "shop/checkout/80/da39a3ee5e",
  ];
  return { own, misses: misses.map((value) => ({ [label]: value, envoy_response_code: "200" })) };
};

// What sidecars and waypoints report is in one store: neither may be counted for the other.
const istio = (reporter: string): Exposition => ({
  own: alike(
    { ...ISTIO, reporter },
    ["destination_service_name", "checkout-canary", "checkout"],
    codes("response_code"),
  ),
  misses: [
    { ...ISTIO, response_code: "200", reporter: "source" },
    { ...ISTIO, response_code: "200", reporter, destination_service_namespace: "shops" },
    { ...ISTIO, response_code: "200", reporter, destination_service_name: "checkout-canary-2" },
    { ...ISTIO, response_code: "500", reporter, destination_service_name: "my-checkout" },
    { ...ISTIO, response_code: "200", reporter, destination_service_name: "unknown", destination_workload: "checkout" },
  ],
});

const EXPOSED: { readonly [plane in DataPlaneName]: Exposition } = {
  istio: istio("destination"),
  "istio-waypoint": istio("waypoint"),
  linkerd: {
    own: alike({ direction: "inbound", namespace: "shop" }, ["deployment", "checkout-canary", "checkout"], {
      fine: [{ classification: "success" }],
      failed: [{ classification: "failure" }],
    }),
    misses: [
      { direction: "outbound", namespace: "shop", deployment: "checkout", classification: "success" },
      { direction: "outbound", namespace: "shop", dst_deployment: "checkout", classification: "failure" },
      { direction: "inbound", namespace: "bank", deployment: "checkout", classification: "failure" },
      { direction: "inbound", namespace: "shop", deployment: "checkout-2", classification: "success" },
    ],
  },
  "linkerd-routes": {
    own: alike(BACKEND, ["backend_name", "checkout-canary", "checkout"], {
      fine: [{ http_status: "200", error: "" }, { http_status: "404" }],
      failed: [{ http_status: "500" }, { http_status: "", error: "FAIL_FAST" }],
    }),
    misses: [
      { ...BACKEND, backend_kind: "default", http_status: "200" },
      { ...BACKEND, backend_namespace: "bank", http_status: "200" },
      { ...BACKEND, backend_name: "checkout-v2", http_status: "200", parent_name: "checkout" },
    ],
  },
  nginx: {
    own: alike({ ...NGINX, canary: "" }, ["canary", "shop-checkout-canary-80", ""], codes("status")),
    misses: [
      { ...NGINX, canary: "shop-checkout-other-80" },
      { ...NGINX, canary: "bank-checkout-canary-80" },
      { ...NGINX, canary: "shop-checkout-80" },
      { ...NGINX, service: "cart" },
      { ...NGINX, service: "checkout-canary" },
      { ...NGINX, namespace: "bank" },
    ],
  },
  traefik: {
    own: alike(
      { protocol: "http" },
      ["service", "shop-checkout-canary-80@kubernetesgateway", "shop-checkout-80@kubernetescrd"],
      codes("code"),
    ),
    misses: [
      "shop-checkout-80@file",
      "shop-checkout-80",
      "shop-checkout-other-80@kubernetescrd",
      "bank-checkout-80@kubernetescrd",
      "my-shop-checkout-80@kubernetesgateway",
      "shop-checkout-80-wrr@kubernetesgateway",
      "shop-checkout-gw-web-0-wrr@kubernetesgateway",
    ].map((service) => ({ service, code: "200", protocol: "http" })),
  },
  contour: clusters("envoy_cluster_name", (namespace, service, port) => [namespace, service, port].join("_")),
  gloo: clusters(
    "envoy_cluster_name",
    (namespace, service, port) => `${[namespace, service, port].join("-")}_gloo-system`,
  ),
  kgateway: clusters("envoy_cluster_name", (...parts) => ["kube", ...parts].join("_")),
  osm: {
    own: alike(
      { destination_kind: "Deployment", destination_namespace: "shop" },
      ["destination_name", "checkout-canary", "checkout"],
      codes("response_code"),
    ),
    misses: [
      { destination_kind: "Pod", destination_namespace: "shop", destination_name: "checkout", response_code: "200" },
      {
        destination_kind: "Deployment",
        destination_namespace: "x",
        destination_name: "checkout",
        response_code: "200",
      },
      {
        destination_kind: "Deployment",
        destination_namespace: "shop",
        destination_name: "check",
        response_code: "200",
      },
      { source_name: "checkout", destination_namespace: "shop", destination_kind: "Deployment", response_code: "200" },
    ],
  },
  knative: {
    own: alike(KNATIVE, ["kn_configuration_name", "checkout-canary", "checkout"], codes("http_response_status_code")),
    misses: [
      { ...KNATIVE, kn_configuration_name: "checkout-other" },
      { ...KNATIVE, kn_configuration_name: "my-checkout" },
      { ...KNATIVE, kn_configuration_name: "checkout", k8s_namespace_name: "bank" },
      { ...KNATIVE, kn_service_name: "checkout", kn_revision_name: "checkout-00001" },
    ],
  },
  pods: {
    own: alike(POD, ["pod", "checkout-canary-5f7b8-bbbbb", "checkout-5f7b8-22222"], codes("status")),
    misses: [
      { ...POD, pod: "checkout-0" },
      { ...POD, pod: "checkout-canary-0" },
      { ...POD, pod: "my-checkout-5f7b8-22222" },
      { ...POD, pod: "checkout-worker-5f7b8-22222" },
      { ...POD, namespace: "bank" },
    ],
  },
};

const PLANES = Object.entries(EXPOSED).flatMap(([plane, exposition]) => {
  const known = Object.entries(DATA_PLANES).find(([called]) => called === plane);
  return known === undefined ? [] : [[plane, exposition, known[1].requests] as const];
});

/** Series that look alike count a thousand times as fast: a single one of them would be seen. */
const MISS = 1_000;

/** Half a minute of all data planes, in one store. */
function storeOfAll(): SeriesStore {
  const store = seriesStore(600 * SECOND);
  for (let second = 0; second <= 30; second += 5) {
    const shown = PLANES.flatMap(([, { own, misses }, { counter }]) => {
      const at = (rate: number, kind: string) => (labels: Labels, index: number) =>
        exposed(counter, { ...labels, told: `${kind}-${index}` }, 7 + second * rate);
      return [
        ...own.canary.fine.map(at(1, "canary")),
        ...own.canary.failed.map(at(2, "canary-failed")),
        ...own.stable.fine.map(at(3, "stable")),
        ...own.stable.failed.map(at(4, "stable-failed")),
        ...misses.map(at(MISS, "miss")),
      ];
    });
    store.scrape(BIRTH + second * SECOND, shown);
  }
  return store;
}

const ASKED = question({ from: BIRTH + 10 * SECOND, to: BIRTH + 30 * SECOND, windowMs: 10 * SECOND });

type Provider = { readonly url: string; readonly close: () => Promise<void> };

const PROVIDERS: readonly (readonly [string, boolean, (series: SeriesStore) => Promise<Provider>])[] = [
  ["the synthetic cluster", true, (series) => servePrometheus(series, () => BIRTH + 30 * SECOND)],
  [
    "a real Prometheus (needs prometheus and promtool)",
    isPrometheusInstalled() || process.env["CI"] !== undefined,
    realPrometheus,
  ],
];

describe.each(PROVIDERS)("data planes, asked of %s", (_, canRun, serve) => {
  describe.skipIf(!canRun)("with every other's series beside", () => {
    let provider: Provider;

    beforeAll(async () => {
      provider = await serve(storeOfAll());
    }, 150_000);

    afterAll(() => provider.close());

    /** Every series that a read was given for its requests, by what it is. */
    async function readOf(requests: (typeof PLANES)[number][2], asked: TimelineQuestion) {
      const told = new Set<string>();
      const listening: typeof fetch = async (url, init) => {
        const response = await fetch(url, init);
        const body = await response.clone().text();
        for (const [, one = ""] of body.matchAll(/"told":"([^"]*)"/g)) told.add(one);
        return response;
      };
      const settings = { ...DEFAULT_PROMETHEUS, url: provider.url, requests };
      const reading = await timelineOf(prometheusMetrics(settings, { fetch: listening }), asked);
      if (reading.kind === "unavailable") throw new Error(reading.reason);
      return { told, counts: reading.value.map(({ counts }) => counts) };
    }

    it.each(PLANES)("%s: exactly its own, with the failed ones among them", async (_plane, { own }, requests) => {
      const sum = (arm: "canary" | "stable", fine: number, failed: number): Counts => {
        const failures = 10 * failed * own[arm].failed.length;
        return { requests: 10 * fine * own[arm].fine.length + failures, failed: failures };
      };
      const { told, counts } = await readOf(requests, ASKED);
      const expected = { canary: sum("canary", 1, 2), stable: sum("stable", 3, 4) };
      expect(counts).toEqual([expected, expected]);
      expect([...told].filter((one) => one.startsWith("miss"))).toEqual([]);
    });

    it("tells by workloads what has one Service, where the plane knows workloads", async () => {
      const asked = question({
        ...ASKED,
        arms: { canary: name("checkout-canary"), stable: name("checkout"), by: "workload" },
      });
      const { counts } = await readOf(DATA_PLANES.linkerd.requests, asked);
      expect(counts[0]).toEqual({ canary: { requests: 30, failed: 20 }, stable: { requests: 70, failed: 40 } });
    });
  });
});

describe("arms that a data plane cannot tell apart", () => {
  const refusedBy = async (plane: DataPlaneName, changes: Partial<TimelineQuestion>) => {
    const settings = {
      ...DEFAULT_PROMETHEUS,
      url: "https://metrics.example.com",
      requests: DATA_PLANES[plane].requests,
    };
    const asked = () => Promise.reject(new Error("nothing should be asked"));
    return timelineOf(prometheusMetrics(settings, { fetch: asked }), question({ ...ASKED, ...changes }));
  };

  it("are two workloads of one Service, where requests are counted by Service", async () => {
    expect(await refusedBy("contour", { arms: { ...ASKED.arms, by: "workload" } })).toEqual({
      kind: "unavailable",
      reason: "Requests are counted by Service alone: arms that share one cannot be told apart.",
    });
  });

  it("are two Services of one workload, where requests are counted by workload", async () => {
    const rollout = name("checkout");
    expect(await refusedBy("linkerd", { workloads: { canary: rollout, stable: rollout } })).toEqual({
      kind: "unavailable",
      reason: "Canary and stable are both checkout in the label deployment: their requests cannot be told apart.",
    });
  });
});
