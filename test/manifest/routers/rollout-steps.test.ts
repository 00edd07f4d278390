import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDocument } from "yaml";
import { name } from "../../../src/core/names.ts";
import { weight } from "../../../src/core/weight.ts";
import type { Data } from "../../../src/manifest/data.ts";
import {
  claimSteps,
  readSteps,
  REST,
  setSteps,
  type RolloutOf,
  type Steps,
} from "../../../src/manifest/routers/rollout-steps.ts";
import { refusalText } from "../../../src/yaml/refusal.ts";
import { errorOf, valueOf } from "../builders.ts";
import { hands, values, written } from "../written.ts";

const OF: RolloutOf = { namespace: name("shop") };
const file = (text: string) => ({ path: "rollout.yaml", text });
const get = (text: string, of = OF) => valueOf(readSteps(file(text), of));
const set = (text: string, steps: Steps) => valueOf(setSteps(file(text), OF, steps));
const claim = (text: string) => valueOf(claimSteps(file(text), OF));
const whyNot = (text: string, of = OF) => refusalText(errorOf(readSteps(file(text), of)));
const whyNotClaimed = (text: string) => refusalText(errorOf(claimSteps(file(text), OF)));
const steps = (from: number, to: number): Steps => ({ from: weight(from), to: weight(to), runsOut: false });
const runOut = (from: number): Steps => ({ from: weight(from), to: weight(100), runsOut: true });

const ROLLOUT = `apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: { name: checkout }
spec:
  strategy:
    canary:
      steps:
        - setWeight: 5
        - setWeight: 25
        - pause: {}
      stableService: checkout-stable
`;
const PAUSED = "pause: {}";
const SHAPE =
  "steps are [setWeight: from, setWeight: to, pause: {}], or [setWeight: from, setWeight: 100, pause: {duration: 1s}] to run out";

describe("a Rollout's steps", () => {
  it("are moved by two numbers", () => {
    expect(get(ROLLOUT)).toEqual(steps(5, 25));
    expect(set(ROLLOUT, steps(25, 50))).toBe(ROLLOUT.replace("25", "50").replace(": 5\n", ": 25\n"));
  });

  it("run out by a pause that ends, and are back to the very same text", () => {
    const out = set(ROLLOUT, runOut(25));
    expect(out).toBe(ROLLOUT.replace("25", "100").replace(": 5\n", ": 25\n").replace(PAUSED, "pause: {duration: 1s}"));
    expect(get(out)).toEqual(runOut(25));
    expect(set(out, steps(5, 25))).toBe(ROLLOUT);
    expect(set(out, runOut(50))).toBe(out.replace(": 25\n", ": 50\n"));
  });

  it.each([
    ["on lines of its own", "pause:\n            duration: 1s", "pause: {}"],
    ["in quotes", "pause: { 'duration': \"1s\" }", "pause: { }"],
    [
      "under a remark",
      "pause: # for a moment\n            duration: 1s # no more",
      "pause: # for a moment\n            {} # no more",
    ],
  ])("stop running out where the pause stands %s", (_, written, empty) => {
    const text = ROLLOUT.replace("25", "100").replace(PAUSED, written);
    expect(get(text)).toEqual(runOut(5));
    expect(set(text, REST)).toBe(text.replace("100", "0").replace(": 5\n", ": 0\n").replace(written, empty));
  });

  it("run out at a hundred only", () => {
    expect(() => setSteps(file(ROLLOUT), OF, { ...steps(5, 25), runsOut: true })).toThrow(RangeError);
  });

  it("are those of the Rollout of a name", () => {
    const both = `${ROLLOUT.replaceAll("checkout", "basket").replace("25", "30")}---\n${ROLLOUT}`;
    expect(get(both, { ...OF, name: name("checkout") })).toEqual(steps(5, 25));
    expect(whyNot(both)).toContain('rollout.yaml:13: found the Rollouts "basket" and "checkout"');
    expect(whyNot(both, { ...OF, name: name("pay") })).toContain("found no Rollout pay");
  });
});

describe("steps that are refused", () => {
  it.each([
    ["no Rollout", ROLLOUT.replace("kind: Rollout", "kind: Experiment"), 1, "no Rollout"],
    [
      "another namespace",
      ROLLOUT.replace("{ name: checkout }", "{ name: checkout, namespace: other }"),
      1,
      'the namespace "other"',
    ],
    ["none", ROLLOUT.replace(/ {6}steps[^]*pause: \{\}\n/, ""), 7, `no steps; ${SHAPE}`],
    ["another strategy", ROLLOUT.replace("canary:", "blueGreen:"), 1, "no steps"],
    [
      "a lone one",
      ROLLOUT.replace("        - setWeight: 5\n", ""),
      8,
      `"- setWeight: 25 - pause: {}"; ${SHAPE}`.replace("- setWeight", "- setWeight"),
    ],
    ["one more", ROLLOUT.replace(PAUSED, `${PAUSED}\n        - setWeight: 100`), 8, SHAPE],
    [
      "another order",
      ROLLOUT.replace("- setWeight: 25\n        - pause: {}", "- pause: {}\n        - setWeight: 25"),
      8,
      SHAPE,
    ],
    ["another kind", ROLLOUT.replace("setWeight: 25", "setCanaryScale: { weight: 25 }"), 8, SHAPE],
    ["two keys in one", ROLLOUT.replace("- setWeight: 25", "- setWeight: 25\n          name: a"), 8, SHAPE],
    ["a pause of minutes", ROLLOUT.replace(PAUSED, "pause: { duration: 10m }"), 8, SHAPE],
    [
      "a pause of a second as a number",
      ROLLOUT.replace(PAUSED, "pause: { duration: 1 }").replace("25", "100"),
      8,
      SHAPE,
    ],
    [
      "a pause with more to it",
      ROLLOUT.replace(PAUSED, "pause: { duration: 1s, until: noon }").replace("25", "100"),
      8,
      SHAPE,
    ],
    [
      "a pause that is anchored",
      ROLLOUT.replace(PAUSED, "pause: { duration: &d 1s }").replace("25", "100"),
      10,
      "an anchor",
    ],
    ["a pause that is nothing", ROLLOUT.replace(PAUSED, "pause:"), 8, SHAPE],
    ["a pause that ends below a hundred", ROLLOUT.replace(PAUSED, "pause: { duration: 1s }"), 8, SHAPE],
    ["a step that is no mapping", ROLLOUT.replace("setWeight: 25", "25"), 9, "steps[1] is a mapping"],
    ["a weight in quotes", ROLLOUT.replace("25", '"25"'), 9, "whole number without quotes"],
    ["a weight above a hundred", ROLLOUT.replace("25", "101"), 9, "a whole number from 0 to 100"],
    [
      "parts of a thousand",
      ROLLOUT.replace("stableService: checkout-stable", "trafficRouting: { maxTrafficWeight: 1000 }"),
      11,
      'a maxTrafficWeight of "1000"',
    ],
    ["a template", ROLLOUT.replace("25", "{{ .Values.weight }}"), 9, "a template?"],
    ["an anchor", ROLLOUT.replace("steps:", "steps: &steps"), 8, "an anchor"],
  ])("%s", (_, text, line, found) => {
    expect(whyNot(text)).toContain(`rollout.yaml:${line}: `);
    expect(whyNot(text)).toContain(found);
    expect(setSteps(file(text), OF, REST)).toEqual(readSteps(file(text), OF));
  });
});

describe("claiming a Rollout's steps", () => {
  it("replaces whatever they were, and no other byte", () => {
    const strategies = fc.record({
      before: fc.subarray(["maxSurge", "stableService"]),
      list: fc.array(values, { maxLength: 4 }),
    });
    fc.assert(
      fc.property(strategies, hands, ({ before, list }, hand) => {
        const canary: { readonly [key: string]: Data } = {
          ...Object.fromEntries(before.map((key) => [key, "web-1"])),
          steps: list,
          zone: 1,
        };
        const spec = { replicas: 3, strategy: { canary } };
        const object = { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", spec };
        const text = written(object, hand);
        const after = claim(text);
        expect(get(after)).toEqual(REST);
        expect(claim(after)).toBe(after);
        expect(after.slice(0, after.indexOf("steps"))).toBe(text.slice(0, text.indexOf("steps")));
        expect(after.slice(after.indexOf("zone"))).toBe(text.slice(text.indexOf("zone")));
        expect(/(?<!\r)\n/.test(after)).toBe(!hand.isCrlf && after.includes("\n"));
        const masked = (each: string) => {
          const document = parseDocument(each.replace("\u{FEFF}", ""));
          document.setIn(["spec", "strategy", "canary", "steps"], 0);
          return document.toJS() as unknown;
        };
        expect(masked(after)).toEqual(masked(text));
      }),
    );
  });

  it("leaves steps at rest as they are written", () => {
    const rest = set(ROLLOUT, REST).replace("setWeight: 0\n", "setWeight: 0 # asleep\n");
    expect(claim(rest)).toBe(rest);
    expect(claim(ROLLOUT)).toBe(set(ROLLOUT, REST));
    expect(claim(set(ROLLOUT, steps(5, 0)))).toBe(set(ROLLOUT, REST));
    expect(claim(set(ROLLOUT, runOut(5)))).toBe(set(ROLLOUT, REST));
  });

  it("adds them where there are none", () => {
    const without = ROLLOUT.replace(/ {6}steps[^]*pause: \{\}\n/, "");
    expect(get(claim(without))).toEqual(REST);
    expect(claim(without).replace(/ {6}steps[^]*pause: \{\}\n/, "")).toBe(without);
    const empty = ROLLOUT.replace(/canary:[^]*/, "canary: {}\n");
    expect(claim(empty)).toBe(
      empty.replace("canary: {}", "canary: {steps: [{ setWeight: 0 }, { setWeight: 0 }, { pause: {} }]}"),
    );
  });

  it.each([
    ["another strategy", ROLLOUT.replace("canary:", "blueGreen:"), 1, "no strategy canary"],
    [
      "parts of a thousand",
      ROLLOUT.replace("stableService: checkout-stable", "trafficRouting: { maxTrafficWeight: 1000 }"),
      11,
      "maxTrafficWeight",
    ],
    ["steps that are no list", ROLLOUT.replace(/steps:[^]*pause: \{\}/, "steps: 5"), 7, "steps is a list"],
    [
      "steps by an alias",
      ROLLOUT.replace(/steps:[^]*pause: \{\}/, "steps: *usual").replace("spec:", "spec:\n  x: &usual []"),
      8,
      "an alias",
    ],
    [
      "steps that another place repeats",
      `${ROLLOUT.replace("- setWeight: 5\n", "- &first { setWeight: 5 }\n")}  first: *first\n`,
      8,
      "an anchor",
    ],
  ])("is refused: %s", (_, text, line, found) => {
    expect(whyNotClaimed(text)).toContain(`rollout.yaml:${line}: `);
    expect(whyNotClaimed(text)).toContain(found);
  });
});
