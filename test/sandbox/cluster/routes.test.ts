import { describe, expect, it } from "vitest";
import { lab, deployment, service } from "./lab.ts";

const workload = (name: string, version: string, replicas = 1) =>
  deployment(version, replicas, name).replace("labels: { app", "labels: { team: web, app");

/** What the one route of some manifests does with traffic, once all pods are ready. */
async function split(...texts: readonly string[]) {
  const world = lab(texts.join("\n---\n"));
  await world.to(0);
  await world.to(10);
  const [route] = world.cluster.snapshot().routes;
  const arms = route?.backends.map(({ service: arm, weight, pods }) => [
    arm,
    Math.round(weight * 10) / 10,
    pods.map(({ image }) => image).join(),
  ]);
  return { ...world, route, arms };
}

const BOTH = [workload("stable", "1"), workload("canary", "2")];

const mesh = (spec: string) => `
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec: ${spec}
`;

// The exercise that most people meet Istio with: one host, a subset for each version.
const SUBSETS = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews.shop.svc.cluster.local
  subsets: [{ name: v1, labels: { version: "1" } }, { name: v2, labels: { version: "2" } }]
`;

const reviews = (version: string) =>
  deployment(version, 2, "reviews").replace("name: reviews, namespace", `name: reviews-v${version}, namespace`);

// istio/api, networking/v1alpha3/virtual_service.proto (HTTPRouteDestination.weight, VirtualService.http) and destination_rule.proto (Subset.labels)
describe("Istio's VirtualService", () => {
  const arm = (subset: string, weight: number) =>
    `{ destination: { host: reviews, subset: ${subset} }, weight: ${weight} }`;

  it("sends to subsets of one host, which are the host's pods with the subset's labels", async () => {
    const world = await split(
      service("reviews", "reviews"),
      reviews("1"),
      reviews("2"),
      SUBSETS,
      mesh(`{ http: [{ route: [${arm("v1", 90)}, ${arm("v2", 10)}] }] }`),
    );
    expect(world.arms).toEqual([
      ["reviews/v1", 90, "r/reviews:1"],
      ["reviews/v2", 10, "r/reviews:2"],
    ]);
    const of = (version: string) =>
      world.values(`istio_requests_total{destination_service_name="reviews",destination_version="${version}"}`);
    const [one, two] = ["1", "2"].map((version) => of(version).reduce((sum, count) => sum + count, 0));
    expect((two ?? 0) / ((one ?? 0) + (two ?? 0))).toBeCloseTo(0.1, 1);
  });

  it("has no pods for a subset that no DestinationRule knows", async () => {
    const world = await split(
      service("reviews", "reviews"),
      reviews("1"),
      SUBSETS,
      mesh(`{ http: [{ route: [${arm("v1", 1)}, ${arm("v3", 1)}] }] }`),
    );
    expect(world.arms).toEqual([
      ["reviews/v1", 50, "r/reviews:1"],
      ["reviews/v3", 50, ""],
    ]);
    expect(world.route?.unanswered).toBeGreaterThan(0);
  });

  it.each([
    [
      "weights are parts of their sum, and none is 0",
      "{ http: [{ route: [{ destination: { host: stable }, weight: 3 }, { destination: { host: canary }, weight: 1 }, { destination: { host: x } }] }] }",
      [75, 25, 0],
    ],
    ["an only destination has all", "{ http: [{ route: [{ destination: { host: stable } }] }] }", [100]],
    [
      "plain traffic meets the first route that takes all",
      "{ http: [{ match: [{ headers: { x: { exact: y } } }], route: [{ destination: { host: x } }] }, { route: [{ destination: { host: stable }, weight: 9 }, { destination: { host: canary }, weight: 1 }] }] }",
      [90, 10],
    ],
    [
      "TCP",
      "{ tcp: [{ route: [{ destination: { host: stable.shop }, weight: 60 }, { destination: { host: canary.shop.svc.cluster.local }, weight: 40 }] }] }",
      [60, 40],
    ],
    [
      "TLS",
      "{ tls: [{ match: [{ sniHosts: [a] }], route: [{ destination: { host: stable }, weight: 60 }, { destination: { host: canary }, weight: 40 }] }] }",
      [60, 40],
    ],
  ])("%s", async (_, spec, weights) => {
    const world = await split(service("stable", "stable"), service("canary", "canary"), ...BOTH, mesh(spec));
    expect(world.arms?.map(([, weight]) => weight)).toEqual(weights);
    expect(world.arms?.[0]?.[2]).toBe("r/stable:1");
  });
});

// kubernetes/ingress-nginx at dbb11b9
describe("NGINX's canary Ingress", () => {
  const ingress = (name: string, backend: string, annotations = "{}", host = "shop.example.com") => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: ${name}, namespace: shop, annotations: ${annotations} }
spec:
  rules:
    - host: ${host}
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: ${backend}, port: { number: 80 } } } }] }
`;
  const canary = (...more: readonly string[]) =>
    `{ ${['nginx.ingress.kubernetes.io/canary: "true"', ...more.map((one) => `nginx.ingress.kubernetes.io/canary-${one}`)].join(", ")} }`;
  const world = (annotations: string, host?: string, workloads = BOTH) =>
    split(
      service("stable", "stable"),
      service("canary", "canary"),
      ...workloads,
      ingress("web", "stable"),
      ingress("web-canary", "canary", annotations, host),
    );

  it.each([
    // internal/ingress/annotations/canary/main.go Parse, rootfs/etc/nginx/lua/balancer.lua route_to_alternative_balancer
    ["a weight of 100", canary('weight: "20"'), [80, 20]],
    ["a weight of another total", canary('weight: "5"', 'weight-total: "1000"'), [99.5, 0.5]],
    ["a total below 100 counts as 100", canary('weight: "5"', 'weight-total: "50"'), [95, 5]],
    ["no weight", canary(), [100, 0]],
    ["a weight that is no number", canary('weight: "x"'), [100, 0]],
    ["more than all", canary('weight: "150"'), [0, 100]],
    // A tenth of all requests have the header, with the value "yes"; it is asked for before the weight.
    ["a header of that value", canary("by-header: X-Tester", 'by-header-value: "yes"', 'weight: "0"'), [90, 10]],
    ["of another value", canary("by-header: X-Tester", 'by-header-value: "no"', 'weight: "20"'), [80, 20]],
    ["a pattern that it meets", canary("by-header: X-Tester", 'by-header-pattern: "^^yes$"', 'weight: "20"'), [72, 28]],
    ["that nothing meets", canary("by-header: X-Tester", 'by-header-pattern: ".^yes$"', 'weight: "20"'), [80, 20]],
    [
      "a pattern beside a value, which alone counts",
      canary("by-header: X-Tester", 'by-header-value: "no"', 'by-header-pattern: "^^yes$"'),
      [100, 0],
    ],
    ["the header alone, which means always and never", canary("by-header: X-Tester"), [100, 0]],
    ["another header", canary("by-header: X-Other", 'by-header-pattern: "^^yes$"'), [100, 0]],
  ])("takes its share of the main one: %s", async (_, annotations, weights) => {
    const { arms } = await world(annotations);
    expect(arms?.map(([, weight]) => weight)).toEqual(weights);
  });

  // internal/ingress/controller/controller.go mergeAlternativeBackends: host and path have to be the main one's
  it("has no part in another host, and is no route of its own", async () => {
    const { arms, cluster } = await world(canary('weight: "20"'), "other.example.com");
    expect(arms).toEqual([["stable", 100, "r/stable:1"]]);
    expect(cluster.snapshot().routes).toHaveLength(1);
  });

  // rootfs/etc/nginx/lua/balancer.lua sync_backend: a backend without endpoints is none
  it("leaves its share to the main one while it has no ready pods", async () => {
    const { cluster, route } = await world(canary('weight: "20"'), undefined, [
      workload("stable", "1"),
      workload("canary", "2", 0),
    ]);
    expect(cluster.liveShares("shop", "web").at(-1)?.share).toBe(0);
    expect(route?.backends[1]?.weight).toBe(20);
  });

  // internal/ingress/metric/collectors/socket.go requestTags, rootfs/etc/nginx/lua/monitor.lua
  it("is told apart in NGINX's metrics by its label", async () => {
    const { values, cluster } = await world(canary('weight: "50"'));
    expect(cluster.liveShares("shop", "web").at(-1)?.share).toBe(50);
    const of = (label: string) =>
      values(`nginx_ingress_controller_requests{namespace="shop",ingress="web",status="200",${label}}`);
    expect(of('canary="shop-canary-80"')[0]).toBeGreaterThan(0);
    expect(of('canary=""')[0]).toBeGreaterThan(0);
  });
});

describe("the share of a canary", () => {
  it("is recorded for a route with an arm that is called so, and for no other", async () => {
    const route = (name: string, arms: string) => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name}, namespace: shop }
spec: { rules: [{ backendRefs: [${arms}] }] }
`;
    const { cluster } = await split(
      route("one", "{ name: shop, weight: 3 }, { name: shop-canary, weight: 1 }"),
      route("two", "{ name: a, weight: 3 }, { name: b, weight: 1 }"),
    );
    expect(cluster.liveShares("shop", "one").map(({ share }) => share)).toEqual([25]);
    expect(cluster.liveShares("shop", "two")).toEqual([]);
  });
});
