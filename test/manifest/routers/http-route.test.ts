import fc from "fast-check";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { weight } from "../../../src/core/weight.ts";
import { ROUTERS } from "../../../src/manifest/routers/drive.ts";
import { refusalText } from "../../../src/yaml/refusal.ts";
import { changedLines, errorOf, layouts, routeText, valueOf } from "../builders.ts";
import { OF } from "./routed.ts";

const router = ROUTERS.HTTPRoute;
const GOLDEN = new URL("../../golden/routers/http-route/", import.meta.url);
const read = (file: string) => readFileSync(new URL(file, GOLDEN), "utf8");
const route = (text: string) => ({ path: "apps/checkout/route.yaml", text });
const set = (text: string, share: number) => valueOf(router.set(route(text), OF, weight(share)));
const get = (text: string) => valueOf(router.read(route(text), OF));
const whyNot = (text: string) => refusalText(errorOf(router.read(route(text), OF)));
const whyNotSet = (text: string, share: number) => refusalText(errorOf(router.set(route(text), OF, weight(share))));

const ROUTE = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: checkout }
spec:
  rules:
    - backendRefs:
        - { name: checkout-stable, port: 80, weight: 75 }
        - { name: checkout-canary, port: 80, weight: 25 }
`;

describe("a route's weight", () => {
  const shares = fc.integer({ min: 0, max: 100 });
  const texts = fc
    .record({
      layout: layouts,
      total: fc.constantFrom(100, 200, 1000),
      from: shares,
      foreign: fc.array(shares, { maxLength: 2 }),
    })
    .map(({ layout, total, from, foreign }) => ({
      from,
      total,
      foreign,
      text: routeText(layout, total, (total * from) / 100, foreign),
    }));

  it("is read as it was written, and setting it again changes no byte", () => {
    fc.assert(
      fc.property(texts, ({ text, from }) => {
        expect(get(text)).toBe(from);
        expect(set(text, from)).toBe(text);
      }),
    );
  });

  it("is set once and for all, and back to the very same file", () => {
    fc.assert(
      fc.property(texts, shares, ({ text, from }, to) => {
        const after = set(text, to);
        expect(get(after)).toBe(to);
        expect(set(after, to)).toBe(after);
        expect(set(after, from)).toBe(text);
      }),
    );
  });

  it("changes only the two numbers of a rule; their sum and every other backend stay", () => {
    fc.assert(
      fc.property(texts, shares, ({ text, total, foreign }, to) => {
        const after = set(text, to);
        expect(after.split("\n")).toHaveLength(text.split("\n").length);
        expect(new Set(changedLines(text, after)).size).toBeLessThanOrEqual(2);
        expect(changedLines(text, after).every((line) => line.includes("weight: "))).toBe(true);
        for (const backends of backendsOf(after).slice(0, 2)) {
          const [stable, ...others] = backends;
          expect((stable?.weight ?? 0) + (others.at(-1)?.weight ?? 0)).toBe(total);
          expect(others.slice(0, -1).map((backend) => backend.weight)).toEqual(foreign);
        }
      }),
    );
  });
});

type BackendRef = { readonly name: string; readonly weight?: number };

function backendsOf(text: string): readonly (readonly BackendRef[])[] {
  const parsed = parseAllDocuments(text).map(
    (document) => document.toJS() as { spec: { rules: { backendRefs: BackendRef[] }[] } },
  );
  return parsed.flatMap(({ spec }) => spec.rules.map(({ backendRefs }) => backendRefs));
}

it("adds a weight with the line break of its place", () => {
  const text = read("windows-line-breaks/before.yaml")
    .replace("HTTPRoute\r\n", "HTTPRoute\n")
    .replace("kind", "x: 1\nkind");
  expect(set(text, 5).replaceAll("\r\n", "")).not.toContain("weight: 95\n");
  const mixed = read("weights-left-out/before.yaml").replace("\n", "\r\n");
  expect(set(mixed, 5)).toContain("port: 8080 # http\n      weight: 95\n");
});

describe("a sum of the two weights", () => {
  it.each([
    ["stays where the share can be written in it", "3", "1", 50, [2, 2]],
    ["becomes 100 where it cannot", "1", "0", 5, [95, 5]],
    ["is a hundred where no weight was written", "", "", 5, [95, 5]],
  ])("%s", (...[, stable, canary, to, weights]) => {
    const written = (weight: string) => (weight === "" ? "" : `, weight: ${weight}`);
    const text = ROUTE.replace(", weight: 75", written(stable)).replace(", weight: 25", written(canary));
    expect(backendsOf(set(text, to)).flatMap((rule) => rule.map(({ weight }) => weight))).toEqual(weights);
  });

  it("of weights that are left out counts as one each", () => {
    expect(get(ROUTE.replaceAll(/, weight: \d+/g, ""))).toBe(50);
    expect(get(ROUTE.replace(", weight: 25", "").replace("75", "99"))).toBe(1);
  });

  it("cannot become 100 beside other backends", () => {
    const text = ROUTE.replace("weight: 75", "weight: 1").replace("weight: 25", "weight: 0");
    const shared = `${text}        - { name: legacy, port: 80, weight: 1 }\n`;
    expect(whyNotSet(shared, 5)).toBe(
      "apps/checkout/route.yaml:7: found weights 0 and 1 beside other backends; 5% cannot be written in a sum of 1, and another sum would change the other backends' share.",
    );
    expect(get(set(shared, 100))).toBe(100);
  });
});

describe("a route that is refused", () => {
  it.each([
    ["no route", ROUTE.replace("HTTPRoute", "UDPRoute"), 1, "no HTTPRoute"],
    ["another group's", ROUTE.replace("gateway.networking.k8s.io", "example.com"), 1, "no HTTPRoute"],
    [
      "a backend lacks",
      ROUTE.replace("checkout-canary", "canary"),
      7,
      "no rule with both checkout-canary and checkout-stable",
    ],
    [
      "both backends, but apart",
      ROUTE.replace("        - { name: checkout-canary", "    - backendRefs:\n        - { name: checkout-canary"),
      7,
      "no rule with both",
    ],
    [
      "a Service elsewhere",
      ROUTE.replace("name: checkout-canary", "namespace: other, name: checkout-canary"),
      7,
      "no rule with both",
    ],
    [
      "something that is no Service",
      ROUTE.replace("name: checkout-canary", "kind: Bucket, name: checkout-canary"),
      7,
      "no rule with both",
    ],
    [
      "another namespace",
      ROUTE.replace("{ name: checkout }", "{ name: checkout, namespace: other }"),
      1,
      'the namespace "other"',
    ],
    [
      "rules that disagree",
      `${ROUTE}    - backendRefs: [{ name: checkout-canary, weight: 1 }, { name: checkout-stable, weight: 1 }]\n`,
      9,
      '50% for checkout-canary in spec.rules[1] of HTTPRoute "checkout" and 25% in spec.rules[0] of HTTPRoute "checkout"',
    ],
    ["no whole per cent", ROUTE.replace("75", "76"), 7, "weights 25 and 76"],
    ["nobody is served", ROUTE.replace("75", "0").replace("25", "0"), 7, "weights 0 and 0"],
    [
      "the same backend twice",
      `${ROUTE}        - { name: checkout-canary, port: 81, weight: 0 }\n`,
      7,
      "checkout-canary twice",
    ],
    [
      "a weight in quotes",
      ROUTE.replace("25", '"25"'),
      8,
      'found ""25""; spec.rules[0].backendRefs[1].weight is a whole number without quotes',
    ],
    ["a weight with a point", ROUTE.replace("25", "25.0"), 8, 'found "25.0"'],
    ["an octal weight", ROUTE.replace("25", "025"), 8, 'found "025"'],
    ["a negative weight", ROUTE.replace("25", "-25"), 8, "a whole number from 0 to 1000000"],
    ["an empty weight", ROUTE.replace("weight: 25", "weight: "), 8, "found nothing"],
    [
      "a template",
      ROUTE.replace("25 }", "{{ .Values.weight }} }"),
      8,
      "found a key that is no plain text (a template?)",
    ],
    ["a template that breaks the YAML", `{{- if .Values.route }}\n${ROUTE}{{- end }}\n`, 1, "found a template"],
    ["an alias", ROUTE.replace("75", "&w 75").replace("25", "*w"), 7, "found an anchor"],
    [
      "a merge key",
      ROUTE.replace("{ name: checkout-canary", "{ <<: {}, name: checkout-canary"),
      8,
      "found a merge key",
    ],
    ["a tag", ROUTE.replace("weight: 25", "weight: !!int 25"), 8, "found a tag"],
    ["a key twice", ROUTE.replace("weight: 25", "weight: 25, weight: 25"), 8, 'the key "weight" twice'],
    ["a directive", `%YAML 1.1\n---\n${ROUTE}`, 1, "a YAML directive"],
  ])("%s", (_, text, line, found) => {
    expect(whyNot(text)).toContain(`apps/checkout/route.yaml:${line}: `);
    expect(whyNot(text)).toContain(found);
    expect(router.set(route(text), OF, weight(0)).kind).toBe("err");
  });
});
