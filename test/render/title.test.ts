import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { swappedErrorRuling, type ErrorRuling } from "../../src/core/error-gate.ts";
import { ETA_AT_MOST_MS, type Eta } from "../../src/core/gate/eta.ts";
import { NO_EVIDENCE } from "../../src/core/gate/evidence.ts";
import { healthy, type HealthWait } from "../../src/core/gate/health.ts";
import { judge, type WaitReason } from "../../src/core/gate/judge.ts";
import { DEFAULT_GATE } from "../../src/core/gate/settings.ts";
import type { Unseen } from "../../src/core/live.ts";
import { name } from "../../src/core/names.ts";
import type { Holding, Stage, Unheld, Word } from "../../src/core/stage.ts";
import type { Aborting, Hold, Override } from "../../src/core/state.ts";
import type { Grounds, Verdict } from "../../src/core/verdict.ts";
import { LONGEST_TITLE, titleOf } from "../../src/render/title.ts";
import { inFlight, landingOf, member, MINUTE, NEW, NOON, SECOND, waiting, windows } from "../support/member.ts";

const none: Grounds = { rulings: [], skipped: [], health: undefined, eta: undefined };
const step = inFlight(1).plan.steps[2] ?? expect.fail("There is a third step.");
const at5 = inFlight(1);

function compared(
  canary: readonly [number, number],
  stable: readonly [number, number],
  kind: "pass" | "wait" = "pass",
): Verdict {
  return { ...none, kind, rulings: [errors(canary, stable)] };
}

function errors(canary: readonly [number, number], stable: readonly [number, number]): ErrorRuling {
  const judgement = judge(NO_EVIDENCE, windows({ from: NOON, count: 10, canary, stable }), DEFAULT_GATE);
  return { gate: "errors", judgement, rates: {}, settings: DEFAULT_GATE, eta: undefined };
}

function failed(canary: readonly [number, number], stable: readonly [number, number]): Verdict {
  return { ...compared(canary, stable), kind: "fail", reason: "the canary fails more requests than stable" };
}

function waits(reason: WaitReason, eta?: Eta): Verdict {
  const ruling = errors([400, 2], [7600, 38]);
  const judgement = { ...ruling.judgement, verdict: { kind: "wait", reason } } as const;
  return { ...none, kind: "wait", rulings: [{ ...ruling, eta, judgement }] };
}

function healthWaits(reason: HealthWait): Verdict {
  const health = healthy(windows({ from: NOON, count: 3, stable: [1000, 62] }), "stable", DEFAULT_GATE);
  return { ...none, kind: "wait", health: { ...health, verdict: { kind: "wait", reason } } };
}

function word(verdict: Verdict, said: Partial<Word> = {}): Word {
  return { verdict, override: undefined, skips: [], ...said };
}

const TURN = { kind: "turn" } as const;
const ANA: Override = { by: "ana", comment: 7, commit: undefined, reach: "step" };

function held(changes: Partial<Hold> = {}): Holding {
  const hold = {
    target: name("prod"),
    by: "ana",
    comment: 7,
    closed: undefined,
    at: undefined,
    reason: undefined,
    ...changes,
  };
  return { kind: "hold", hold };
}

const UNDER: Unheld = { kind: "syncing", step, why: { kind: "noWindow" }, overdue: false };

const tooLittle: WaitReason = { kind: "tooLittle", power: 0.42, wanted: 0.8 };
const passes: Eta = { kind: "passes", inMs: 170 * SECOND, requests: 1240, by: "power" };
const ana: Aborting = { by: "person", who: "ana", reason: "asked by ana" };
const gate: Aborting = { by: "gate", who: undefined, reason: "the canary fails more requests than stable" };
const contained: Aborting = {
  by: "containment",
  who: undefined,
  reason: "the canary's pod template changed under way",
};

const at = (minutes: number) => landingOf(1) + minutes * MINUTE;

describe("the nearest missing thing", () => {
  it.each<[Unseen | { readonly kind: "providerDown"; readonly reason: string }, string]>([
    [{ kind: "noWindow" }, "Syncing: no whole window since the change yet, the next look is at 12:21:15 UTC"],
    [{ kind: "noCounts" }, "Syncing: the metrics count no requests since 12:20 UTC"],
    [
      { kind: "version", arm: "canary", answered: "1.41.0", wanted: "1.42.0" },
      "Syncing: requests to the canary are still answered by 1.41.0, 1.42.0 is committed",
    ],
    [{ kind: "noPods", arm: "canary" }, "Syncing: the metrics know no canary pods"],
    [{ kind: "pods", arm: "canary", ready: 3, wanted: 4, image: NEW }, "Syncing: 3 of 4 canary pods ready on 1.42.0"],
    [
      { kind: "pods", arm: "stable", ready: 3, wanted: 4, image: "@ana" },
      "Syncing: 3 of 4 stable pods ready on @\u2060ana",
    ],
    [{ kind: "leaving", arm: "canary", pods: 1 }, "Syncing: 1 canary pod that should be gone is still there"],
    [{ kind: "leaving", arm: "stable", pods: 2 }, "Syncing: 2 stable pods that should be gone are still there"],
    [{ kind: "draining", requests: 1200 }, "Syncing: the canary still gets requests, 1,200 in the last two windows"],
    [
      { kind: "share", observed: 0.06, wanted: 0.25, requests: 1240, split: "pending" },
      "Syncing: 6% of 1,240 requests went to the canary, 25% is committed",
    ],
    [
      { kind: "share", observed: 0.12, wanted: 0.25, requests: 1240, split: "elsewhere" },
      "Syncing: requests are not split as git says: 12% of 1,240 go to the canary, 25% are committed",
    ],
    [
      { kind: "share", observed: 0.24, wanted: 0.25, requests: 30, split: "pending" },
      "Syncing: 24% of 30 requests went to the canary, 25% is committed; more are needed to be sure",
    ],
    [
      { kind: "providerDown", reason: "connection refused" },
      "Waiting: no usable answer from the metrics provider (connection refused)",
    ],
  ])("syncing, %j", (why, title) => {
    expect(titleOf(at5, { kind: "syncing", step, why, overdue: false })).toBe(title);
  });

  it.each<[string, Verdict, string]>([
    ["passes", compared([400, 2], [7600, 38]), "no regression so far"],
    ["too little", waits(tooLittle, passes), "no regression so far"],
    ["no grounds to judge by", { ...none, kind: "pass" }, "no regression so far"],
    [
      "would fail",
      waits(tooLittle, { kind: "blocks", inMs: 3 * MINUTE }),
      "as errors go, the gate fails in about 3 min",
    ],
    [
      "a little unlucky",
      waits(tooLittle, { ...passes, given: "alike" }),
      "1,240 more canary requests, about 3 min at this traffic if canary and stable fail alike from now on; so far the canary fails more often",
    ],
    ["no window", waits({ kind: "noWindows" }), "the first whole window of 1 min in this step"],
    [
      "no samples",
      waits({ kind: "noSamples", arm: "canary", windows: 2 }),
      "the metrics have no samples of the canary in the last 2 windows",
    ],
    [
      "unconfirmed",
      waits({ kind: "unconfirmed", failed: 2, failedWindows: 1 }),
      "canary errors are up on 2 failed requests in 1 window; a verdict rests on 3 in 2",
    ],
  ])("baking, %s", (_, verdict, text) => {
    expect(titleOf(at5, { kind: "baking", step, until: at(10), verdict })).toBe(`Baking until 12:30 UTC; ${text}`);
  });

  it.each<[string, Verdict, string]>([
    ["too little", waits(tooLittle, passes), "1,240 more canary requests, about 3 min at this traffic"],
    [
      "stable never failed",
      waits({ kind: "noFailures", arm: "stable" }, passes),
      "1,240 more canary requests, about 3 min at this traffic",
    ],
    [
      "stable never failed and nobody knows when",
      waits({ kind: "noFailures", arm: "stable" }),
      "stable has not failed once, so the power to find a regression is unknown",
    ],
    [
      "too little, arms swapped",
      waits(tooLittle),
      "more requests; a 5-fold error rate would be found with 42%, 80% is enough",
    ],
    ["never", waits(tooLittle, { kind: "never" }), "errors cannot decide within 30 days at this traffic"],
    [
      "would fail",
      waits(tooLittle, { kind: "blocks", inMs: 3 * MINUTE }),
      "as errors go, the gate fails in about 3 min",
    ],
    ["nothing to reckon by", waits(tooLittle, { kind: "noTraffic" }), "no requests to compare in this step"],
    [
      "no traffic",
      waits({ kind: "noTraffic", arm: "canary", windows: 2 }),
      "no requests to the canary in the last 2 windows",
    ],
    [
      "no samples of stable",
      waits({ kind: "noSamples", arm: "stable", windows: 1 }),
      "the metrics have no samples of stable in the last 1 window",
    ],
    ["gaps", waits({ kind: "gaps", missing: 6, windows: 10 }), "6 of 10 windows lack the counts of canary or stable"],
    [
      "leaning",
      waits({ kind: "leaning", e: 12.7 }),
      "canary errors lean towards a regression, evidence 12 where 100 blocks",
    ],
    [
      "not serving",
      compared([400, 2], [7600, 38], "wait"),
      "the canary has served no request since this weight was seen live",
    ],
    [
      "stable above its limit",
      healthWaits({ kind: "aboveLimit" }),
      "stable fails 6.2% of its requests, 5% is the limit",
    ],
    [
      "stable silent",
      healthWaits({ kind: "noTraffic", arm: "stable", windows: 2 }),
      "no requests to stable in the last 2 windows",
    ],
    ["nothing at all", { ...none, kind: "wait" }, "no measurement yet"],
  ])("measuring, %s", (_, verdict, text) => {
    expect(titleOf(at5, { kind: "measuring", step, verdict, overdue: false })).toBe(`Waiting: ${text}`);
  });

  it("says it in days as far as it reckons", () => {
    expect(ETA_AT_MOST_MS).toBe(30 * 24 * 60 * MINUTE);
  });

  it.each<[string, Stage, string]>([
    [
      "no traffic to decide by",
      { kind: "measuring", step, verdict: waits(tooLittle, passes), overdue: true },
      "Undecided by 14:20 UTC: cannot be decided by errors at this traffic; 1,240 more canary requests, about 3 min at this traffic",
    ],
    [
      "no samples to decide by",
      { kind: "measuring", step, verdict: waits({ kind: "noSamples", arm: "canary", windows: 2 }), overdue: true },
      "Undecided by 14:20 UTC: the metrics have no samples of the canary in the last 2 windows",
    ],
    [
      "never seen",
      { kind: "syncing", step, why: { kind: "pods", arm: "canary", ready: 0, wanted: 3, image: NEW }, overdue: true },
      "Not seen live by 14:20 UTC: 0 of 3 canary pods ready on 1.42.0",
    ],
  ])("past the deadline, %s", (_, stage, title) => {
    expect(titleOf(at5, stage)).toBe(title);
  });

  it.each<[string, Stage, string]>([
    [
      "a comparison",
      { kind: "passed", step, word: word(compared([400, 2], [7600, 38])) },
      "Passed: canary errors 0.5% against 0.5%, ratio 1 (0.41–2)",
    ],
    [
      "a better canary",
      { kind: "passed", step, word: word(compared([400, 0], [7600, 38])) },
      "Passed: canary errors 0% against 0.5%, ratio 0 (at most 0.25)",
    ],
    [
      "no failure at all",
      { kind: "passed", step, word: word(compared([400, 0], [7600, 0])) },
      "Passed: canary errors 0% against 0%, no request failed",
    ],
    [
      "health",
      {
        kind: "passed",
        step,
        word: word({
          ...none,
          kind: "pass",
          health: healthy(windows({ from: NOON, count: 3, stable: [1000, 5] }), "stable", DEFAULT_GATE),
        }),
      },
      "Passed: stable errors 0.5% on 1.41.0, 5% is the limit",
    ],
    [
      "what is seen",
      { kind: "passed", step, word: word({ ...none, kind: "pass" }) },
      "Passed: what is committed is seen live",
    ],
    [
      "an override",
      { kind: "passed", step, word: word(waits(tooLittle), { override: ANA }) },
      "Overridden by ana; canary errors 0.5% against 0.5%, ratio 1 (0.41–2)",
    ],
    [
      "an override of nothing",
      { kind: "passed", step, word: word({ ...none, kind: "wait" }, { override: ANA }) },
      "Overridden by ana",
    ],
    [
      "the pace",
      { kind: "paced", step, until: at(12), by: TURN, word: word(compared([400, 2], [7600, 38])) },
      "Passed; merging at 12:32 UTC, one step at a time in this repository",
    ],
    [
      "an override and the pace",
      { kind: "paced", step, until: at(12), by: TURN, word: word({ ...none, kind: "wait" }, { override: ANA }) },
      "Overridden by ana; merging at 12:32 UTC, one step at a time in this repository",
    ],
  ])("passed by %s", (_, stage, title) => {
    expect(titleOf(at5, stage)).toBe(title);
  });

  it("compares stable with the canary when the arms are swapped", () => {
    const swapped = windows({ from: NOON, count: 10, canary: [5000, 25], stable: [5000, 30] });
    const verdict: Verdict = { ...none, kind: "pass", rulings: [swappedErrorRuling(swapped, DEFAULT_GATE)] };
    expect(titleOf(inFlight(4), { kind: "passed", step, word: word(verdict) })).toBe(
      "Passed: stable errors 0.6% against 0.5%, ratio 1.2 (0.88–1.65)",
    );
  });

  it.each<[string, Stage, string]>([
    [
      "a regression",
      { kind: "failed", aborting: gate, verdict: failed([400, 20], [7600, 38]) },
      "Failed: canary errors 5% against 0.5%, ratio 10 (7.2–13.7); taking 1.42.0 back",
    ],
    [
      "a change from outside",
      { kind: "failed", aborting: contained, verdict: undefined },
      "Contained: the canary's pod template changed under way; taking the weight to 0",
    ],
    [
      "on the way back",
      { kind: "aborting", aborting: ana, unseen: { kind: "draining", requests: 3 } },
      "Aborted by ana: asked by ana; taking 1.42.0 back; the canary still gets requests, 3 in the last two windows",
    ],
    [
      "on the way back, due",
      { kind: "aborting", aborting: { ...ana, reason: "errors\nup" }, unseen: undefined },
      "Aborted by ana: errors up; taking 1.42.0 back",
    ],
  ])("failed by %s", (_, stage, title) => {
    expect(titleOf(at5, stage)).toBe(title);
  });

  it("names the health of stable where that is what failed", () => {
    const health = healthy(windows({ from: NOON, count: 5, stable: [1000, 200] }), "stable", DEFAULT_GATE);
    const verdict: Verdict = {
      ...none,
      kind: "fail",
      reason: "stable fails more requests on the new version than is healthy",
      health,
    };
    expect(titleOf(inFlight(4), { kind: "failed", aborting: gate, verdict })).toBe(
      "Failed: stable errors 20% on 1.42.0, 5% is the limit; taking 1.42.0 back",
    );
  });

  it.each<[string, Stage, string]>([
    [
      "held",
      {
        kind: "held",
        step,
        because: held({ reason: "waiting for QA" }),
        under: UNDER,
      },
      "Held by ana: waiting for QA",
    ],
    [
      "held without a word",
      {
        kind: "held",
        step,
        because: held(),
        under: UNDER,
      },
      "Held by ana",
    ],
    ["proposing", { kind: "proposing", step }, "Preparing: the step's pull request is being brought up to date"],
    ["resting", { kind: "resting" }, "Nothing to release: canary and stable run the same"],
    [
      "blocked",
      {
        kind: "blocked",
        block: {
          image: NEW,
          template: undefined,
          commit: undefined,
          by: "gate",
          reason: "the canary fails more requests than stable",
        },
      },
      "Blocked: 1.42.0 was taken back (the canary fails more requests than stable)",
    ],
  ])("%s", (_, stage, title) => {
    expect(titleOf(waiting(), stage)).toBe(title);
  });

  it("is one line within GitHub's limit, whatever people say", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 600 }),
        fc.string({ unit: "binary", maxLength: 300 }),
        (by, reason) => {
          const title = titleOf(member(), {
            kind: "held",
            step,
            because: held({ by, reason }),
            under: UNDER,
          });
          expect(Array.from(title).length).toBeLessThanOrEqual(LONGEST_TITLE);
          expect(title).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e]/u);
        },
      ),
    );
  });
});
