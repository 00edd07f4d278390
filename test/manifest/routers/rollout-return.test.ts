import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { name } from "../../../src/core/names.ts";
import { weight } from "../../../src/core/weight.ts";
import type { Data } from "../../../src/manifest/data.ts";
import {
  claimPromotion,
  giveBackPromotion,
  promotionWritten,
  setPromotion,
} from "../../../src/manifest/routers/rollout-promotion.ts";
import {
  claimSteps,
  giveBackSteps,
  REST,
  setSteps,
  stepsWritten,
} from "../../../src/manifest/routers/rollout-steps.ts";
import { refusalText } from "../../../src/yaml/refusal.ts";
import { errorOf, valueOf } from "../builders.ts";
import { hands, values, written } from "../written.ts";

const OF = { namespace: name("shop") };
const file = (text: string) => ({ path: "rollout.yaml", text });

const rollout = (strategy: string) => `apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: { name: till, namespace: shop }
spec:
  strategy:
${strategy}`;

const claimed = (text: string) => ({
  rest: valueOf(claimSteps(file(text), OF)),
  was: valueOf(stepsWritten(file(text), OF)),
});

/** Claimed, moved by a release that runs out, at rest again and given back. */
function thereAndBack(text: string): string {
  const { rest, was } = claimed(text);
  const half = valueOf(setSteps(file(rest), OF, { from: weight(0), to: weight(50), runsOut: false }));
  const whole = valueOf(setSteps(file(half), OF, { from: weight(50), to: weight(100), runsOut: true }));
  return valueOf(giveBackSteps(file(valueOf(setSteps(file(whole), OF, REST))), OF, was));
}

describe("steps that are given back", () => {
  it("are those of before to the byte, whoever's hand they are in", () => {
    const lists = fc.option(fc.array(values, { maxLength: 4 }), { nil: undefined });
    fc.assert(
      fc.property(lists, fc.boolean(), hands, (list, isLast, hand) => {
        const steps: { readonly [key: string]: Data } = list === undefined ? {} : { steps: list };
        const canary = isLast ? { stableService: "web", ...steps } : { ...steps, stableService: "web" };
        const spec = { replicas: 3, strategy: { canary } };
        const text = written({ apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", spec }, hand);
        expect(thereAndBack(text)).toBe(text);
      }),
    );
  });

  it.each([
    [
      "with comments",
      "      steps: # by hand\n        # first\n        - setWeight: 20 # a fifth\n        # then\n        - pause:\n            duration: 10m\n        # the end\n      maxSurge: 1\n",
    ],
    ["in a column of their own", "      steps:\n      -   setWeight: 20\n      -   pause: {}"],
    ["on one line", "      steps: [{setWeight: 20}, {pause: {duration: 1h}}] # short\n"],
    ["none, in braces", "      {}\n"],
    ["none, among others", "      maxSurge: 1\n"],
    ["an empty list", "      steps: []\n      maxSurge: 1\n"],
    ["those of rest", "      steps:\n        - setWeight: 0 # asleep\n        - setWeight: 0\n        - pause: {}\n"],
  ])("are those of before: %s", (_, said) => {
    const text = rollout(`    canary:\n${said}`);
    const { rest, was } = claimed(text);
    expect(valueOf(giveBackSteps(file(rest), OF, was))).toBe(text);
  });

  const text = rollout("    canary:\n      steps:\n        - setWeight: 20\n        - pause: {}\n      maxSurge: 1\n");

  it("leave what people have changed beside them", () => {
    const { rest, was } = claimed(text);
    const edited = (one: string) =>
      one.replace("maxSurge: 1", "maxSurge: 2").replace("kind: Rollout", "kind: Rollout # ours");
    expect(valueOf(giveBackSteps(file(edited(rest)), OF, was))).toBe(edited(text));
  });

  it.each([
    [
      "a weight is live",
      (rest: string) => rest.replace("0\n        - pause", "5\n        - pause"),
      "steps that do not rest",
    ],
    ["others are there", (rest: string) => rest.replace("        - pause: {}\n", ""), "steps are [setWeight: from"],
    [
      "they stand in other columns, so that it would say another thing",
      (rest: string) => rest.replace(/^ {8}- /gm, "      - "),
      "rollout.yaml:",
    ],
  ])("are not while %s", (_, work, found) => {
    const { rest, was } = claimed(text);
    expect(work(rest)).not.toBe(rest);
    expect(refusalText(errorOf(giveBackSteps(file(work(rest)), OF, was)))).toContain(found);
  });

  it.each(["0", "{ setWeight: 20 }", "- [", ""])("are a list: %s is none", (was) => {
    const { rest } = claimed(text);
    const back = giveBackSteps(file(rest), OF, was);
    if (was === "") expect(valueOf(back)).not.toContain("steps");
    else expect(refusalText(errorOf(back))).toContain("rollout.yaml:");
  });
});

describe("a switch that is given back", () => {
  it.each([
    "    blueGreen:\n      activeService: till\n      autoPromotionEnabled: true # by itself\n",
    "    blueGreen:\n      activeService: till\n      autoPromotionEnabled: false\n",
    "    blueGreen: {activeService: till, autoPromotionEnabled: true}\n",
    "    blueGreen:\n      activeService: till # and no more\n",
    "    blueGreen: { activeService: till }\n",
  ])("is as it was (%#)", (strategy) => {
    const text = rollout(strategy);
    const rest = valueOf(claimPromotion(file(text), OF));
    const was = valueOf(promotionWritten(file(text), OF));
    expect(valueOf(giveBackPromotion(file(rest), OF, was))).toBe(text);
    const open = valueOf(setPromotion(file(rest), OF, true));
    expect(refusalText(errorOf(giveBackPromotion(file(open), OF, was)))).toContain("an open switch");
  });
});
