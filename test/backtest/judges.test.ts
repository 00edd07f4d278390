import { describe, expect, it } from "vitest";
import { chance } from "../../src/backtest/chance.ts";
import { injected, splitByPods, thinnedTo, windowsIn, type Regression } from "../../src/backtest/arms.ts";
import { judgesOf, isPassedBy, type Judge } from "../../src/backtest/judges.ts";
import { edgesBefore, judgingBy, type Timing } from "../../src/backtest/timing.ts";
import { alphasOf, rulingsOf, together } from "../../src/core/gates.ts";
import { DEFAULT_SLOWDOWNS } from "../../src/core/gate/latency.ts";
import { read } from "../../src/core/reading.ts";
import type { Window } from "../../src/core/window.ts";
import { inFlight } from "../support/member.ts";
import { pastOf, WINDOW } from "./pasts.ts";

const LENGTH = 24;
const BEFORE = 20;
const past = pastOf({ perWindow: 1500, rate: 0.01, pods: 6, windows: BEFORE + LENGTH, slower: 1 });
const BEGIN = BEFORE * WINDOW;

/** A step of a release over that past. */
function stepWith(regression: Regression | undefined): readonly Window[] {
  const pairs = thinnedTo(splitByPods(past.slice(BEFORE), 0.2, { seed: 1, release: 0 }) ?? [], 0.05, chance(2));
  return windowsIn(regression === undefined ? pairs : injected(pairs, regression, chance(3)));
}

/** The same past and step as a member in flight has them, up to a window. */
function inRelease(running: readonly Window[]) {
  const landings = new Map([
    [0, 0],
    [1, BEGIN],
  ]);
  const before = past.slice(0, BEFORE).map(({ start, end, stable, latency }): Window => ({
    start,
    end,
    counts: { ...(stable && { stable }) },
    pods: {},
    latency: { kind: "read", ...(latency && { stable: latency }) },
  }));
  const policy = { latency: DEFAULT_SLOWDOWNS, windowMs: WINDOW };
  return inFlight(1, { policy, landings, timeline: read([...before, ...running]) });
}

const regressions: readonly (readonly [string, Regression | undefined])[] = [
  ["nothing new", undefined],
  ["five times the errors", { kind: "times", factor: 5 }],
  ["answers that take twice as long", { kind: "slower", factor: 2 }],
  ["a slow tail", { kind: "tail", share: 0.05, byMs: 1000 }],
];

describe.each(regressions)("a release with %s", (_, regression) => {
  const windows = stepWith(regression);
  const member = inRelease([]);
  const { policy } = member;
  const alphas = alphasOf(policy, true);
  const timing: Timing = {
    slowdowns: DEFAULT_SLOWDOWNS,
    part: 1,
    alpha: alphas.get("latency") ?? 0,
    alone: policy.gate.alpha,
    moments: past,
  };
  const settings = { ...policy.gate, alpha: alphas.get("errors") ?? 0 };

  it("is judged window by window as the gates of a release judge it", () => {
    const said: string[] = [];
    let judges: readonly Judge[] = judgesOf(judgingBy(settings, timing, edgesBefore(timing, BEGIN)));
    for (const [index, window] of windows.entries()) {
      judges = judges.map((judge) => judge.see(window));
      const running = windows.slice(0, index + 1);
      const of = inRelease(running);
      const release = of.at.release ?? expect.fail("A release is under way.");
      const together_ = together(rulingsOf({ member: of, release, running }), []);
      const isBlocking = judges.some((judge) => judge.isBlocking());
      expect(isBlocking ? "block" : isPassedBy(judges) ? "pass" : "wait").toBe(together_.kind);
      said.push(together_.kind);
    }
    expect(new Set(said).size).toBeGreaterThan(1);
  });
});

it("waits where histograms stop, whatever was seen before", () => {
  const timing: Timing = { slowdowns: DEFAULT_SLOWDOWNS, part: 1, alpha: 0.005, alone: 0.01, moments: past };
  const { gate } = inRelease([]).policy;
  const begun = judgesOf(judgingBy(gate, timing, edgesBefore(timing, BEGIN)));
  const seen = stepWith(undefined).reduce((judges, window) => judges.map((one) => one.see(window)), begun);
  expect(isPassedBy(seen)).toBe(true);
  const untold = stepWith(undefined)
    .slice(-2)
    .map(({ latency: __, ...window }) => window)
    .reduce((judges, window) => judges.map((one) => one.see(window)), seen);
  expect(isPassedBy(untold)).toBe(false);
});
