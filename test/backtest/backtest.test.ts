import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FORMS } from "../../src/adapters/metrics/providers/table.ts";
import { backtestOf, type Question } from "../../src/backtest/backtest.ts";
import { fragmentOf } from "../../src/backtest/fragment.ts";
import { blocksOf } from "../../src/backtest/identical.ts";
import { asTheyWere, placebosByPods } from "../../src/backtest/placebos.ts";
import { momentsOf, type Moment } from "../../src/backtest/history.ts";
import { backtestJson, backtestText } from "../../src/backtest/text.ts";
import { parseRepoConfig } from "../../src/config/repo-config.ts";
import { resolve } from "../../src/config/resolve.ts";
import { binomialInterval } from "../../src/core/gate/binomial.ts";
import { DEFAULT_GATE } from "../../src/core/gate/settings.ts";
import { name } from "../../src/core/names.ts";
import type { Counts } from "../../src/core/window.ts";
import { valueOf } from "../manifest/builders.ts";
import { MINUTE, pastOf, SHAPE, WINDOW, type Service } from "./pasts.ts";

const ALPHA = 0.05;
const SUBJECT = { service: name("checkout"), target: name("prod") };

const played = (moments: readonly Moment[], changes: Partial<Question> = {}) =>
  backtestOf({
    moments,
    excluded: [],
    shape: SHAPE,
    settings: { ...DEFAULT_GATE, alpha: ALPHA },
    seed: 1,
    releasesPerMonth: undefined,
    podless: undefined,
    ...changes,
  });

const BUSY: Service = { perWindow: 2000, rate: 0.01, pods: 6, windows: 1600 };
const kinds = (found: ReturnType<typeof played>) => found.concerns.map(({ kind }) => kind);

describe("a busy service whose requests fail one by one", () => {
  const found = played(pastOf(BUSY));

  it("is trusted: identical releases are not blocked more often than promised", () => {
    const { blocked, of } = found.identical ?? { blocked: 0, of: 0 };
    expect(of).toBe(80);
    expect(binomialInterval(blocked, of).low).toBeLessThanOrEqual(ALPHA);
    expect(kinds(found)).toEqual([]);
  });

  it("has ten times the errors found at once, at every weight", () => {
    const tenfold = found.configured.climbs.bad.find(({ regression }) => regression === "x10");
    expect(tenfold).toMatchObject({ passed: 0, held: 0, blocked: tenfold?.of });
    for (const { bad } of found.configured.steps) {
      const tenfold = bad.find(({ regression }) => regression === "x10");
      expect(tenfold).toMatchObject({ passed: 0, held: 0 });
      expect(tenfold?.blockMs).toBeLessThanOrEqual(4 * WINDOW);
    }
  });

  it("has good steps decided by the end of their bake", () => {
    for (const { good } of found.configured.steps) expect(good.passMs.half).toBe(SHAPE.bakeMs);
    expect(found.configured.climbs.good.passMs.half).toBe(2 * SHAPE.bakeMs);
  });

  it("says the same of the same, and of another seed what differs by chance alone", () => {
    expect(played(pastOf(BUSY))).toEqual(found);
    expect(kinds(played(pastOf(BUSY), { seed: 2 }))).toEqual([]);
  });

  it("reads the same whatever the order of the pods", () => {
    const reversed = pastOf(BUSY).map((moment) => ({ ...moment, pods: moment.pods.toReversed() }));
    expect(played(reversed)).toEqual(found);
  });

  it("counts false blocks a month by the releases that were asked for", () => {
    const few = played(pastOf(BUSY), { releasesPerMonth: 4 });
    expect(few.month?.high).toBeCloseTo(((found.month?.high ?? 0) * 4) / 20, 10);
  });
});

it("blocks releases of nothing new no more often than promised, whatever the traffic", () => {
  const services = fc.record({
    perWindow: fc.integer({ min: 5, max: 5000 }),
    rate: fc.double({ min: 0.0005, max: 0.05, noNaN: true }),
    pods: fc.integer({ min: 2, max: 8 }),
    seed: fc.nat(10_000),
  });
  fc.assert(
    fc.property(services, (service) => {
      const past = pastOf({ ...service, windows: 400 });
      const releases = placebosByPods(past, SHAPE, service.seed).map(asTheyWere);
      const { blocked, of } = blocksOf(releases, { ...DEFAULT_GATE, alpha: ALPHA });
      // One in a hundred thousand: the seeds are any, and the promise holds on average.
      expect(binomialInterval(blocked, of, 1e-5).low).toBeLessThanOrEqual(ALPHA);
    }),
    { numRuns: 20 },
  );
});

it.each([
  ["failures that come together", { ...BUSY, cluster: 8 }, ["blocks", "clusters"], /dispersion: [5-9]/],
  ["a pod that fails more", { ...BUSY, perWindow: 400, uneven: 3 }, ["blocks", "clusters"], /threshold: \d\d/],
])("says of %s what to write, and that is accepted and mends it", (_, service, concerns, written) => {
  const past = pastOf(service);
  const found = played(past);
  expect(kinds(found)).toEqual(concerns);
  const fragment = fragmentOf(SUBJECT.service, found) ?? "";
  expect(fragment).toMatch(written);
  const text = `version: 1\nmetrics: { prod: { prometheus: { url: "https://prometheus.example.com" } } }\ngates: { errors: { alpha: ${ALPHA} } }\n${fragment}`;
  const config = valueOf(parseRepoConfig({ path: ".github/tidegate.yml", text }));
  const settings = valueOf(resolve(config, { hosts: ["prometheus.example.com"], forms: FORMS }));
  const { gate } = valueOf(settings.policyFor(name("prod"), [], SUBJECT.service));
  expect(gate).toEqual(found.proposed?.settings);
  const { blocked, of } = played(past, { settings: gate }).identical ?? { blocked: 1, of: 0 };
  expect(blocked).toBeLessThanOrEqual(ALPHA * (of + 1));
});

it("writes what it knows of how failures cluster where nobody has", () => {
  const unsaid = { ...DEFAULT_GATE, alpha: ALPHA, exactDispersion: 10 };
  const found = played(pastOf(BUSY), { settings: unsaid });
  expect(kinds(found)).toEqual([]);
  expect(fragmentOf(SUBJECT.service, found)).toMatch(/^ {8}dispersion: 1(?:\.\d+)?$/m);
  expect(found.proposed?.settings.exactDispersion).toBeUndefined();
});

it("says that pods differ where one fails far more than the others", () => {
  const found = played(pastOf({ ...BUSY, uneven: 8 }));
  expect(kinds(found)).toContain("blocks");
  expect(found.identical?.blocked ?? 0).toBeGreaterThan(5);
});

it("says of a quiet service which weight would decide, or that none does", () => {
  const quiet = played(pastOf({ perWindow: 12, rate: 0.02, pods: 4, windows: 1600 }));
  expect(kinds(quiet)).toContain("undecided");
  expect(quiet.climb?.weights[0] ?? 0).toBeGreaterThan(0.1);
  const silent = played(pastOf({ perWindow: 4, rate: 0.02, pods: 4, windows: 400 }));
  expect(silent.climb).toBeUndefined();
  expect(backtestText(SUBJECT, silent)).toContain("No weight up to 50%");
});

it("says that five times the errors get through because the SLO calls them good enough", () => {
  const found = played(pastOf({ perWindow: 600, rate: 0.0004, pods: 4, windows: 1600 }));
  expect(found.concerns).toContainEqual(expect.objectContaining({ kind: "misses", slo: DEFAULT_GATE.slo }));
  expect(found.climb?.bakeMs ?? SHAPE.bakeMs).toBe(SHAPE.bakeMs);
  expect(backtestText(SUBJECT, found)).toContain("for that is still below the slo of 1%: write a lower one");
});

it("waits for the warm-up and the least requests that are configured", () => {
  const past = pastOf({ ...BUSY, windows: 800 });
  const waiting = played(past, { shape: { ...SHAPE, warmUpWindows: 4 }, settings: { ...DEFAULT_GATE, minimum: 6000 } });
  const [tenth] = waiting.configured.steps;
  // A tenth of 2,000 requests a window: thirty windows, after the four that nobody compares.
  expect(tenth?.good.passMs.half ?? 0).toBeGreaterThanOrEqual(32 * WINDOW);
  expect(tenth?.bad.find(({ regression }) => regression === "x10")?.blockMs).toBeGreaterThan(4 * WINDOW);
});

it("promises no more than so few releases can", () => {
  const found = played(pastOf({ ...BUSY, windows: 200 }));
  expect(found.concerns).toContainEqual({ kind: "tooFew", placebos: 10, needed: 19, promised: 1 / 11 });
});

it("claims nothing of identical releases where one pod is all there is", () => {
  const found = played(pastOf({ ...BUSY, pods: 1 }));
  expect(found.identical).toBeUndefined();
  expect(found.month).toBeUndefined();
  expect(kinds(found)).toContain("armsUnknown");
  expect(backtestText(SUBJECT, found)).toContain("It cannot be told: stable has one pod only");
});

it("takes both arms of past releases while they ran one version, where pods are not told apart", () => {
  const image = { image: "web:2", ready: 1, total: 1 };
  const twins = pastOf(BUSY).map(({ start, end, pods: [one, ...others] }) => ({
    start,
    end,
    counts: { canary: one ?? { requests: 0, failed: 0 }, stable: others[0] ?? { requests: 0, failed: 0 } },
    pods: { canary: [image], stable: [image] },
  }));
  const quiet = pastOf({ ...BUSY, seed: 2 }).map(({ start, end, stable }) => ({
    start: start + 1600 * WINDOW,
    end: end + 1600 * WINDOW,
    counts: { canary: { requests: 0, failed: 0 }, ...(stable && { stable }) },
    pods: { stable: [image] },
  }));
  const found = played(momentsOf([...twins, ...quiet], new Map()));
  expect(found.arms).toEqual({ kind: "twins" });
  expect(found.identical?.of).toBe(80);
  expect(found.past).toMatchObject({ leftOut: 1600, releases: 1 });
});

it("leaves releases and what is excluded out, and tells both", () => {
  const moments = pastOf(BUSY).map((moment, index) => ({ ...moment, isReleasing: index < 100 }));
  const from = 1000 * WINDOW;
  const found = played(moments, { excluded: [{ from, to: from + 100 * WINDOW }] });
  expect(found.past).toMatchObject({ leftOut: 200, releases: 1, measured: 1600 });
  expect([found.identical?.of, found.everything?.of]).toEqual([70, 80]);
});

it("is written as the page about it says", () => {
  const page = readFileSync(new URL("../../docs/backtest.md", import.meta.url), "utf8");
  const [, example = ""] = /```yaml\n([^]*?)```/.exec(page) ?? [];
  const text = `version: 1\nmetrics: { prod: { prometheus: { url: "https://prometheus.example.com" } } }\n${example}`;
  const written = valueOf(parseRepoConfig({ path: ".github/tidegate.yml", text }));
  const settings = valueOf(resolve(written, { hosts: ["prometheus.example.com"], forms: FORMS }));
  const policy = valueOf(settings.policyFor(name("prod"), [], name("cart-eu")));
  expect(policy).toMatchObject({ weights: [10, 25, 50], bakeMs: 20 * MINUTE, gate: { dispersion: 1.6 } });
});

const count = fc.oneof(fc.nat(50), fc.constantFrom(0, 1, 100_000, Number.NaN, Number.POSITIVE_INFINITY, -1, 0.5));
const counts: fc.Arbitrary<Counts> = fc.record({ requests: count, failed: count });
const pasts = fc.array(
  fc.record({
    stable: fc.option(counts),
    canary: fc.option(counts),
    pods: fc.array(counts, { maxLength: 3 }),
    gap: fc.boolean(),
  }),
  { maxLength: 60 },
);

it("says finite numbers of any past", () => {
  fc.assert(
    fc.property(pasts, (past) => {
      const timeline = past.map(({ stable, canary, gap }, index) => ({
        start: (index + (gap ? 1000 : 0)) * WINDOW,
        end: (index + 1 + (gap ? 1000 : 0)) * WINDOW,
        counts: { ...(stable && { stable }), ...(canary && { canary }) },
        pods: {},
      }));
      const podsAt = new Map(
        past.map(({ pods }, index) => [
          timeline[index]?.start ?? 0,
          pods.map((one, pod) => ({ pod: `web-${pod}`, ...one })),
        ]),
      );
      const found = played(momentsOf(timeline, podsAt), { shape: { ...SHAPE, bakeWindows: 2, deadlineWindows: 5 } });
      expect(unfinite(found)).toEqual([]);
      expect(backtestText(SUBJECT, found)).not.toMatch(/NaN|Infinity|undefined/);
      expect(JSON.parse(backtestJson(SUBJECT, found))).toMatchObject({
        version: 1,
        trusted: found.concerns.length === 0,
      });
    }),
    { numRuns: 100 },
  );
});

/** Where a number is not finite. */
function unfinite(value: unknown, at = ""): readonly string[] {
  if (typeof value === "number") return Number.isFinite(value) ? [] : [at];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inside]) => unfinite(inside, `${at}.${key}`));
}
