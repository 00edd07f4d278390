import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { name } from "../../../src/core/names.ts";
import { weight } from "../../../src/core/weight.ts";
import { claimGates, setPosition } from "../../../src/manifest/routers/canary-gates.ts";
import { gatesWritten, giveBackGates, readCanaryPlan } from "../../../src/manifest/routers/canary-written.ts";
import { errorOf, valueOf } from "../builders.ts";

const OF = { namespace: name("shop") };
const fileOf = (text: string) => ({ path: "canary.yaml", text });

function canary(analysis: string): string {
  return `apiVersion: flagger.app/v1beta1
kind: Canary
metadata: { name: till, namespace: shop }
spec:
  provider: istio
  targetRef: { apiVersion: apps/v1, kind: Deployment, name: till }
${analysis}  service: { port: 80 } # ours
`;
}

const WEIGHTS = [
  undefined,
  "stepWeights: [10, 30] # a tenth first",
  "stepWeights: []",
  "stepWeights:\n      - 10 # a tenth\n      # then\n      - 30",
  "stepWeights: # slowly\n    - 10",
];
const HOOK = '{ name: tidegate-confirm-rollout, type: confirm-rollout, url: "http://127.0.0.1:9/", muteAlert: true }';
const HOOKS = [undefined, "webhooks: []", `webhooks: [${HOOK}]`, `webhooks:\n      - ${HOOK} # ours`];
const AROUND = ["interval: 30s", "threshold: 1", "# what follows is judged", "", "alerts: [] # none"];

/** An analysis with the two lists among other lines, which may be missing. */
const analyses = fc
  .tuple(
    fc.constantFrom(...WEIGHTS),
    fc.constantFrom(...HOOKS),
    fc.shuffledSubarray(AROUND),
    fc.boolean(),
    fc.nat(),
    fc.nat(),
  )
  .filter(([, , around]) => around.some((line) => /^\w/.test(line)))
  .map(([weights, hooks, around, isCrlf, first, second]) => {
    const lines: string[] = [...around];
    if (weights !== undefined) lines.splice(first % (lines.length + 1), 0, weights);
    if (hooks !== undefined) lines.splice(second % (lines.length + 1), 0, hooks);
    const text = canary(`  analysis:\n${lines.map((line) => (line === "" ? "\n" : `    ${line}\n`)).join("")}`);
    return isCrlf ? text.replaceAll("\n", "\r\n") : text;
  });

describe("what claiming a Canary's gates replaces", () => {
  it("is given back to the byte, whatever weights the gates went through between", () => {
    fc.assert(
      fc.property(analyses, fc.boolean(), (text, isMoved) => {
        const was = valueOf(gatesWritten(fileOf(text), OF));
        let now = valueOf(claimGates(fileOf(text), OF));
        expect(now).not.toContain("10");
        if (isMoved) {
          now = valueOf(setPosition(fileOf(now), OF, { kind: "weight", weights: [weight(5), weight(50)] }));
          now = valueOf(setPosition(fileOf(now), OF, { kind: "rest" }));
        }
        expect(valueOf(giveBackGates(fileOf(now), OF, was))).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  it("is given back in braces as well", () => {
    for (const inside of ["", ", stepWeights: [10]", ", stepWeights: [10], webhooks: []"]) {
      const text = canary(`  analysis: { interval: 30s, threshold: 1${inside} }\n`);
      const was = valueOf(gatesWritten(fileOf(text), OF));
      const now = valueOf(claimGates(fileOf(text), OF));
      expect(now).not.toBe(text);
      expect(valueOf(giveBackGates(fileOf(now), OF, was))).toBe(text);
    }
  });

  it("is not given back while the gates do not rest, nor where it is no list", () => {
    const text = canary("  analysis:\n    interval: 30s\n    threshold: 1\n    stepWeights: [10]\n");
    const was = valueOf(gatesWritten(fileOf(text), OF));
    const resting = valueOf(claimGates(fileOf(text), OF));
    for (const kind of ["back", "begin"] as const) {
      const now = valueOf(setPosition(fileOf(resting), OF, { kind }));
      expect(errorOf(giveBackGates(fileOf(now), OF, was)).found).toBe("gates that do not rest");
    }
    const odd = { ...was, "spec.analysis.stepWeights": "{ a: 1 }" };
    expect(errorOf(giveBackGates(fileOf(resting), OF, odd)).found).toBe("no list to give back");
  });
});

describe("the weights that a Canary of people's goes through", () => {
  it.each<readonly [string, readonly number[]]>([
    ["stepWeights: [5, 20, 60]", [5, 20, 60]],
    ["stepWeight: 20\n    maxWeight: 50", [20, 40, 60]],
    ["stepWeight: 40", [40, 80, 100]],
    ["stepWeight: 0\n    stepWeights: [5]", [5]],
    ["iterations: 10", []],
  ])("of %j are %j", (lines, weights) => {
    const text = canary(`  analysis:\n    interval: 30s\n    ${lines}\n`);
    expect(valueOf(readCanaryPlan(fileOf(text), OF))).toEqual(weights);
  });
});
