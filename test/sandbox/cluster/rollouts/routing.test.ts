import { describe, expect, it } from "vitest";
import { BESIDE_ROLLOUTS } from "../../../../src/sandbox/cluster/application.ts";
import { SERVICES, lab, rollout, service, steps } from "../lab.ts";
import type { RolloutShape } from "../lab.ts";

// Argo Rollouts at 9f8d111. Each case names the file and the function that it follows.
const virtualService = (routes: string, kind = "http") => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: checkout, namespace: shop }
spec: { hosts: [checkout], ${kind}: ${routes} }
`;

const HOSTS =
  "[{ route: [{ destination: { host: checkout }, weight: 100 }, { destination: { host: checkout-canary }, weight: 0 }] }]";

const SUBSETS =
  "[{ route: [{ destination: { host: checkout, subset: stable }, weight: 100 }, { destination: { host: checkout, subset: canary }, weight: 0 }] }]";

const RULE = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: checkout, namespace: shop }
spec:
  host: checkout
  subsets: [{ name: stable, labels: { app: checkout } }, { name: canary, labels: { app: checkout } }]
`;

const ISTIO = "{ istio: { virtualService: { name: checkout } } }";
const ISTIO_SUBSETS =
  "{ istio: { virtualService: { name: checkout }, destinationRule: { name: checkout, canarySubsetName: canary, stableSubsetName: stable } } }";

const ingress = () => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web, namespace: shop }
spec:
  ingressClassName: nginx
  rules:
    - host: shop.example.com
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: checkout, port: { number: 80 } } } }] }
`;

/** One release from 0 over 25 and 50 to the end, behind a router. */
async function release(routing: string, router: string, services = SERVICES) {
  const text = (shape: RolloutShape) => {
    const made = rollout({ steps: steps(0, 0), routing, ...shape });
    return [
      services,
      router,
      services === SERVICES ? made : made.replace(/canaryService.*?stableService: checkout, /, ""),
    ].join("\n---\n");
  };
  const world = lab(text({}), { policy: () => BESIDE_ROLLOUTS });
  await world.to(0);
  await world.to(10);
  const commit = async (shape: RolloutShape, seconds = 10) => {
    world.commit(text(shape));
    await world.after(seconds);
  };
  return {
    ...world,
    commit,
    rise: async () => {
      await commit({ version: "2" });
      await commit({ version: "2", steps: steps(0, 25) });
      await commit({ version: "2", steps: steps(25, 50) });
    },
    end: () => commit({ version: "2", steps: "[{ setWeight: 50 }, { setWeight: 100 }, { pause: { duration: 1s } }]" }),
  };
}

describe("every router", () => {
  it.each([
    // rollout/trafficrouting/istio/istio.go generateVirtualServicePatches, processRoutes
    ["Istio, by hosts", ISTIO, virtualService(HOSTS), SERVICES],
    ["Istio, by hosts, TCP", ISTIO, virtualService(HOSTS, "tcp"), SERVICES],
    ["Istio, by hosts, TLS", ISTIO, virtualService(HOSTS, "tls"), SERVICES],
    // rollout/trafficrouting/istio/istio.go UpdateHash
    ["Istio, by subsets", ISTIO_SUBSETS, `${virtualService(SUBSETS)}---${RULE}`, service("checkout")],
    // rollout/trafficrouting/nginx/nginx.go buildCanaryIngress, SetWeightPerIngress
    ["NGINX", "{ nginx: { stableIngress: web } }", ingress(), SERVICES],
    // rollout/trafficrouting/alb/alb.go getForwardActionString, SetWeightPerIngress
    ["ALB", "{ alb: { ingress: web, servicePort: 80 } }", ingress(), SERVICES],
  ])("carries a release from 0 to its end, and nothing of it in git: %s", async (_, routing, router, services) => {
    const world = await release(routing, router, services);
    await world.rise();
    expect(world.path("checkout")).toEqual([0, 25, 50]);
    const [route] = world.cluster.snapshot().routes;
    const images = route?.backends.flatMap(({ weight, pods }) => pods.map(({ image }) => [image, weight]));
    expect(images?.toSorted()).toEqual([
      ["r/checkout:1", 50],
      ["r/checkout:2", 50],
    ]);
    await world.end();
    expect(world.path("checkout")).toEqual([0, 25, 50, 100, 0]);
    expect(world.rollout()).toMatchObject({ stable: "r/checkout:2", weight: 0 });
  });
});

describe("Istio's routes", () => {
  // rollout/trafficrouting/istio/istio.go getHttpRouteIndexesToPatch, processRoutes (destinations of neither)
  it("are written where they are named, and lose destinations that are neither's but for those without weight", async () => {
    const routes = `[
      { name: admin, match: [{ uri: { prefix: /admin } }], route: [{ destination: { host: admin } }] },
      { name: main, route: [{ destination: { host: checkout.shop.svc.cluster.local }, weight: 90 }, { destination: { host: checkout-canary }, weight: 0 },
        { destination: { host: other }, weight: 10 }, { destination: { host: idle }, weight: 0 }] }]`;
    const world = await release(
      "{ istio: { virtualService: { name: checkout, routes: [main] } } }",
      virtualService(routes),
    );
    const written = world.cluster.object("VirtualService", { namespace: "shop", name: "checkout" });
    expect(written).toMatchObject({
      spec: {
        http: [
          { name: "admin", route: [{ destination: { host: "admin" } }] },
          { route: [{ weight: 100 }, { weight: 0 }, { destination: { host: "idle" }, weight: 0 }] },
        ],
      },
    });
  });

  // rollout/trafficrouting/istio/istio.go shouldDelayDestinationRuleUpdate: by subsets alone a look is given up while pods are missing
  it("by subsets take the weight from a version before they point at its successor, and wait for all of that one's pods", async () => {
    const world = await release(ISTIO_SUBSETS, `${virtualService(SUBSETS)}---${RULE}`, service("checkout"));
    await world.rise();
    await world.commit({ version: "3", steps: steps(50, 50) }, 0.9);
    expect(world.rollout()).toMatchObject({ current: "r/checkout:3", stable: "r/checkout:1", step: 0, weight: 0 });
    await world.after(10);
    expect(world.rollout()).toMatchObject({ step: 2, weight: 50 });
    expect(world.path("checkout")).toEqual([0, 25, 50, 0, 50]);
  });
});

describe("the Services", () => {
  const selectorOf = (world: Awaited<ReturnType<typeof release>>, name: string) =>
    JSON.stringify(world.cluster.object("Service", { namespace: "shop", name })?.["spec"]);

  // rollout/service.go reconcileStableAndCanaryService, ensureSVCTargets
  it("select by the hash of their version, which stays when git is applied again", async () => {
    const world = await release(ISTIO, virtualService(HOSTS));
    expect(selectorOf(world, "checkout")).toContain("rollouts-pod-template-hash");
    expect(selectorOf(world, "checkout-canary")).toBe(selectorOf(world, "checkout"));
    await world.rise();
    expect(selectorOf(world, "checkout-canary")).not.toBe(selectorOf(world, "checkout"));
    await world.end();
    expect(selectorOf(world, "checkout-canary")).toBe(selectorOf(world, "checkout"));
  });

  it("are not pointed at a version without ready pods", async () => {
    const world = await release(ISTIO, virtualService(HOSTS));
    const before = selectorOf(world, "checkout-canary");
    await world.commit({ version: "2" });
    expect(selectorOf(world, "checkout-canary")).toBe(before);
  });
});

describe("NGINX's canary Ingress", () => {
  it("is the controller's, for the rules of the stable Service, and goes with the Rollout", async () => {
    const world = await release("{ nginx: { stableIngress: web } }", ingress());
    await world.rise();
    const place = { namespace: "shop", name: "checkout-web-canary" };
    expect(world.cluster.object("Ingress", place)).toMatchObject({
      metadata: {
        annotations: {
          "nginx.ingress.kubernetes.io/canary": "true",
          "nginx.ingress.kubernetes.io/canary-weight": "50",
        },
      },
      spec: {
        ingressClassName: "nginx",
        rules: [{ http: { paths: [{ backend: { service: { name: "checkout-canary" } } }] } }],
      },
    });
    // maxTrafficWeight: weights are of that many
    const finer = await release("{ nginx: { stableIngress: web }, maxTrafficWeight: 1000 }", ingress());
    await finer.commit({ version: "2", steps: steps(0, 5) });
    expect(finer.path("checkout")).toEqual([0, 0.5]);
  });
});

describe("labels for a while", () => {
  // rollout/ephemeralmetadata.go reconcileEphemeralMetadata
  it("tell canary's pods from stable's in what is scraped from them", async () => {
    const canary = "canaryMetadata: { labels: { role: canary } }, stableMetadata: { labels: { role: stable } }, ";
    const text = (shape: RolloutShape) => `${service("checkout")}---${rollout({ canary, ...shape })}`;
    const world = lab(text({ steps: steps(0, 0) }), { podLabels: ["role"] });
    await world.to(0);
    await world.to(10);
    world.commit(text({ version: "2", steps: steps(0, 50) }));
    await world.to(30);
    const pods = (role: string) => world.values(`istio_requests_total{role="${role}",response_code="200"}`).length;
    expect([pods("canary"), pods("stable")]).toEqual([2, 2]);
    world.commit(text({ version: "2", steps: "[{ setWeight: 50 }, { setWeight: 100 }]" }));
    await world.to(60);
    expect([pods("canary"), pods("stable")]).toEqual([0, 4]);
  });
});

describe("the controller's metrics", () => {
  // controller/metrics/rollouts.go collectRollouts, controller/metrics/prommetrics.go
  it("say the phase and the pods", async () => {
    const world = await release(ISTIO, virtualService(HOSTS));
    const of = '{namespace="shop",name="checkout"';
    expect(world.values(`rollout_info${of},strategy="canary",traffic_router="Istio",phase="Completed"}`)).toEqual([1]);
    await world.rise();
    expect(world.values(`rollout_info${of},phase="Paused"}`)).toEqual([1]);
    expect(world.values(`rollout_info${of},phase="Completed"}`)).toEqual([]);
    expect(world.values(`rollout_phase${of},phase="Paused"}`)).toEqual([1]);
    const counts = ["desired", "available", "updated", "unavailable"].map(
      (name) => `rollout_info_replicas_${name}${of}}`,
    );
    expect(counts.flatMap((query) => world.values(query))).toEqual([4, 6, 2, 0]);
    expect(world.values('kube_pod_status_ready{condition="true",namespace="shop"}')).toEqual([1, 1, 1, 1, 1, 1]);
  });
});
