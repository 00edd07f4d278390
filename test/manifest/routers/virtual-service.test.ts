import { describe, expect, it } from "vitest";
import { ROUTERS } from "../../../src/manifest/routers/drive.ts";
import { byDestination, OF, on } from "./routed.ts";

const { get, set, whyNot, whyNotSet } = on(ROUTERS.VirtualService);

const ROUTE = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: checkout }
spec:
  hosts: [checkout]
  http:
    - name: primary
      route:
        - { destination: { host: checkout-stable }, weight: 75 }
        - { destination: { host: checkout-canary }, weight: 25 }
`;
const MORE = `    - route: [{ destination: { host: checkout-canary }, weight: 1 }, { destination: { host: checkout-stable }, weight: 1 }]\n`;

describe("a VirtualService", () => {
  it.each(["v1", "v1beta1", "v1alpha3"])("of networking.istio.io/%s", (version) => {
    expect(get(ROUTE.replace("io/v1", `io/${version}`))).toBe(25);
  });

  it.each([
    ["checkout-canary", "shop"],
    ["checkout-canary.shop", "other"],
    ["checkout-canary.shop.svc", "shop"],
    ["checkout-canary.shop.svc.cluster.local", "other"],
  ])("sends to the canary by the host %s, written in the namespace %s", (host, home) => {
    const text = ROUTE.replace("host: checkout-canary", `host: ${host}`)
      .replace("host: checkout-stable", "host: checkout-stable.shop.svc.cluster.local")
      .replace("name: checkout }", `name: checkout, namespace: ${home} }`);
    expect(get(text)).toBe(25);
    expect(get(set(text, 50))).toBe(50);
  });

  it.each([
    ["checkout-canary.other", "shop"],
    ["checkout-canary", "other"],
    ["checkout-canary.shop.svc.cluster", "shop"],
    ["checkout-canary.shop.svc.example.com", "shop"],
    ["checkout-canary.shop.svc.cluster.local.", "shop"],
    ["checkout-canary.example.com", "shop"],
    [".shop", "shop"],
  ])("sends elsewhere by the host %s, written in the namespace %s", (host, home) => {
    const text = ROUTE.replace("host: checkout-canary", `host: "${host}"`).replace(
      "name: checkout }",
      `name: checkout, namespace: ${home} }`,
    );
    expect(whyNot(text)).toContain("no rule with both checkout-canary and checkout-stable");
  });

  it("sends nothing where a weight is left out beside others, and is written one when it is moved", () => {
    const text = ROUTE.replace(", weight: 25", "").replace("75", "1");
    expect(get(text)).toBe(0);
    expect(set(text, 5)).toBe(ROUTE.replace("25", "5").replace("75", "95"));
    expect(set(text, 100)).toBe(ROUTE.replace("25", "1").replace("75", "0"));
  });

  it("keeps the two's sum beside a third destination, and is refused what cannot be written in it", () => {
    const third = `${ROUTE.replace("75", "80").replace("25", "0")}        - { destination: { host: legacy }, weight: 20 }\n`;
    expect(set(third, 25)).toBe(third.replace("80", "60").replace("weight: 0", "weight: 20"));
    expect(whyNotSet(third, 1)).toBe(
      "route.yaml:9: found weights 0 and 80 beside other backends; 1% cannot be written in a sum of 80, and another sum would change the other backends' share.",
    );
  });
});

describe("subsets", () => {
  const text = ROUTE.replace("{ host: checkout-stable }", "{ host: checkout, subset: v1 }").replace(
    "{ host: checkout-canary }",
    "{ host: checkout, subset: v2 }",
  );
  const subsets = on(ROUTERS.VirtualService, {
    ...OF,
    destinations: byDestination(["checkout", "v2"], ["checkout", "v1"]),
  });

  it("tell the arms of one host apart", () => {
    expect(subsets.set(text, 5)).toBe(text.replace("75", "95").replace("25", "5"));
  });

  it("are not there where none is asked for", () => {
    const whole = on(ROUTERS.VirtualService, { ...OF, destinations: byDestination(["checkout", "v2"], ["checkout"]) });
    expect(whole.whyNot(text)).toContain("no rule with both checkout (subset v2) and checkout");
    expect(whole.get(text.replace(", subset: v1", ""))).toBe(25);
  });

  it("of Services of their own do not matter", () => {
    expect(get(ROUTE.replace("host: checkout-canary", "host: checkout-canary, subset: all"))).toBe(25);
  });

  it("are refused where one lacks, with what to write", () => {
    expect(subsets.whyNot(text.replace("v2", "v3"))).toBe(
      'route.yaml:9: found no rule with both checkout (subset v2) and checkout (subset v1) (spec.http[0] ("primary") of VirtualService "checkout" has one of them); a rule that is moved has both: write checkout (subset v2) with weight: 0 and checkout (subset v1) with weight: 100.',
    );
  });
});

describe("a VirtualService that is refused", () => {
  it.each([
    ["none", ROUTE.replace("kind: VirtualService", "kind: ServiceEntry"), 1, "no VirtualService"],
    ["another group's", ROUTE.replace("networking.istio.io", "gateway.solo.io"), 1, "no VirtualService"],
    ["no routes", ROUTE.slice(0, ROUTE.indexOf("  http:")), 1, "no rule with both"],
    ["a canary that lacks", ROUTE.replace(/.*checkout-canary.*\n/, ""), 9, "write checkout-canary with weight: 0"],
    [
      "routes that disagree",
      ROUTE + MORE,
      11,
      '50% for checkout-canary in spec.http[1] of VirtualService "checkout" and 25% in spec.http[0] ("primary") of VirtualService "checkout"',
    ],
    [
      "protocols that disagree",
      `${ROUTE}  tcp:\n${MORE}`,
      12,
      '50% for checkout-canary in spec.tcp[0] of VirtualService "checkout" and 25% in spec.http[0]',
    ],
    [
      "a destination twice",
      `${ROUTE}        - { destination: { host: checkout-canary }, weight: 0 }\n`,
      9,
      "checkout-canary twice",
    ],
    ["nobody served", ROUTE.replace("75", "0").replace("25", "0"), 9, "weights 0 and 0"],
    ["no weight at all", ROUTE.replaceAll(/, weight: \d+/g, ""), 9, "weights 0 and 0"],
    ["no whole per cent", ROUTE.replace("75", "76"), 9, "weights 25 and 76"],
    [
      "a weight in quotes",
      ROUTE.replace("25", '"25"'),
      10,
      'found ""25""; spec.http[0].route[1].weight is a whole number without quotes',
    ],
    ["a template", ROUTE.replace("25 }", "{{ .Values.weight }} }"), 10, "a template?"],
    ["an alias", ROUTE.replace("75", "&w 75").replace("25", "*w"), 9, "found an anchor"],
    ["a key twice", ROUTE.replace("weight: 25", "weight: 25, weight: 25"), 10, 'the key "weight" twice'],
    [
      "a host that is no text",
      ROUTE.replace("host: checkout-canary", "host: [checkout-canary]"),
      10,
      "destination.host is a single value",
    ],
  ])("%s", (_, text, line, found) => {
    expect(whyNot(text)).toContain(`route.yaml:${line}: `);
    expect(whyNot(text)).toContain(found);
    expect(whyNotSet(text, 0)).toBe(whyNot(text));
  });
});

describe("the name of an arm", () => {
  it.each([["HTTPRoute"], ["Ingress"]] as const)("is that of a Service for %s, which knows no subsets", (kind) => {
    const canary = on(ROUTERS[kind], { ...OF, destinations: byDestination(["checkout", "v2"], ["checkout"]) });
    expect(canary.whyNot("kind: List\n")).toContain("found the subset v2");
    const stable = on(ROUTERS[kind], { ...OF, destinations: byDestination(["checkout"], ["checkout", "v1"]) });
    expect(stable.whyNot("kind: List\n")).toContain("found the subset v1");
  });

  it("may be another host than the arm's", () => {
    const { get: share } = on(ROUTERS.HTTPRoute, { ...OF, destinations: byDestination(["green"], ["blue"]) });
    const rules = "spec: { rules: [{ backendRefs: [{ name: green, weight: 1 }, { name: blue, weight: 3 }] }] }\n";
    expect(share(`apiVersion: gateway.networking.k8s.io/v1\nkind: GRPCRoute\n${rules}`)).toBe(25);
  });
});
