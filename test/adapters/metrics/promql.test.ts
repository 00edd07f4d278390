import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UserError } from "../../../src/core/error.ts";
import { name } from "../../../src/core/names.ts";
import { areOfOne, podsPattern, selector } from "../../../src/adapters/metrics/promql.ts";

const matches = (workload: string, pod: string) => new RegExp(`^(?:${podsPattern([name(workload)])})$`).test(pod);

describe("selector", () => {
  it("joins conditions", () => {
    const text = selector("up", [
      { label: "job", op: "=", value: "node" },
      { label: "pod", op: "=~", value: "a|b" },
    ]);
    expect(text).toBe('up{job="node",pod=~"a|b"}');
  });

  it.each([
    ["a quote", 'a"} or up{x="', String.raw`up{l="a\"} or up{x=\""}`],
    ["a backslash", "a\\", String.raw`up{l="a\\"}`],
    ["a line break", "a\nb", String.raw`up{l="a\nb"}`],
  ])("quotes %s", (_, value, text) => {
    expect(selector("up", [{ label: "l", op: "=", value }])).toBe(text);
  });

  it.each(["", "1up", "up{}", "a-b", "a b", "ü"])("refuses %j as a metric", (metric) => {
    expect(() => selector(metric, [])).toThrow(UserError);
  });

  it.each(["", "1l", "a:b", "a-b", 'a="",b'])("refuses %j as a label", (label) => {
    expect(() => selector("up", [{ label, op: "=", value: "" }])).toThrow(UserError);
  });
});

describe("podsPattern", () => {
  it.each([
    ["its own pod", "checkout", "checkout-7d9f8b4c5d-x2x4z", true],
    ["a short hash", "checkout", "checkout-7d9f-x2x4z", true],
    ["a workload whose name begins alike", "checkout", "checkout-canary-7d9f8b4c5d-x2x4z", false],
    ["a stateful pod", "checkout", "checkout-0", false],
    ["vowels, which are never generated", "checkout", "checkout-canary-abcde", false],
    ["a name inside another", "checkout", "my-checkout-7d9f8b4c5d-x2x4z", false],
    ["a revision's pod", "checkout", "checkout-00017-deployment-7d9f8b4c5d-x2x4z", true],
    [
      "a revision's of a workload whose name begins alike",
      "checkout",
      "checkout-canary-00017-deployment-7d9f-x2x4z",
      false,
    ],
    ["a revision with a name of its own", "checkout", "checkout-blue-deployment-7d9f8b4c5d-x2x4z", false],
    ["a revision's whose hash was cut", "w".repeat(30), `${"w".repeat(30)}-00001-deployment-7d9f8b4c5x2x4z`, true],
    ["a revision's whose own name is a hash", "w".repeat(47), `${"w".repeat(47)}-00001-deployment-7x2x4z`, false],
    ["a hash that was cut", "w".repeat(50), `${"w".repeat(50)}-7d9f8b4x2x4z`, true],
    ["a dash that was cut", "w".repeat(47), `${"w".repeat(47)}-7d9f8b4c5dx2x4z`, true],
  ])("%s", (_, workload, pod, expected) => {
    expect(matches(workload, pod)).toBe(expected);
  });
});

describe("two workloads", () => {
  const long = "w".repeat(45);

  it.each([
    ["one name", "checkout", "checkout", true],
    ["two names", "checkout", "checkout-canary", false],
    ["an end like a hash, of a short name", "checkout", "checkout-bcdf", false],
    ["an end like a hash, of a name whose own is cut off", long, `${long}-bcdf`, true],
    ["the end of a revision's Deployment", "checkout", "checkout-00001-deployment", true],
    ["an end that is no hash, of such a name", long, `${long}-canary`, false],
  ])("with %s", (_, one, other, expected) => {
    expect(areOfOne(name(one), name(other))).toBe(expected);
    expect(areOfOne(name(other), name(one))).toBe(expected);
  });

  it("that are not of one share no pod's name, as Kubernetes makes it", () => {
    const safe = fc.string({
      unit: fc.constantFrom(..."bcdfghjklmnpqrstvwxz2456789".split("")),
      minLength: 1,
      maxLength: 10,
    });
    const workload = fc
      .tuple(
        fc.integer({ min: 1, max: 57 }),
        fc.array(fc.oneof(safe, fc.constantFrom("a", "canary", "00001-deployment")), { maxLength: 3 }),
      )
      .map(([length, parts]) => ["w".repeat(length), ...parts].join("-").slice(0, 57).replace(/-$/, ""));
    const revision = fc.constantFrom("", "-00001-deployment", "-00002-deployment");
    const tail = fc.string({ unit: fc.constantFrom("b", "7"), minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(workload, workload, revision, fc.tuple(safe, tail), (one, other, of, [hash, random]) => {
        if (areOfOne(name(one), name(other))) return;
        const pod = `${`${one}${of}-${hash}-`.slice(0, 58)}${random}`;
        expect(matches(one, pod) && matches(other, pod)).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });
});
