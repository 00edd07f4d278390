import { describe, expect, it } from "vitest";
import { name } from "../../../src/core/names.ts";
import { checkSubsets } from "../../../src/manifest/routers/destination-rule.ts";
import { refusalText } from "../../../src/yaml/refusal.ts";
import { errorOf } from "../builders.ts";
import { byDestination } from "./routed.ts";

const RULE = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: checkout }
spec:
  host: checkout
  trafficPolicy: { loadBalancer: { simple: LEAST_REQUEST } }
  subsets:
    - name: stable
      labels: { app: checkout, track: stable }
    - name: canary
      labels: { app: checkout, track: canary }
    - name: all
      labels: { app: checkout }
`;

const ofSubsets = (canary: readonly [string, string?], stable: readonly [string, string?]) => ({
  namespace: name("shop"),
  destinations: byDestination(canary, stable),
});
const SUBSETS = ofSubsets(["checkout", "canary"], ["checkout", "stable"]);
const check = (text: string, of = SUBSETS) => checkSubsets({ path: "rule.yaml", text }, of);
const whyNot = (text: string, of = SUBSETS) => refusalText(errorOf(check(text, of)));

describe("subsets that a DestinationRule defines", () => {
  it.each([
    ["apart by a label", RULE, SUBSETS],
    ["by a host with its domain", RULE.replace("host: checkout", "host: checkout.shop.svc.cluster.local"), SUBSETS],
    [
      "of two hosts, in two objects",
      `${RULE}---\n${RULE.replace("host: checkout", "host: basket")}`,
      ofSubsets(["checkout", "all"], ["basket", "all"]),
    ],
    ["of which the route names none", "kind: List\n", ofSubsets(["checkout-canary"], ["checkout-stable"])],
  ])("are as they should be: %s", (_, text, of) => {
    expect(check(text, of)).toMatchObject({ kind: "ok" });
  });

  it.each([
    ["no rule", RULE.replace("DestinationRule", "VirtualService"), SUBSETS, 1, "no DestinationRule of checkout"],
    [
      "another host's",
      RULE.replace("host: checkout", "host: checkout.other"),
      SUBSETS,
      1,
      "no DestinationRule of checkout",
    ],
    ["a name that lacks", RULE.replace("name: canary", "name: next"), SUBSETS, 8, "no subset canary of checkout"],
    ["no subsets", RULE.slice(0, RULE.indexOf("  subsets")), SUBSETS, 1, "no subset canary of checkout"],
    [
      "a name twice",
      `${RULE}    - { name: canary, labels: { track: next } }\n`,
      SUBSETS,
      14,
      "checkout (subset canary) twice",
    ],
    [
      "no labels",
      RULE.replace(/track: canary/, "track: canary").replace("labels: { app: checkout, track: canary }", "labels: {}"),
      SUBSETS,
      10,
      'the subset "canary" without labels',
    ],
    ["the same labels", RULE.replace("track: canary", "track: stable"), SUBSETS, 10, "without a label that differs"],
    [
      "labels of which one is part of the other",
      RULE,
      ofSubsets(["checkout", "canary"], ["checkout", "all"]),
      10,
      "no pod is of both",
    ],
    [
      "one arm as the whole Service",
      RULE,
      ofSubsets(["checkout", "canary"], ["checkout"]),
      10,
      "checkout as stable; without a subset it is every pod of its Service, canary's as well",
    ],
    ["both as the whole", RULE, ofSubsets(["checkout"], ["checkout"]), 1, "without a subset it is every pod"],
    ["labels by an alias", RULE.replace("track: canary", "track: &t canary"), SUBSETS, 11, "an anchor"],
  ])("are refused: %s", (...[, text, of, line, found]) => {
    expect(whyNot(text, of)).toContain(`rule.yaml:${line}: `);
    expect(whyNot(text, of)).toContain(found);
  });
});
