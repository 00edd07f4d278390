import { describe, expect, it } from "vitest";
import { name } from "../../../src/core/names.ts";
import { rolloutRule, rolloutRuleFaults } from "../../../src/manifest/routers/rollout-subsets.ts";

const ROLLOUT = `kind: List
---
apiVersion: argoproj.io/v1alpha1
kind: Rollout
spec:
  strategy:
    canary:
      trafficRouting:
        istio:
          destinationRule:
            name: till
            canarySubsetName: next
            stableSubsetName: main
`;
const RULE = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: till }
spec:
  host: till
  subsets:
    - { name: next, labels: { app: till } }
    - { name: main, labels: { app: till } }
`;

const ruleIn = (text: string) => rolloutRule({ path: "r.yaml", text });

it("the rule of a Rollout is the one that it names", () => {
  expect(ruleIn(ROLLOUT)).toEqual({ name: "till", subsets: ["next", "main"], path: "r.yaml", line: 11 });
  expect(ruleIn(ROLLOUT.replace("            stableSubsetName: main\n", ""))?.subsets).toEqual(["next"]);
  const without = [
    ROLLOUT.replace("destinationRule", "other"),
    ROLLOUT.replace("name: till", "a: b"),
    "a: [",
    "kind: List\n",
  ];
  expect(without.map(ruleIn)).toEqual(without.map(() => undefined));
});

describe("the rule of a Rollout", () => {
  const told = (...texts: readonly string[]) => {
    const files = texts.map((text) => ({ path: "rule.yaml", text }));
    const found = rolloutRuleFaults(files, ruleIn(ROLLOUT) ?? expect.fail("no rule"), name("shop"));
    return found.map(({ kind, path, line, what }) => `${kind} ${path}:${line} ${what}`);
  };
  const lacking = (subset: string, line: number) =>
    `wrong rule.yaml:${line} no subset ${subset} of the DestinationRule till: the Rollout's controller writes into those that there are, and Istio answers 503 to what is sent there; define it`;
  const UNSEEN =
    "unsure r.yaml:11 its controller writes into the DestinationRule till, which is not seen in this repository: without it no weight is moved";

  it.each<readonly [string, readonly string[], readonly string[]]>([
    ["has both subsets", [RULE], []],
    ["says its namespace", ["a: [", RULE.replace("name: till }", "name: till, namespace: shop }")], []],
    ["lacks one", [RULE.replace("name: main", "name: other")], [lacking("main", 7)]],
    ["has none", [RULE.slice(0, RULE.indexOf("  subsets"))], [lacking("next", 1), lacking("main", 1)]],
    [
      "has one that Flux names",
      [RULE.replace("name: main", 'name: "${MAIN}"')],
      [lacking("main", 7).replace("wrong", "unsure")],
    ],
    ["is not there", [], [UNSEEN]],
    ["is another one's", [RULE.replace("name: till }", "name: cart }")], [UNSEEN]],
    ["is in another namespace", [RULE.replace("name: till }", "name: till, namespace: mesh }")], [UNSEEN]],
  ])("%s", (_, texts, expected) => {
    expect(told(...texts)).toEqual(expected);
  });
});
