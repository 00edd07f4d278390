import { describe, expect, it } from "vitest";
import { FORMS } from "../../src/adapters/metrics/providers/table.ts";
import { backtestOf, type Backtest, type Question } from "../../src/backtest/backtest.ts";
import { fragmentOf } from "../../src/backtest/fragment.ts";
import type { Moment } from "../../src/backtest/history.ts";
import { backtestJson, backtestText } from "../../src/backtest/text.ts";
import type { LatencyPlan } from "../../src/backtest/timing.ts";
import { parseRepoConfig } from "../../src/config/repo-config.ts";
import { resolve } from "../../src/config/resolve.ts";
import { binomialInterval } from "../../src/core/gate/binomial.ts";
import { DEFAULT_SLOWDOWNS } from "../../src/core/gate/latency.ts";
import { DEFAULT_GATE } from "../../src/core/gate/settings.ts";
import { name } from "../../src/core/names.ts";
import { valueOf } from "../manifest/builders.ts";
import { pastOf, SHAPE, type Service } from "./pasts.ts";

const SUBJECT = { service: name("checkout"), target: name("prod") };
/** Of a release that may be blocked falsely in ten of a hundred. */
const PLAN: LatencyPlan = { slowdowns: DEFAULT_SLOWDOWNS, part: 1, alpha: 0.05, alone: 0.1 };

const played = (moments: readonly Moment[], changes: Partial<Question> = {}) =>
  backtestOf({
    moments,
    excluded: [],
    shape: SHAPE,
    settings: { ...DEFAULT_GATE, alpha: 0.05 },
    latency: PLAN,
    seed: 1,
    releasesPerMonth: undefined,
    podless: undefined,
    ...changes,
  });

const BUSY: Service = { perWindow: 1500, rate: 0.01, pods: 6, windows: 440, slower: 1 };
const kinds = ({ concerns }: Backtest) => concerns.map(({ kind }) => kind);

function judgedIn({ latency }: Backtest) {
  return latency.kind === "judged" ? latency : expect.fail("Latency was not played.");
}

describe("a busy service whose pods are alike", () => {
  const found = played(pastOf(BUSY));
  const { identical, bounds } = judgedIn(found);

  it("is trusted: identical releases are not blocked more often than promised, by both together neither", () => {
    expect(kinds(found)).toEqual([]);
    expect(identical).toMatchObject({ of: 21, unjudged: 1, isMore: false, tolerated: undefined });
    expect(binomialInterval(identical?.blocked ?? 21, 21).low).toBeLessThanOrEqual(PLAN.alpha);
    const either = identical?.together.either;
    expect(either?.of).toBe(22);
    expect(binomialInterval(either?.blocked ?? 22, 22).low).toBeLessThanOrEqual(PLAN.alone);
  });

  it("has its bounds near the quantiles, and slow requests that come one by one", () => {
    expect(bounds.map(({ bound }) => bound)).toEqual([50, 100, 250]);
    for (const { dispersion } of bounds) expect(dispersion).toBeLessThan(1.2);
  });

  it("has twice the time found, at every weight and in whole releases", () => {
    for (const { bad } of found.configured.latency ?? []) {
      const twice = bad.find(({ regression }) => regression === "x2 slower");
      expect(twice).toMatchObject({ blocked: twice?.of, held: 0 });
    }
    const twice = found.configured.climbs.bad.find(({ regression }) => regression === "x2 slower");
    expect(twice).toMatchObject({ blocked: twice?.of, passed: 0 });
  });

  it("says so, and the same of the same", () => {
    const text = backtestText(SUBJECT, found);
    expect(text).toMatch(/^ {2}latency {3}slow is above 50 ms \(p50\), 100 ms \(p90\), 250 ms \(p99\)/m);
    expect(text).toMatch(
      /^ {2}blocked {3}\d+ of 22 \(E ≥ 20\): [\d.]+ a month at 20 releases \(95%: [\d.]+ to [\d.]+\)$/m,
    );
    expect(text).toMatch(/^ {2}latency {3}\d+ of 21 \(E ≥ 20, 1 more had no histograms before them\): /m);
    expect(text).toMatch(/^ {2}together {2}\d+ of 22 under one alpha/m);
    expect(text).not.toMatch(/NaN|Infinity|undefined/);
    expect(JSON.parse(backtestJson(SUBJECT, found))).toMatchObject({ latency: { kind: "judged", alpha: 0.05 } });
    expect(played(pastOf(BUSY))).toEqual(found);
  });
});

it("has a pod that is slower tolerated as far as it takes, in words that the configuration accepts and that mend it", () => {
  const past = pastOf({ ...BUSY, slower: 1.5 });
  const found = played(past);
  expect(kinds(found)).toContain("slowBlocks");
  const text = `version: 1\nmetrics: { prod: { prometheus: { url: "https://prometheus.example.com" } } }\ngates: { errors: { alpha: 0.1 } }\n${fragmentOf(SUBJECT.service, found)}`;
  const config = valueOf(parseRepoConfig({ path: ".github/tidegate.yml", text }));
  const settings = valueOf(resolve(config, { hosts: ["prometheus.example.com"], forms: FORMS }));
  const { latency } = valueOf(settings.policyFor(name("prod"), [], SUBJECT.service));
  const tolerated = judgedIn(found).identical?.tolerated;
  expect(latency).toEqual({ tolerated, regression: 0.5, isAskedFor: true });
  const mended = played(past, { latency: { ...PLAN, slowdowns: latency ?? DEFAULT_SLOWDOWNS } });
  expect(kinds(mended)).not.toContain("slowBlocks");
});

it("says that pods differ where one is slower than any tolerance may forgive", () => {
  const found = played(pastOf({ ...BUSY, slower: 3, perWindow: 800 }));
  expect(found.concerns).toContainEqual(expect.objectContaining({ kind: "slowBlocks", tolerated: undefined }));
  expect(fragmentOf(SUBJECT.service, found) ?? "").not.toContain("latency");
});

it("leaves latency out where it decides at no weight and errors do", () => {
  const found = played(pastOf({ ...BUSY, perWindow: 26, rate: 0.15 }));
  expect(kinds(found)).toContain("slowUndecided");
  expect(found.latencyAdvice).toEqual({ kind: "off" });
  expect(fragmentOf(SUBJECT.service, found)).toContain("      latency: off\n");
  expect(found.proposed?.settings.alpha).toBe(PLAN.alone);
  expect(found.proposed?.latency).toBeUndefined();
});

it("gives errors all of alpha where there is no histogram", () => {
  const { slower: _, ...bare } = BUSY;
  const found = played(pastOf({ ...bare }));
  expect(found.latency).toEqual({ kind: "none" });
  expect(found.configured.settings.alpha).toBe(PLAN.alone);
  expect(backtestText(SUBJECT, found)).toContain("no histogram in all that time: releases are judged by errors alone");
});

it("does not claim to know where histograms do not name pods", () => {
  const past = pastOf({ ...BUSY }).map((moment) => ({
    ...moment,
    pods: moment.pods.map(({ latency: _, ...pod }) => pod),
  }));
  const found = played(past);
  expect(found.latency).toEqual({ kind: "untold" });
  expect(kinds(found)).toContain("latencyUntold");
  expect(found.configured.climbs.bad.map(({ regression }) => regression)).toEqual(["x2", "x5", "x10", "+5 points"]);
});

it("says that native histograms judge where classic buckets beside them are played, and claims nothing of those alone", () => {
  const both = pastOf(BUSY).map((moment) => ({ ...moment, isNative: true }));
  const found = played(both);
  expect(judgedIn(found).isNative).toBe(true);
  expect(backtestText(SUBJECT, found)).toContain("releases are judged by the native histograms beside them");
  const alone = both.map(({ latency: _, ...moment }) => moment);
  expect(played(alone.map((moment) => ({ ...moment, pods: [] }))).latency).toEqual({ kind: "untold" });
});

it("draws single requests where pods cannot be told apart, and claims nothing of identical releases", () => {
  const past = pastOf({ ...BUSY }).map((moment) => ({ ...moment, pods: [] }));
  const found = played(past, { podless: "its provider is asked for counts of whole arms" });
  expect(judgedIn(found).identical).toBeUndefined();
  const twice = found.configured.latency?.[1]?.bad.find(({ regression }) => regression === "x2 slower");
  expect(twice?.blocked).toBe(twice?.of);
});
