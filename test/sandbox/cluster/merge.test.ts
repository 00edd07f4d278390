import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../src/sandbox/cluster/json.ts";
import { differs, fieldPathOf, merged, withFieldOf, withoutField } from "../../../src/sandbox/cluster/merge.ts";

// Argo CD at 37ee009, gitops-engine/pkg/diff/diff.go threeWayMergePatch, ThreeWayDiff.
describe("merged", () => {
  type Case = readonly [last: JsonObject, wanted: JsonObject, live: JsonObject];

  it.each<[string, Case, JsonObject]>([
    ["sets what is said", [{}, { a: 1 }, { a: 2 }], { a: 1 }],
    ["takes away what is not said any more", [{ a: 1 }, {}, { a: 1 }], {}],
    [
      "leaves what others have written",
      [{ a: { x: 1 } }, { a: { x: 1 } }, { a: { x: 1, y: 2 } }],
      { a: { x: 1, y: 2 } },
    ],
    ["takes a list as one value", [{ a: [1] }, { a: [1] }, { a: [2, 3] }], { a: [1] }],
    [
      "leaves replicas that git never named",
      [{}, { spec: { x: 1 } }, { spec: { x: 1, n: 7 } }],
      { spec: { x: 1, n: 7 } },
    ],
    ["writes over replicas that git names", [{ n: 2 }, { n: 2 }, { n: 7 }], { n: 2 }],
  ])("%s", (_, [last, wanted, live], expected) => {
    expect(merged(last, wanted, live)).toEqual(expected);
  });

  it("changes nothing the second time", () => {
    const objects = fc.dictionary(
      fc.constantFrom("a", "b", "c"),
      fc.dictionary(fc.constantFrom("x", "y"), fc.integer()),
    );
    fc.assert(
      fc.property(objects, objects, objects, (last, wanted, live) => {
        const once = merged(last, wanted, live);
        expect(merged(wanted, wanted, once)).toEqual(once);
        expect(once).toMatchObject(wanted);
      }),
    );
  });
});

describe("fieldPathOf", () => {
  it.each([
    ["/spec/replicas", ["spec", "replicas"]],
    ["/metadata/annotations/a~1b", ["metadata", "annotations", "a/b"]],
    [".spec.http[].route[].weight", ["spec", "http", undefined, "route", undefined, "weight"]],
    ['.metadata.annotations["a.b/c"]', ["metadata", "annotations", "a.b/c"]],
    ['.metadata.annotations."a.b/c"', ["metadata", "annotations", "a.b/c"]],
    [".spec.rules[0]", ["spec", "rules", "0"]],
  ])("%s", (text, expected) => {
    expect(fieldPathOf(text)).toEqual(expected);
  });
});

describe("ignored fields", () => {
  const route = (...weights: readonly number[]): JsonObject => ({
    http: [{ name: "a", route: weights.map((weight) => ({ weight })) }],
  });
  const path = fieldPathOf(".http[].route[].weight");

  it("are left out, and taken from another", () => {
    expect(withoutField(route(90, 10), path)).toEqual({ http: [{ name: "a", route: [{}, {}] }] });
    expect(withFieldOf(route(100, 0), route(90, 10), path)).toEqual(route(90, 10));
    expect(withFieldOf(route(100, 0), { http: [] }, path)).toEqual(route(100, 0));
    expect(withoutField(route(90, 10), fieldPathOf(".http[].gone"))).toEqual(route(90, 10));
  });

  it("are no difference, and hide none", () => {
    expect(differs([route(100, 0), route(100, 0), route(75, 25)], [path])).toBe(false);
    expect(differs([route(100, 0), route(100, 0), route(75, 25)], [])).toBe(true);
    expect(differs([route(100, 0), { ...route(100, 0), more: 1 }, route(75, 25)], [path])).toBe(true);
  });
});
