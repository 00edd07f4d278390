import { describe, expect, it } from "vitest";
import { name } from "../../../src/core/names.ts";
import {
  podLabelsIn,
  subsetFaults,
  type PodLabels,
  type SubsetsOf,
} from "../../../src/manifest/routers/destination-rule.ts";
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

const ROUTE = { path: "route.yaml", line: 9 };
const ofSubsets = (
  canary: readonly [string, string?],
  stable: readonly [string, string?],
  pods: Partial<SubsetsOf["pods"]> = {},
): SubsetsOf => ({
  namespace: name("shop"),
  destinations: byDestination(canary, stable),
  route: ROUTE,
  pods: { canary: undefined, stable: undefined, ...pods },
});
const SUBSETS = ofSubsets(["checkout", "canary"], ["checkout", "stable"]);
const labelled = (track: string, extent: PodLabels["extent"] = "whole"): PodLabels => ({
  labels: new Map(Object.entries({ app: "checkout", track })),
  extent,
});
const APART = { canary: labelled("canary"), stable: labelled("stable") };
const withPods = (pods: SubsetsOf["pods"]) => ofSubsets(["checkout", "canary"], ["checkout", "stable"], pods);

function told(of: SubsetsOf, ...texts: readonly string[]): readonly string[] {
  const files = texts.map((text, index) => ({ path: index === 0 ? "rule.yaml" : `rule-${index}.yaml`, text }));
  return subsetFaults(files, of).map(({ kind, path, line, what }) => `${kind} ${path}:${line} ${what}`);
}

/** A rule of the canary's subset, and one of stable's, in two files. */
const [RULE_OF_CANARY, RULE_OF_STABLE] = [
  RULE.replace(/ {4}- name: stable\n.*\n/, ""),
  RULE.replace(/ {4}- name: canary\n.*\n/, "").replace("{ name: checkout }", "{ name: checkout-stable }"),
];

describe("subsets that a DestinationRule defines", () => {
  it.each<readonly [string, SubsetsOf, readonly string[]]>([
    ["apart by a label", SUBSETS, [RULE]],
    ["of pods that have these labels", withPods(APART), [RULE]],
    [
      "by a label each that the other's pods lack",
      withPods({
        canary: { labels: new Map([["canary", "yes"]]), extent: "whole" },
        stable: { labels: new Map([["main", "yes"]]), extent: "whole" },
      }),
      [
        RULE.replace("{ app: checkout, track: stable }", '{ main: "yes" }').replace(
          /\{ app: checkout, track: canary \}/,
          '{ canary: "yes" }',
        ),
      ],
    ],
    ["by a host with its domain", SUBSETS, [RULE.replace("host: checkout", "host: checkout.shop.svc.cluster.local")]],
    ["in two files", withPods(APART), [RULE_OF_CANARY, RULE_OF_STABLE]],
    ["exported to all", SUBSETS, [RULE.replace("spec:", 'spec:\n  exportTo: ["*"]')]],
    [
      "of two hosts, in two objects",
      ofSubsets(["checkout", "all"], ["basket", "all"]),
      [`${RULE}---\n${RULE.replace("host: checkout", "host: basket")}`],
    ],
    ["of which the route names none", ofSubsets(["checkout-canary"], ["checkout-stable"]), []],
    ["beside a file that cannot be read", SUBSETS, [RULE, "a: [\n"]],
  ])("are as they should be: %s", (_, of, texts) => {
    expect(told(of, ...texts)).toEqual([]);
  });

  it.each<readonly [string, SubsetsOf, readonly string[], readonly string[]]>([
    [
      "a name that lacks",
      SUBSETS,
      [RULE.replace("name: canary", "name: next")],
      [
        "wrong rule.yaml:8 no subset canary of checkout: Istio answers 503 to what is sent there; define it, with labels of canary's pods alone",
      ],
    ],
    [
      "no subsets",
      SUBSETS,
      [RULE.slice(0, RULE.indexOf("  subsets"))],
      ["canary", "stable"].map(
        (arm) =>
          `wrong rule.yaml:1 no subset ${arm} of checkout: Istio answers 503 to what is sent there; define it, with labels of ${arm}'s pods alone`,
      ),
    ],
    [
      "a name twice",
      SUBSETS,
      [`${RULE}    - { name: canary, labels: { track: next } }\n`],
      ["wrong rule.yaml:14 checkout (subset canary) again: a subset is defined once"],
    ],
    [
      "no labels",
      SUBSETS,
      [RULE.replace("labels: { app: checkout, track: canary }", "labels: {}")],
      [
        "wrong rule.yaml:10 the subset canary without labels takes every pod of checkout: give it a label of canary's pods alone",
      ],
    ],
    [
      "the same labels",
      SUBSETS,
      [RULE.replace("track: canary", "track: stable")],
      ["wrong rule.yaml:10 the subsets of canary and stable have no label that differs: a pod may be of both"],
    ],
    [
      "labels of which one is part of the other",
      ofSubsets(["checkout", "canary"], ["checkout", "all"]),
      [RULE],
      ["wrong rule.yaml:10 the subsets of canary and stable have no label that differs: a pod may be of both"],
    ],
    [
      "stable's, that take the canary's pods",
      ofSubsets(["checkout", "canary"], ["checkout", "all"], APART),
      [RULE],
      [
        "wrong rule.yaml:12 the subset all takes canary's pods as well (app: checkout): the canary gets a part of what is meant for stable, at weight 0 as well",
      ],
    ],
    [
      "the canary's, that take stable's pods",
      ofSubsets(["checkout", "all"], ["checkout", "stable"], APART),
      [RULE],
      [
        "wrong rule.yaml:12 the subset all takes stable's pods as well (app: checkout): stable gets a part of what is meant for the canary",
      ],
    ],
    [
      "no pod of the canary",
      withPods({ ...APART, canary: labelled("next") }),
      [RULE],
      [
        "wrong rule.yaml:10 the subset canary takes pods with track: canary, and canary's have track: next: with no pod in it Istio answers 503; let the labels agree",
      ],
    ],
    [
      "one arm as the whole Service",
      ofSubsets(["checkout", "canary"], ["checkout"]),
      [RULE],
      [
        "wrong rule.yaml:10 checkout as stable; without a subset it is every pod of its Service, those of the other arm as well",
      ],
    ],
    [
      "both as the whole",
      ofSubsets(["checkout"], ["checkout"]),
      [RULE],
      [
        "wrong route.yaml:9 checkout as canary; without a subset it is every pod of its Service, those of the other arm as well",
      ],
    ],
  ])("drop traffic or give it to the other arm: %s", (_, of, texts, expected) => {
    expect(told(of, ...texts)).toEqual(expected);
  });

  const UNSEEN = ["canary", "stable"].map(
    (arm) =>
      `unsure route.yaml:9 it sends to the subset ${arm} of checkout, and no DestinationRule of checkout is seen in this repository: without one that defines it Istio answers 503`,
  );

  it.each<readonly [string, SubsetsOf, readonly string[], readonly string[]]>([
    ["no rule", SUBSETS, [RULE.replace("DestinationRule", "VirtualService")], UNSEEN],
    ["another host's", SUBSETS, [RULE.replace("host: checkout", "host: checkout.other")], UNSEEN],
    ["a rule that cannot be read", SUBSETS, ["a: [\n"], UNSEEN],
    [
      "a rule of another namespace",
      SUBSETS,
      [
        RULE.replace("{ name: checkout }", "{ name: checkout, namespace: mesh }").replace(
          "host: checkout",
          "host: checkout.shop.svc",
        ),
      ],
      [
        "unsure rule.yaml:1 the DestinationRule is in the namespace mesh, where only callers of that namespace find it (or all, if Istio itself lives there), whatever it exports: write it in shop",
      ],
    ],
    [
      "a rule that is exported to some",
      SUBSETS,
      [RULE.replace("spec:", "spec:\n  exportTo: [., till]")],
      [
        "unsure rule.yaml:5 the DestinationRule is exported to shop, till alone: callers of other namespaces, a gateway perhaps, get 503 for its subsets",
      ],
    ],
    [
      "labels by an alias",
      SUBSETS,
      [
        RULE.replace("labels: { app: checkout, track: canary }", "labels: *l").replace(
          "labels: { app: checkout, track: stable }",
          "labels: &l { app: checkout, track: stable }",
        ),
      ],
      ["unsure rule.yaml:10 labels of the subset canary that are not read: write them out"],
    ],
    [
      "no pod of stable, which serves",
      withPods({ ...APART, stable: { labels: new Map([["app", "checkout"]]), extent: "whole" } }),
      [RULE],
      [
        "unsure rule.yaml:8 the subset stable takes pods with track: stable, and stable's have track: nothing: with no pod in it Istio answers 503; let the labels agree",
      ],
    ],
    [
      "labels that Flux fills in",
      withPods(APART),
      [RULE.replace("track: canary }", 'track: "${TRACK}" }')],
      ["unsure rule.yaml:10 labels of the subset canary that are not read: write them out"],
    ],
    [
      "a name that Flux fills in",
      SUBSETS,
      [RULE.replace("name: canary", 'name: "${NEXT}"')],
      [
        "unsure rule.yaml:8 no subset canary of checkout: Istio answers 503 to what is sent there; define it, with labels of canary's pods alone",
      ],
    ],
    [
      "labels that a pod of both may have",
      SUBSETS,
      [RULE.replace("track: canary }", 'canary: "yes" }')],
      ["unsure rule.yaml:10 the subsets of canary and stable have no label that differs: a pod may be of both"],
    ],
    [
      "pods that may be given more labels",
      withPods({ ...APART, canary: { labels: new Map([["app", "checkout"]]), extent: "open" } }),
      [RULE],
      [
        "unsure rule.yaml:10 the subset canary takes pods with track: canary, and canary's have track: nothing: with no pod in it Istio answers 503; let the labels agree",
      ],
    ],
  ])("may do so: %s", (_, of, texts, expected) => {
    expect(told(of, ...texts)).toEqual(expected);
  });
});

it("knows the labels of a Deployment's pods where its file writes them out", () => {
  const text = (labels: string) =>
    `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: checkout }\nspec: { template: { metadata: { labels: ${labels} } } }\n`;
  const labels = (said: string, of = "checkout") => podLabelsIn({ path: "d.yaml", text: text(said) }, name(of));
  expect(labels("{ app: checkout }")).toEqual(new Map([["app", "checkout"]]));
  expect(labels("")).toEqual(new Map());
  expect(labels('{ app: "${APP}" }')).toBeUndefined();
  expect([labels("[1]"), labels("{ app: 1 }"), labels("{ app: checkout }", "till"), labels("[")]).toEqual(
    Array.from({ length: 4 }),
  );
});
