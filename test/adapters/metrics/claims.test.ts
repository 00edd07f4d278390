import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exact, partsFor, selectorsFor, shared, type Claim, type Part } from "../../../src/adapters/metrics/claims.ts";
import { podsPattern, workloadsOf } from "../../../src/adapters/metrics/promql.ts";
import { name } from "../../../src/core/names.ts";
import { selectorOf } from "../../../src/sandbox/cluster/selector.ts";

const called = { namespace: name("shop"), arm: name("checkout") };
const labelled = (labels: Readonly<Record<string, string>>) => ({ labels: new Map(Object.entries(labels)) });

/** Whether the text that is asked selects a label's value, as a provider reads it. */
const selects = (parts: readonly Part[], value: string) => {
  const [text = ""] = selectorsFor(
    "m",
    [],
    parts.map((part): Claim => [[part]]),
  );
  return selectorOf(text).matchers.every(({ matches }) => matches(value));
};

const isShared = (parts: readonly Part[], value: string) => {
  const claim: Claim = parts.map((part) => [part]);
  return shared([claim], [labelled({ l: value })])[0]?.length === 1;
};

describe("a form of an arm", () => {
  it.each([
    ["{arm}", "checkout", true],
    ["{arm}", "checkout-canary", false],
    ["{arm}", "my-checkout", false],
    ["{arm}", "", false],
    ["{namespace}-{arm}-{port}", "shop-checkout-80", true],
    ["{namespace}-{arm}-{port}", "shop-checkout-http", true],
    ["{namespace}-{arm}-{port}", "shop-checkout-canary-80", false],
    ["{namespace}-{arm}-{port}", "other-shop-checkout-80", false],
    ["{namespace}-{arm}-{port}", "shop-checkout-80-80", false],
    ["{namespace}-{arm}-{port}", "shop-checkout-", false],
    ["{namespace}-{arm}-{port}", "shop-checkout", false],
    ["{namespace}-{arm}-{port}@kubernetescrd", "shop-checkout-80@kubernetescrd", true],
    ["{namespace}-{arm}-{port}@kubernetescrd", "shop-checkout-80@kubernetes", false],
    ["{namespace}-{arm}-{port}@kubernetescrd", "shop-checkout-80", false],
    ["{namespace}_{arm}_{port}", "shop_checkout_80", true],
    ["{namespace}_{arm}_{port}", "shop_checkout-canary_80", false],
    ["{namespace}_{arm}_{port}", "shop-checkout_80", false],
    ["{namespace}-{arm}-{port}_gloo-system", "shop-checkout-80_gloo-system", true],
    ["{namespace}-{arm}-{port}_gloo-system", "shop-checkout-80_gloo-other", false],
    ["{pod}", "checkout-7d9f8b4c5d-x2x4z", true],
    ["{pod}", "checkout-canary-7d9f8b4c5d-x2x4z", false],
  ])("%s and %j: asked for and told apart alike (%s)", (form, value, expected) => {
    const parts = partsFor({ label: "l", forms: [form] }, called);
    expect([selects(parts, value), isShared(parts, value)]).toEqual([expected, expected]);
  });

  it("may be any of several", () => {
    const parts = partsFor({ label: "l", forms: ["{arm}-{port}@a", "{arm}-{port}@b"] }, called);
    const values = ["checkout-80@a", "checkout-80@b", "checkout-80@c"];
    expect(values.map((value) => [selects(parts, value), isShared(parts, value)])).toEqual([
      [true, true],
      [true, true],
      [false, false],
    ]);
  });
});

describe("what is asked for several", () => {
  const claimOf = (namespace: string, arm: string): Claim => [[exact("namespace", namespace), exact("service", arm)]];

  it("names each text once, and a text that all have as such", () => {
    const claims = [claimOf("shop", "a"), claimOf("shop", "b"), claimOf("shop", "a")];
    expect(selectorsFor("m", [{ label: "up", op: "=", value: "1" }], claims)).toEqual([
      'm{up="1",namespace="shop",service=~"a|b"}',
    ]);
  });

  it("asks for an absent label beside others", () => {
    const claims: readonly Claim[] = [[[exact("canary", "")]], [[exact("canary", "x")]]];
    expect(selectorsFor("m", [], claims)).toEqual(['m{canary=~"|x"}']);
    expect(shared(claims, [labelled({}), labelled({ canary: "x" })]).map((share) => share.length)).toEqual([1, 1]);
  });

  it("may find more than is anybody's, which nobody is given", () => {
    const claims = [claimOf("shop", "a"), claimOf("bank", "b")];
    const stranger = labelled({ namespace: "bank", service: "a" });
    expect(shared(claims, [stranger])).toEqual([[], []]);
  });

  it("gives one series to all whose it is, to each once", () => {
    const both: Claim = [...claimOf("shop", "a"), ...claimOf("shop", "a")];
    const found = labelled({ namespace: "shop", service: "a" });
    expect(shared([both, claimOf("shop", "a"), claimOf("shop", "b")], [found])).toEqual([[found], [found], []]);
  });

  it("gives what was found to whom it would have been given alone, and finds it", () => {
    const names = fc.constantFrom("a", "a-a", "a-b", "b", "a-a-b", `a-${"b".repeat(46)}`, `a-${"b".repeat(45)}`);
    const form = fc.constantFrom("{arm}", "{namespace}-{arm}-{port}", "{namespace}_{arm}_{port}@x", "{pod}");
    const end = fc.constantFrom("", "-80", "_80@x", "-bcdf-22222", "-bcdf22222", "-bcdf-bcdf-22222", "-a-80");
    const start = fc.constantFrom("", "a-", "a_", "b-", "a-a-");
    fc.assert(
      fc.property(
        fc.array(fc.tuple(names, names), { minLength: 1, maxLength: 6 }),
        form,
        fc.array(fc.tuple(start, names, end), { maxLength: 12 }),
        (asked, one, values) => {
          const claims = asked.map(([namespace, arm]): Claim => {
            const parts = partsFor({ label: "l", forms: [one] }, { namespace: name(namespace), arm: name(arm) });
            return parts.map((part) => [part]);
          });
          const found = values.map((value) => labelled({ l: value.join("") }));
          const alone = claims.map((claim) =>
            found.filter(({ labels }) =>
              selects(
                claim.flatMap((clause) => clause),
                labels.get("l") ?? "",
              ),
            ),
          );
          expect(shared(claims, found)).toEqual(alone);
          const parts = claims.flat(2);
          for (const { labels } of alone.flat()) expect(selects(parts, labels.get("l") ?? "")).toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe("the workloads that a pod may be of", () => {
  it("are those whose patterns match its name", () => {
    const safe = fc.string({ unit: fc.constantFrom(..."bcdf279".split("")), minLength: 1, maxLength: 10 });
    const workload = fc
      .tuple(
        fc.integer({ min: 1, max: 60 }),
        fc.array(fc.oneof(safe, fc.constantFrom("a", "canary", "00001-deployment")), { maxLength: 3 }),
      )
      .map(([length, parts]) => ["w".repeat(length), ...parts].join("-").slice(0, 57).replace(/-$/, ""));
    const revision = fc.constantFrom("", "00001-deployment-", "00002-deployment-");
    const end = fc.tuple(revision, safe, safe).map(([of, ...parts]) => `${of}${parts.join("-")}`);
    fc.assert(
      fc.property(fc.array(workload, { minLength: 1, maxLength: 5 }), workload, end, (known, of, rest) => {
        const pod = `${`${of}-${rest}`.slice(0, 58)}22222`;
        for (const one of [of, ...known]) {
          const matches = new RegExp(`^(?:${podsPattern([name(one)])})$`).test(pod);
          expect(workloadsOf(pod).includes(one)).toBe(matches);
        }
        const together = new RegExp(`^(?:${podsPattern([...new Set([of, ...known])].map(name))})$`).test(pod);
        expect(together).toBe([of, ...known].some((one) => workloadsOf(pod).includes(one)));
      }),
      { numRuns: 1000 },
    );
  });
});
