import type { ArmLabel, LatencyHistogram, RequestSettings } from "./requests.ts";

/** What one data plane tells Prometheus of requests, and who says so. */
export type DataPlane = {
  readonly requests: RequestSettings;
  /** Undefined where its labels do not tell the arms apart. */
  readonly latency: LatencyHistogram | undefined;
  /** Project, version or commit, and the file or page. */
  readonly source: string;
};

const ENVOY: Pick<RequestSettings, "counter" | "canary" | "workload" | "versionLabel" | "where" | "failed"> = {
  counter: "envoy_cluster_upstream_rq",
  workload: undefined,
  canary: undefined,
  versionLabel: undefined,
  where: {},
  failed: { label: "envoy_response_code", matches: "5.." },
};

const ENVOY_LATENCY: LatencyHistogram = { buckets: "envoy_cluster_upstream_rq_time_bucket", unit: "ms" };

const ISTIO: RequestSettings = {
  counter: "istio_requests_total",
  arm: named("destination_service_name"),
  workload: named("destination_workload"),
  canary: undefined,
  namespaceLabel: "destination_service_namespace",
  versionLabel: undefined,
  where: { reporter: "destination" },
  failed: { label: "response_code", matches: "5.." },
};

const ISTIO_LATENCY: LatencyHistogram = { buckets: "istio_request_duration_milliseconds_bucket", unit: "ms" };

/** The data planes that count requests by arm and outcome, by the names that configuration calls them. */
export const DATA_PLANES = {
  istio: {
    requests: ISTIO,
    latency: ISTIO_LATENCY,
    source: "Istio 1.2x, istio.io/latest/docs/reference/config/metrics (labels reporter, destination_*, response_code)",
  },
  "istio-waypoint": {
    requests: { ...ISTIO, where: { reporter: "waypoint" } },
    latency: ISTIO_LATENCY,
    source: "Istio 1.2x in ambient mode, the same page: what a waypoint proxy reports has reporter waypoint",
  },
  linkerd: {
    requests: {
      counter: "response_total",
      arm: undefined,
      workload: named("deployment"),
      canary: undefined,
      namespaceLabel: "namespace",
      versionLabel: undefined,
      where: { direction: "inbound" },
      failed: { label: "classification", matches: "failure" },
    },
    latency: { buckets: "response_latency_ms_bucket", unit: "ms" },
    source:
      "Linkerd 2.16, linkerd.io/2/reference/proxy-metrics; the label deployment as in Flagger 15bd6ad5 linkerd.go",
  },
  "linkerd-routes": {
    requests: {
      counter: "outbound_http_route_backend_response_statuses_total",
      arm: named("backend_name"),
      workload: undefined,
      canary: undefined,
      namespaceLabel: "backend_namespace",
      versionLabel: undefined,
      where: { backend_kind: "Service" },
      // A request that got no response has an error and no status.
      failed: { label: "http_status", matches: "5..|" },
    },
    latency: undefined,
    source:
      "Linkerd 2.16, linkerd.io/2/reference/proxy-metrics; labels as in linkerd2 multicluster and viz stat-outbound",
  },
  nginx: {
    requests: {
      counter: "nginx_ingress_controller_requests",
      arm: named("service"),
      workload: undefined,
      canary: { label: "canary", forms: ["{namespace}-{arm}-{port}"] },
      namespaceLabel: "namespace",
      versionLabel: undefined,
      where: {},
      failed: { label: "status", matches: "5.." },
    },
    latency: { buckets: "nginx_ingress_controller_response_duration_seconds_bucket", unit: "s" },
    source: "ingress-nginx dbb11b92, metric/collectors/socket.go, lua/monitor.lua, controller/util.go (upstreamName)",
  },
  traefik: {
    requests: {
      counter: "traefik_service_requests_total",
      arm: {
        label: "service",
        forms: ["{namespace}-{arm}-{port}@kubernetesgateway", "{namespace}-{arm}-{port}@kubernetescrd"],
      },
      workload: undefined,
      canary: undefined,
      namespaceLabel: undefined,
      versionLabel: undefined,
      where: {},
      failed: { label: "code", matches: "5.." },
    },
    latency: { buckets: "traefik_service_request_duration_seconds_bucket", unit: "s" },
    source: "Traefik 3.1 (02d04f0e), kubernetes/gateway/httproute.go; kubernetescrd as in Flagger 15bd6ad5 traefik.go",
  },
  contour: {
    requests: { ...ENVOY, arm: inCluster("{namespace}_{arm}_{port}"), namespaceLabel: undefined },
    latency: ENVOY_LATENCY,
    source: "Contour 1.x, internal/envoy/cluster.go (AltStatName)",
  },
  gloo: {
    requests: { ...ENVOY, arm: inCluster("{namespace}-{arm}-{port}_gloo-system"), namespaceLabel: undefined },
    latency: ENVOY_LATENCY,
    source: "Gloo Edge 1.x, discovered upstreams; cluster names as quoted in Flagger 15bd6ad5 gloo.go",
  },
  kgateway: {
    requests: { ...ENVOY, arm: inCluster("kube_{namespace}_{arm}_{port}"), namespaceLabel: undefined },
    latency: ENVOY_LATENCY,
    source: "kgateway 2.x, kgateway.dev/docs: observability, control plane and gateway metrics (envoy_cluster_name)",
  },
  osm: {
    requests: {
      counter: "osm_request_total",
      arm: undefined,
      workload: named("destination_name"),
      canary: undefined,
      namespaceLabel: "destination_namespace",
      versionLabel: undefined,
      where: { destination_kind: "Deployment" },
      failed: { label: "response_code", matches: "5.." },
    },
    latency: { buckets: "osm_request_duration_ms_bucket", unit: "ms" },
    source: "Open Service Mesh 1.2 (archived), as in Flagger 15bd6ad5 osm.go",
  },
  knative: {
    requests: {
      counter: "kn_serving_invocation_duration_seconds_count",
      arm: named("kn_configuration_name"),
      workload: undefined,
      canary: undefined,
      namespaceLabel: "k8s_namespace_name",
      versionLabel: undefined,
      where: {},
      failed: { label: "http_response_status_code", matches: "5.." },
    },
    latency: { buckets: "kn_serving_invocation_duration_seconds_bucket", unit: "s" },
    source:
      "Knative Serving 98e5ef90, pkg/queue/request_metric.go, sharedmain/otel.go; labels as knative-extensions/monitoring 01c05a5f promstack-values.yaml promotes them",
  },
  pods: {
    requests: {
      counter: "http_request_duration_seconds_count",
      arm: undefined,
      workload: { label: "pod", forms: ["{pod}"] },
      canary: undefined,
      namespaceLabel: "namespace",
      versionLabel: undefined,
      where: {},
      failed: { label: "status", matches: "5.." },
    },
    latency: { buckets: "http_request_duration_seconds_bucket", unit: "s" },
    source:
      "What applications count themselves, as in Flagger 15bd6ad5 http.go; labels as the Prometheus Operator gives them",
  },
} as const satisfies Readonly<Record<string, DataPlane>>;

/** The name of a data plane of the table. */
export type DataPlaneName = keyof typeof DATA_PLANES;

/** Whether a text names a data plane of the table. */
export function isDataPlane(text: string): text is DataPlaneName {
  return Object.hasOwn(DATA_PLANES, text);
}

const COUNT_IN_PODS = "count in the pods, with dataPlane: pods";

/** Data planes that people may ask for whose counters do not say which Service answered, and why not: a sentence's end. */
export const WITHOUT_ARMS: Readonly<Record<string, string>> = {
  "envoy-gateway": `counts all backends of a rule as one cluster (internal/ir/xds.go, NeedsClusterPerSetting): ${COUNT_IN_PODS}`,
  apisix: `counts by route and pod address, not by Service: ${COUNT_IN_PODS}`,
  skipper: `counts by route, not by Service: ${COUNT_IN_PODS}`,
  kuma: `counts what a pod asks for together with what it is asked: ${COUNT_IN_PODS}`,
  "app-mesh": `counts what a pod asks for together with what it is asked: ${COUNT_IN_PODS}`,
};

function named(label: string): ArmLabel {
  return { label, forms: ["{arm}"] };
}

function inCluster(form: string): ArmLabel {
  return { label: "envoy_cluster_name", forms: [form] };
}
