import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { name } from "../../../src/core/names.ts";
import { weight } from "../../../src/core/weight.ts";
import {
  claimGates,
  positionFor,
  readPosition,
  setPosition,
  weightAt,
  type Position,
} from "../../../src/manifest/routers/canary-gates.ts";
import { refusalText } from "../../../src/yaml/refusal.ts";
import { changedLines, errorOf, valueOf } from "../builders.ts";

const OF = { namespace: name("shop") };
const THERE = `apiVersion: flagger.app/v1beta1
kind: Canary
metadata: { name: till, namespace: shop }
spec:
  provider: istio
  targetRef: { apiVersion: apps/v1, kind: Deployment, name: till }
  service: { port: 80 }
  analysis: # by hand
    interval: 30s
    threshold: 1
    stepWeights: [5, 50] # ours
`;
const file = (text: string) => ({ path: "apps/till/canary.yaml", text });
const claimed = valueOf(claimGates(file(THERE), OF));
const at = (position: Position, text = claimed) => valueOf(setPosition(file(text), OF, position));
const weighed = (...weights: readonly number[]): Position => ({ kind: "weight", weights: weights.map(weight) });
const promoting = (...weights: readonly number[]): Position => ({ kind: "promotion", weights: weights.map(weight) });
const hooks = (text: string) => [...text.matchAll(/tidegate-([a-z-]+)/g)].map(([, type]) => type);

describe("a Canary that is claimed", () => {
  it("is put at rest by its weights and its hooks alone, a line each", () => {
    const url = '"http://127.0.0.1:9/"';
    const lines = changedLines(THERE, claimed).map((line) => line.trim().replaceAll("'", '"'));
    expect(lines.map((line) => line.replaceAll(/url: "?http[^",]*"?/g, `url: ${url}`))).toEqual([
      "stepWeights: [] # ours",
      "webhooks:",
      ...["confirm-rollout", "confirm-promotion"].map(
        (type) => `- { name: tidegate-${type}, type: ${type}, url: ${url}, muteAlert: true }`,
      ),
    ]);
    expect(valueOf(readPosition(file(claimed), OF))).toEqual({ kind: "rest" });
    expect(valueOf(claimGates(file(claimed), OF))).toBe(claimed);
  });

  it("is refused where hooks of others are there, and without an analysis", () => {
    const load = `${THERE}    webhooks: [{ name: load, type: rollout, url: "http://loadtester/" }]\n`;
    expect(refusalText(errorOf(claimGates(file(load), OF)))).toMatch(
      /^apps\/till\/canary\.yaml:12: found "\{ name: load/,
    );
    const bare = THERE.slice(0, THERE.indexOf("  analysis"));
    expect(refusalText(errorOf(claimGates(file(bare), OF)))).toContain("found no analysis");
  });
});

describe("the gates of a Canary", () => {
  it.each<readonly [string, Position, string, readonly string[]]>([
    ["begin: its pods may start, and nothing else", { kind: "begin" }, "", ["confirm-promotion"]],
    ["the first weight: it may have that, and nothing else", weighed(5), "5", ["confirm-rollout", "confirm-promotion"]],
    [
      "a further weight: what starts over at 0 stays there",
      weighed(5, 25),
      "0, 5, 25",
      ["confirm-rollout", "confirm-promotion"],
    ],
    ["promotion: it may be promoted, and nothing else", promoting(5), "0, 5", ["confirm-rollout"]],
    ["rest: nothing may happen", { kind: "rest" }, "", ["confirm-rollout", "confirm-promotion"]],
    [
      "a way back: nothing may happen, and what has begun fails its checks",
      { kind: "back" },
      "",
      ["confirm-rollout", "confirm-promotion", "pre-rollout", "rollout"],
    ],
  ])("are at %s", (_, position, weights, types) => {
    const text = at(position, at(weighed(3)));
    expect([hooks(text), /stepWeights: \[(.*)\]/.exec(text)?.[1]]).toEqual([types, weights]);
    expect(valueOf(readPosition(file(text), OF))).toEqual(position);
  });

  it("are read back as they were set, from anywhere, and come back to the same bytes", () => {
    const rising = fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 6 });
    const position = fc.oneof(
      fc.constantFrom<Position>({ kind: "rest" }, { kind: "back" }, { kind: "begin" }),
      fc.tuple(fc.constantFrom("weight", "promotion"), rising).map(([kind, all]): Position => ({
        kind,
        weights: all.toSorted((a, b) => a - b).map(weight),
      })),
    );
    fc.assert(
      fc.property(position, position, (one, two) => {
        const [first, then] = [at(one), at(two, at(one))];
        expect(valueOf(readPosition(file(then), OF))).toEqual(two);
        expect(at(one, then)).toBe(first);
        expect(at({ kind: "rest" }, then)).toBe(claimed);
      }),
    );
  });

  it("never leave a weight of the release out of the list, nor open two gates", () => {
    const steps = [weight(5), weight(25), weight(50)];
    let position: Position = positionFor({ kind: "rest" }, weight(0), "begin");
    for (const [index, step] of steps.entries()) {
      position = positionFor(position, step, "begin");
      expect(position).toEqual(weighed(...steps.slice(0, index + 1)));
      expect(weightAt(position)).toBe(step);
    }
    const last = positionFor(position, weight(100), "begin");
    expect([last, weightAt(last)]).toEqual([promoting(5, 25, 50), 100]);
    expect(positionFor(last, weight(0), "rest")).toEqual({ kind: "rest" });
  });

  it.each([
    ["a gate that is missing", at(weighed(5, 25)).replace(/.*tidegate-confirm-rollout.*\n/, "")],
    ["an address of somebody's", claimed.replace("127.0.0.1:9", "gate.example.com")],
    ["a hook of somebody's", at({ kind: "back" }).replace("tidegate-rollout", "load")],
    ["alerts", claimed.replace("muteAlert: true", "muteAlert: false")],
    ["weights on a way back", at({ kind: "back" }).replace("stepWeights: []", "stepWeights: [5]")],
    ["weights that fall", at(weighed(5, 25)).replace("[0, 5, 25]", "[0, 25, 5]")],
    ["the weight 0 alone", at(weighed(5)).replace("[5]", "[0]")],
    ["the weight 100", at(weighed(5)).replace("[5]", "[100]")],
  ])("are refused with %s", (_, text) => {
    expect(refusalText(errorOf(readPosition(file(text), OF)))).toContain("tidegate claim says what to write");
    expect(setPosition(file(text), OF, { kind: "rest" }).kind).toBe("err");
  });

  it("are those of a weight where a person has lengthened the list, or shortened it, and left the hooks", () => {
    expect(valueOf(readPosition(file(at(weighed(5)).replace("[5]", "[5, 25]")), OF))).toEqual(weighed(5, 25));
    expect(valueOf(readPosition(file(at(weighed(5, 25)).replace("[0, 5, 25]", "[0, 5]")), OF))).toEqual(weighed(5));
  });
});
