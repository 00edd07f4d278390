import { describe, expect, it } from "vitest";
import { name } from "../../../src/core/names.ts";
import {
  claimPromotion,
  isBlueGreen,
  readPromotion,
  setPromotion,
} from "../../../src/manifest/routers/rollout-promotion.ts";
import { refusalText } from "../../../src/yaml/refusal.ts";
import { errorOf, valueOf } from "../builders.ts";

const OF = { namespace: name("shop") };
const file = (text: string) => ({ path: "rollout.yaml", text });
const rollout = (strategy: string) => `apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: { name: till, namespace: shop }
spec:
  strategy:
${strategy}`;
const BLOCK = rollout(`    blueGreen:
      activeService: till
      autoPromotionEnabled: false   # Tidegate's
      previewService: till-preview
`);
const FLOW = rollout("    blueGreen: {activeService: till, autoPromotionEnabled: false}\n");

describe("the switch of a Rollout", () => {
  it.each([
    ["on lines", BLOCK],
    ["in braces", FLOW],
  ])("is read and set in place, %s", (_, text) => {
    expect(valueOf(readPromotion(file(text), OF))).toBe(false);
    const on = valueOf(setPromotion(file(text), OF, true));
    expect(on).toBe(text.replace("Enabled: false", "Enabled: true"));
    expect(valueOf(readPromotion(file(on), OF))).toBe(true);
    expect(valueOf(setPromotion(file(on), OF, false))).toBe(text);
    expect(valueOf(setPromotion(file(text), OF, false))).toBe(text);
  });

  it.each([
    ["nothing", rollout("    blueGreen:\n      activeService: till\n"), "found no autoPromotionEnabled"],
    ["a text", BLOCK.replace("false  ", '"false"'), 'found the autoPromotionEnabled "false"'],
    ["another strategy", rollout("    canary: {}\n"), "found no autoPromotionEnabled"],
    ["an anchor", BLOCK.replace("false  ", "&no false"), "anchor"],
    ["no Rollout", "kind: List\n", "found no Rollout"],
  ])("is refused where there is %s", (_, text, why) => {
    expect(refusalText(errorOf(readPromotion(file(text), OF)))).toContain(why);
    expect(setPromotion(file(text), OF, true).kind).toBe("err");
  });

  it("is kept back, whatever was said of it", () => {
    expect(valueOf(claimPromotion(file(BLOCK.replace("false  ", "true  ")), OF))).toBe(BLOCK);
    expect(valueOf(claimPromotion(file(BLOCK), OF))).toBe(BLOCK);
    const bare = rollout("    blueGreen:\n      activeService: till\n");
    expect(valueOf(claimPromotion(file(bare), OF))).toBe(`${bare}      autoPromotionEnabled: false\n`);
    expect(refusalText(errorOf(claimPromotion(file(rollout("    canary: {}\n")), OF)))).toContain(
      "found no strategy blueGreen",
    );
  });

  it.each([
    [BLOCK, true],
    [rollout("    canary: {}\n"), false],
    [rollout("    canary: {}\n    blueGreen: {}\n"), false],
    [rollout("    canary: null\n    blueGreen: {}\n"), true],
    [rollout("    blueGreen: null\n"), false],
    ["kind: List\n", false],
  ])("is what a Rollout goes by, or not (%#)", (text, isIt) => {
    expect(isBlueGreen(file(text), OF)).toBe(isIt);
  });
});
