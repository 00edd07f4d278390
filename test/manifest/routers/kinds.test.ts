import { describe, expect, it } from "vitest";
import { name } from "../../../src/core/names.ts";
import { ROUTER_KINDS, type RouterKind } from "../../../src/core/state.ts";
import { ROUTERS } from "../../../src/manifest/routers/drive.ts";
import { byDestination, OF, on } from "./routed.ts";

const head = (apiVersion: string, kind: string, metadata = "{ name: checkout }") =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: ${metadata}\nspec:\n`;

const SPLIT = `${head("split.smi-spec.io/v1alpha4", "TrafficSplit")}  backends:
    - { service: checkout-stable, weight: 75 }
    - { service: checkout-canary, weight: 25 }
`;
const MILLI = SPLIT.replace("v1alpha4", "v1alpha1").replace("75", "750m").replace("25", "250m");
const PROXY = `${head("projectcontour.io/v1", "HTTPProxy")}  routes:
    - services:
        - { name: checkout-stable, port: 80, weight: 75 }
        - { name: checkout-canary, port: 80, weight: 25 }
`;
const SPLITTER = `${head("consul.hashicorp.com/v1alpha1", "ServiceSplitter")}  splits:
    - { service: checkout-stable, weight: 75 }
    - { service: checkout-canary, weight: 25 }
`;
const ROUTE = `${head("route.openshift.io/v1", "Route")}  to: { kind: Service, name: checkout-stable, weight: 75 }
  alternateBackends: [{ kind: Service, name: checkout-canary, weight: 25 }]
`;
const NODES = `${head("appmesh.k8s.aws/v1beta2", "VirtualRouter")}  routes:
    - httpRoute:
        action:
          weightedTargets:
            - { virtualNodeRef: { name: checkout-stable }, weight: 75 }
            - { virtualNodeRef: { name: checkout-canary }, weight: 25 }
`;
const MAPPING = `${head("getambassador.io/v3alpha1", "Mapping")}  prefix: /
  service: checkout-stable.shop:80
---
${head("getambassador.io/v3alpha1", "Mapping", "{ name: checkout-canary }")}  prefix: /
  service: checkout-canary.shop:80
  weight: 25
`;
const annotated = (key: string, json: string) =>
  `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: checkout\n  annotations:\n    ${key}: '${json}'\nspec: {}\n`;
const ACTION =
  '{"Type":"forward","ForwardConfig":{"TargetGroups":[{"ServiceName":"checkout-stable","Weight":75},{"ServiceName":"checkout-canary","Weight":25}]}}';
const ALB = annotated("alb.ingress.kubernetes.io/actions.checkout", ACTION);
const SKIPPER = annotated("zalando.org/backend-weights", '{"checkout-stable": 75, "checkout-canary": 25}');
const GLOO = `${head("gateway.solo.io/v1", "RouteTable")}  routes:
    - routeAction:
        multi:
          destinations:
            - { destination: { upstream: { name: shop-checkout-stable-80, namespace: gloo-system } }, weight: 75 }
            - { destination: { upstream: { name: shop-checkout-canary-80, namespace: gloo-system } }, weight: 25 }
`;
const KUMA = `${head("kuma.io/v1alpha1", "TrafficRoute")}  conf:
    split:
      - { weight: 75, destination: { kuma.io/service: checkout-stable_shop_svc_80 } }
      - { weight: 25, destination: { kuma.io/service: checkout-canary_shop_svc_80 } }
`;
const KNATIVE = `${head("serving.knative.dev/v1", "Route")}  traffic:
    - { configurationName: checkout-stable, latestRevision: true, percent: 75 }
    - { configurationName: checkout-canary, percent: 25 }
`;
const TRAEFIK = `${head("traefik.io/v1alpha1", "TraefikService")}  weighted:
    services:
      - { name: checkout-stable, port: 80, weight: 75 }
      - { name: checkout-canary, port: 80, weight: 25 }
`;

const KINDS: readonly (readonly [RouterKind, string])[] = [
  ["TrafficSplit", SPLIT],
  ["TrafficSplit", MILLI],
  ["HTTPProxy", PROXY],
  ["ServiceSplitter", SPLITTER],
  ["OpenShiftRoute", ROUTE],
  ["VirtualRouter", NODES],
  ["Mapping", MAPPING],
  ["ALBIngress", ALB],
  ["SkipperIngress", SKIPPER],
  ["GlooRouteTable", GLOO],
  ["TrafficRoute", KUMA],
  ["TraefikService", TRAEFIK],
  ["KnativeRoute", KNATIVE],
];

describe("each kind", () => {
  it.each(KINDS)("is read, and refused as another kind's: %s", (kind, text) => {
    expect(on(ROUTERS[kind]).get(text)).toBe(25);
    expect(on(ROUTERS.VirtualService).whyNot(text)).toBe(
      "route.yaml:1: found no VirtualService; the file of a route has its route.",
    );
  });

  it.each(KINDS)("without its canary says what to write: %s", (kind, text) => {
    expect(on(ROUTERS[kind]).whyNot(text.replaceAll("checkout-canary", "checkout-green"))).toMatch(
      /write checkout-canary with (weight|percent): 0|whose service is checkout-canary: write it with weight: 0/,
    );
  });

  it.each(KINDS)("in another namespace is not the member's: %s", (kind, text) => {
    const elsewhere = { ...OF, namespace: name("elsewhere") };
    const said = text.replaceAll(/metadata: \{ name: ([a-z-]+) \}/g, "metadata: { name: $1, namespace: shop }");
    const named = said.replace("  name: checkout\n", "  name: checkout\n  namespace: shop\n");
    expect(on(ROUTERS[kind], elsewhere).whyNot(named)).toMatch(/the namespace "shop"|no rule with both|no Mapping of/);
  });

  it.each(KINDS)("is refused where a weight is not written out plainly: %s", (kind, text) => {
    const odd = text.replace(/((?:weight|percent)"?: ?|Weight":|canary": )25(0m)?/, "$1x");
    expect(on(ROUTERS[kind]).whyNot(odd)).toMatch(/found ""?x""?; |what is no YAML/);
  });
});

describe("what is a kind's own", () => {
  it.each<[string, RouterKind, string, number, string]>([
    [
      "Consul's sum is 100",
      "ServiceSplitter",
      SPLITTER.replace("75", "70"),
      6,
      "found weights that add up to 95; they add up to 100.",
    ],
    [
      "and has two decimals",
      "ServiceSplitter",
      SPLITTER.replace("75", "74.999"),
      6,
      'found "74.999"; spec.splits[0].weight is a number from 0 to 100, with at most two decimals',
    ],
    [
      "an OpenShift weight ends at 256",
      "OpenShiftRoute",
      ROUTE.replace("75", "257"),
      5,
      "spec.to.weight is a whole number from 0 to 256",
    ],
    ["a target group's at 999", "ALBIngress", ALB.replace("75", "1000"), 6, "is a whole number from 0 to 999"],
    [
      "and is written out",
      "ALBIngress",
      ALB.replace(',"Weight":75', ""),
      6,
      "a backend without a weight in alb.ingress.kubernetes.io/actions.checkout of Ingress",
    ],
    ["a VirtualNode's at 100", "VirtualRouter", NODES.replace("75", "101"), 9, "is a whole number from 0 to 100"],
    [
      "quantities are SMI's first version's",
      "TrafficSplit",
      SPLIT.replace("75", "750m"),
      6,
      "is a whole number without quotes",
    ],
    ["and of thousandths", "TrafficSplit", MILLI.replace("750m", "750k"), 6, "is a quantity such as 500m or 1"],
    [
      "Contour's weights are written where one is",
      "HTTPProxy",
      PROXY.replace(", weight: 75", ""),
      7,
      "a backend without a weight in spec.routes[0] of HTTPProxy",
    ],
    [
      "a canary's Mapping has a weight",
      "Mapping",
      MAPPING.replace("  weight: 25\n", ""),
      8,
      "without one it shares evenly with stable's: write weight: 0",
    ],
    [
      "and stable's has none",
      "Mapping",
      MAPPING.replace(":80\n---", ":80\n  weight: 75\n---"),
      7,
      "found a weight of stable's Mapping",
    ],
    ["JSON that is none", "ALBIngress", ALB.replace('"Type":', '"Type"'), 6, "found what is no YAML"],
    [
      "JSON that is folded",
      "SkipperIngress",
      SKIPPER.replace(/'(.*)'/, ">-\n      $1"),
      6,
      "text that is spelled with codes or folded",
    ],
    [
      "Knative's per cent add up to 100",
      "KnativeRoute",
      KNATIVE.replace("75", "70"),
      6,
      "found weights that add up to 95; they add up to 100.",
    ],
    ["and a missing one is none", "KnativeRoute", KNATIVE.replace(", percent: 25", ""), 6, "add up to 75"],
    [
      "a revision is whoever's",
      "KnativeRoute",
      `${KNATIVE}    - { revisionName: checkout-canary-00001, percent: 0 }\n`,
      8,
      'found the revision "checkout-canary-00001"; what is sent to has a configurationName.',
    ],
    [
      "a tag leads to its arm at any weight",
      "KnativeRoute",
      KNATIVE.replace("percent: 25", "percent: 25, tag: next"),
      7,
      'found the tag "next" of checkout-canary; its own address would lead there at weight 0.',
    ],
    [
      "a Configuration means its latest revision",
      "KnativeRoute",
      KNATIVE.replace("true", "false"),
      6,
      "found latestRevision that is not true",
    ],
    ["an Ingress without an action", "ALBIngress", annotated("example.com/x", "y"), 1, "an Ingress without an action"],
  ])("%s", (...[, kind, text, line, found]) => {
    const why = on(ROUTERS[kind]).whyNot(text);
    expect(why).toContain(found);
    expect(why).toContain(`route.yaml:${line}: `);
  });

  it("is that a weight of Consul's has two decimals where it needs them, and a share that needs more is refused", () => {
    const third = SPLITTER.replace("75", "80.5").replace("25", "0") + "    - { service: legacy, weight: 19.5 }\n";
    expect(on(ROUTERS.ServiceSplitter).set(third, 20)).toBe(
      third.replace("80.5", "64.4").replace("weight: 0", "weight: 16.1"),
    );
    expect(on(ROUTERS.ServiceSplitter).whyNotSet(third, 1)).toContain("1% cannot be written in a sum of 80.5");
  });

  it("is that three services of Contour without weights are not told how to share", () => {
    const even = PROXY.replaceAll(/, weight: \d+/g, "");
    expect(on(ROUTERS.HTTPProxy).get(even)).toBe(50);
    expect(on(ROUTERS.HTTPProxy).whyNot(`${even}        - { name: legacy, port: 80 }\n`)).toContain("without a weight");
  });

  it("is that a Service that is an arm's by its name alone is another one's", () => {
    const both = "no rule with both checkout-canary and checkout-stable";
    const gloo = on(ROUTERS.GlooRouteTable);
    expect(gloo.whyNot(GLOO.replace("shop-checkout-canary", "other-checkout-canary"))).toContain(both);
    expect(gloo.whyNot(GLOO.replace("weight: 25", "weight: 25, subset: { values: { version: v1 } }"))).toContain(both);
    const kuma = on(ROUTERS.TrafficRoute);
    expect(kuma.whyNot(KUMA.replace("canary_shop", "canary_other"))).toContain(both);
    expect(kuma.whyNot(KUMA.replace("canary_shop_svc_80", "canary_shop_svc_80, region: a"))).toContain(both);
    const traefik = on(ROUTERS.TraefikService);
    expect(traefik.whyNot(TRAEFIK.replace("weight: 25", "weight: 25, kind: TraefikService"))).toContain(both);
    expect(traefik.whyNot(TRAEFIK.replace("weight: 25", "weight: 25, namespace: other"))).toContain(both);
    expect(on(ROUTERS.OpenShiftRoute).whyNot(ROUTE.replace("[{ kind: Service", "[{ kind: Other"))).toContain(both);
  });

  it("is that what APISIX sends out of the cluster keeps its share", () => {
    const text = `${head("apisix.apache.org/v2", "ApisixRoute")}  http:
    - backends: [{ serviceName: checkout-stable, weight: 1 }, { serviceName: checkout-canary, weight: 0 }]
      upstreams: [{ name: elsewhere, weight: 1 }]
`;
    const apisix = on(ROUTERS.ApisixRoute);
    expect(apisix.whyNotSet(text, 5)).toContain("another sum would change the other backends' share");
    expect(apisix.set(text.replace(/ {6}upstreams.*\n/, ""), 5)).toContain("weight: 95");
  });

  it("is whether its arms may be subsets", () => {
    const destinations = byDestination(["checkout", "v2"], ["checkout", "v1"]);
    const why = (kind: RouterKind) => on(ROUTERS[kind], { ...OF, destinations }).whyNot("kind: List\n");
    const knowing = new Set<RouterKind>([
      "VirtualService",
      "ApisixRoute",
      "ServiceSplitter",
      "TrafficRoute",
      "MeshHTTPRoute",
      "GlooMeshRouteTable",
    ]);
    for (const kind of ROUTER_KINDS)
      expect([kind, why(kind).includes("found the subset v2")]).toEqual([kind, !knowing.has(kind)]);
  });
});
