import { describe, expect, it } from "vitest";
import { withoutData } from "../../src/core/gate/no-data.ts";
import { judge } from "../../src/core/gate/judge.ts";
import { DEFAULT_SLOWDOWNS } from "../../src/core/gate/latency.ts";
import { addWindows, NO_EVIDENCE } from "../../src/core/gate/evidence.ts";
import { read } from "../../src/core/reading.ts";
import { judgedOf, segments } from "../../src/core/segments.ts";
import type { Member } from "../../src/core/snapshot.ts";
import { stageOf } from "../../src/core/stage.ts";
import type { Window } from "../../src/core/window.ts";
import { verdictOf } from "../../src/core/verdict.ts";
import { gateCheck } from "../../src/render/check.ts";
import { titleOf } from "../../src/render/title.ts";
import { allMissing } from "../../src/render/waiting.ts";
import {
  HEAD,
  inFlight,
  landingOf,
  measured,
  MINUTE,
  POLICY,
  podsOf,
  windows as timeline,
  type Traffic,
  type TrafficOf,
} from "../support/member.ts";
import { gate, repeated, windows } from "./gate/windows.ts";

describe("the least of requests that a pass rests on", () => {
  const good = windows(
    ...repeated(20, [
      [100, 0],
      [1900, 10],
    ]),
  );

  it.each([
    ["none is asked for", {}, { kind: "pass" }],
    ["both arms have had it", { minimum: 2000 }, { kind: "pass" }],
    [
      "the canary has had fewer",
      { minimum: 2001 },
      { kind: "wait", reason: { kind: "tooFew", arm: "canary", requests: 2000, minimum: 2001 } },
    ],
  ])("%s", (_, settings, verdict) => {
    expect(judge(NO_EVIDENCE, good, gate(settings)).verdict).toMatchObject(verdict);
  });

  it("is of the running step: what was served before does not count", () => {
    const before = addWindows(NO_EVIDENCE, good, gate());
    const running = good.slice(0, 3);
    expect(judge(before, running, gate()).verdict.kind).toBe("pass");
    expect(judge(before, running, gate({ minimum: 500 })).verdict).toMatchObject({ reason: { requests: 300 } });
  });

  it("keeps nothing from being blocked", () => {
    const bad = windows(
      ...repeated(20, [
        [100, 20],
        [1900, 10],
      ]),
    );
    expect(judge(NO_EVIDENCE, bad, gate({ minimum: 1_000_000 })).verdict.kind).toBe("block");
  });

  it("is said in the title", () => {
    const of = fine({ gate: { ...POLICY.gate, minimum: 20_000 } });
    expect(titleOf(of, stageOf(of, landingOf(1) + 20 * MINUTE, 0))).toBe(
      "Waiting: 10,000 of at least 20,000 requests to the canary in this step",
    );
  });
});

function fine(policy: Partial<typeof POLICY>, canary: TrafficOf = [500, 2]): Member {
  return measured(inFlight(1, { policy }), { count: 20, canary, stable: [9500, 47] });
}

/** The same, with no counts of the canary in the last two windows. */
function silent(noData: "wait" | "fail" | "skip"): Member {
  return fine({ gate: { ...POLICY.gate, noData } }, (index) => (index < 18 ? [500, 2] : undefined));
}

describe("counts of an arm that are missing", () => {
  const NOW = landingOf(1) + 20 * MINUTE;

  it.each([
    ["wait", { kind: "measuring" }, /^Waiting: the metrics have no samples of the canary in the last 2 windows/],
    ["fail", { kind: "failed", aborting: { reason: "the metrics have no counts of an arm" } }, /^Failed: /],
    [
      "skip",
      { kind: "measuring" },
      /another gate's pass: errors are left out, the metrics have no samples of the canary/,
    ],
  ] as const)("%s", (noData, stage, title) => {
    const of = silent(noData);
    const stands = stageOf(of, NOW, 0);
    expect(stands).toMatchObject(stage);
    expect(titleOf(of, stands)).toMatch(title);
  });

  it("are left out for no pass, where a person has left out all the other gates", () => {
    const skips = [{ gate: "latency", by: "ana", comment: 7, reason: "moving the provider" }] as const;
    const of = silent("skip");
    const release = of.at.release && { ...of.at.release, skips };
    expect(stageOf({ ...of, at: { ...of.at, release } }, NOW, 0).kind).toBe("measuring");
  });

  it("take nothing back before the step was seen live", () => {
    const unseen = {
      ...silent("fail"),
      timeline: read(
        timeline({ from: landingOf(1), count: 20, canary: undefined, stable: [9500, 47], pods: podsOf(inFlight(1)) }),
      ),
    };
    expect(stageOf(unseen, NOW, 0).kind).toBe("syncing");
  });

  it("are no excuse for what is proven", () => {
    expect(withoutData({ kind: "block" }, { noData: "skip" })).toEqual({ kind: "block" });
    expect(
      withoutData({ kind: "wait", reason: { kind: "noTraffic", arm: "canary", windows: 2 } }, { noData: "skip" }).kind,
    ).toBe("wait");
  });
});

const CPU = {
  name: "cpu",
  query: "avg(cpu{{pods}})",
  worse: "higher",
  regression: 1.25,
  part: 1,
  calibration: { threshold: 0.6, usual: 0.2, low: -0.1 },
} as const;

const BOUNDS = {
  edges: [{ quantile: 0.5, bound: 50, weight: 1, tolerated: 1.2, regression: 1.7 }],
  evidence: [],
};

describe("a warm-up", () => {
  const WARM = { warmUpMs: 4 * MINUTE };
  const minutes = (seen: readonly Window[]) => seen.map(({ start }) => (start - landingOf(1)) / MINUTE);
  const late = (index: number): Traffic => (index < 3 ? [0, 0] : [500, 2]);

  it.each<[string, Member, number]>([
    ["none is configured", fine({}), 0],
    ["it begins where the share has come", fine(WARM, late), 7],
    ["it begins with the landing where that is not seen", fine(WARM, [0, 0]), 4],
  ])("%s", (_, of, first) => {
    const seen = of.timeline.kind === "read" ? of.timeline.value : [];
    expect(minutes(judgedOf(of, 1, seen))[0]).toBe(first);
    expect(segments(of, seen).map(({ windows: judged }) => minutes(judged)[0])).toEqual([first]);
  });

  it("blocks nothing that fails in it alone, and everything that goes on failing", () => {
    const cold = (until: number) => fine(WARM, (index) => (index < until ? [500, 100] : [500, 2]));
    const at = (of: Member) => stageOf(of, landingOf(1) + 20 * MINUTE, 0).kind;
    expect(at(fine({}, (index) => (index < 4 ? [500, 100] : [500, 2])))).toBe("failed");
    expect(at(cold(4))).toBe("passed");
    expect(at(cold(20))).toBe("failed");
  });

  it("is no pass while it lasts", () => {
    const of = measured(inFlight(1, { policy: { ...WARM, bakeMs: MINUTE } }), {
      count: 3,
      canary: [50_000, 50],
      stable: [950_000, 950],
    });
    expect(stageOf(of, landingOf(1) + 3 * MINUTE, 0).kind).toBe("measuring");
  });

  it.each([
    ["while it lasts", WARM, 3, "the first whole window of 1 min after the warm-up of 4 min in this step"],
    ["where there is none", {}, 0, "the first whole window of 1 min in this step"],
  ])("is what every gate says that a step waits for: %s", (_, policy, count, first) => {
    const asked = { ...policy, latency: DEFAULT_SLOWDOWNS, gauges: [CPU] };
    const of = measured(inFlight(1, { policy: asked, release: { latency: BOUNDS } }), {
      count,
      canary: [50_000, 50],
      stable: [950_000, 950],
    });
    const verdict = verdictOf(of, of.plan.steps[2], landingOf(1));
    expect(allMissing(verdict, of).map(({ what }) => what)).toEqual([first, first, first]);
  });

  it("is said in the title while the step bakes", () => {
    const of = measured(inFlight(1, { policy: WARM }), { count: 3, canary: [50_000, 50], stable: [950_000, 950] });
    expect(titleOf(of, stageOf(of, landingOf(1) + 3 * MINUTE, 0))).toBe(
      "Baking until 12:30 UTC; the first whole window of 1 min after the warm-up of 4 min in this step",
    );
  });

  it("is said in the check", () => {
    const of = fine(WARM);
    const stage = stageOf(of, landingOf(1) + 20 * MINUTE, 0);
    const check = gateCheck({ kind: "reportGate", member: of, stage, number: 4813, headSha: HEAD });
    expect(check.text).toContain("Not compared are the first 4 min of a step, its warm-up.");
  });
});
