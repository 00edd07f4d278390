import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Member } from "../../src/core/snapshot.ts";
import {
  judgeSeason,
  thresholdOf,
  waitingSeason,
  type JudgedSeason,
  type SeasonalPolicy,
  type SeasonalWait,
} from "../../src/core/season.ts";
import { seasonalAlpha } from "../../src/core/seasonal-gate.ts";
import { read } from "../../src/core/reading.ts";
import { stageOf } from "../../src/core/stage.ts";
import { verdictOf, type Verdict } from "../../src/core/verdict.ts";
import { gateCheck } from "../../src/render/check.ts";
import { groundsSentence } from "../../src/render/evidence.ts";
import { recordOf } from "../../src/render/record.ts";
import { seasonalTable } from "../../src/render/seasonal.ts";
import { titleOf } from "../../src/render/title.ts";
import { allMissing } from "../../src/render/waiting.ts";
import { KNOWN } from "../support/gauges.ts";
import { HEAD, inFlight, landingOf, measured, MINUTE, type MemberChanges } from "../support/member.ts";
import { DAY, EVERY, factsOf, readingsOf, SEASON, usualAt } from "../support/seasons.ts";

const SKIP = { gate: "seasonal", by: "ana", comment: 7, reason: "a sale has begun" } as const;
/** Everything but the season lets a step pass at that weight. */
const trafficAt = (weight: number) => {
  const [canary, stable] = [weight, 100 - weight].map((share) => [80 * share, 0.4 * share] as const);
  return { count: 12, canary, stable };
};

type Evidence = "compare" | "health" | "bake";

/** A member whose step has landed and is judged by a season, of which this has been read. */
function seasoned(
  times: (at: number) => number,
  { step = 1, evidence = "compare", days = 14, ...changes }: Partial<Seasoned> = {},
): Member {
  const policy = { evidence, seasonal: [SEASON], ...changes.policy };
  const flying = inFlight(step, { ...changes, policy });
  const of = measured(flying, trafficAt(flying.at.weight));
  const seasons = (of.policy.seasonal ?? []).map((one) => judgedAt(of, one, { times, days }));
  return { ...of, seasons };
}

type Seasoned = MemberChanges & {
  readonly step: number;
  readonly evidence: Evidence;
  readonly days: number;
  readonly release: Parameters<typeof inFlight>[1] extends infer Of
    ? Of extends { readonly release?: infer Release }
      ? Release
      : never
    : never;
};

function judgedAt(
  of: Member,
  policy: SeasonalPolicy,
  { times, days }: { readonly times: (at: number) => number; readonly days: number },
): JudgedSeason {
  const facts = factsOf(of.changedAt + 4 * EVERY, times, days);
  const alpha = 0.05 * seasonalAlpha({ ...of.policy, gate: { ...of.policy.gate, alpha: 1 } }, of.plan, policy.name);
  const step = { since: of.changedAt, begin: landingOf(1), busy: [], bakeMs: 10 * MINUTE, warmUpMs: 0, alpha };
  return judgeSeason(policy, facts, step);
}

const twice = (at: number) => 2 * usualAt(at);

function verdict(of: Member): Verdict {
  return verdictOf(of, of.plan.steps[(of.at.release?.step ?? 0) + 1], of.changedAt);
}

describe.each<[Evidence, number]>([
  ["compare", 1],
  ["compare", 3],
  ["health", 3],
  ["bake", 3],
  ["bake", 4],
])("a step judged by %s, the %dth, held against the service's past besides", (evidence, step) => {
  const of = (times: typeof usualAt, more: Partial<Seasoned> = {}) => seasoned(times, { evidence, step, ...more });

  it("goes as it would have gone where all is as usual", () => {
    const without = { ...of(usualAt), policy: { ...of(usualAt).policy, seasonal: [] }, seasons: [] };
    const found = verdict(of(usualAt));
    expect(found.seasonal?.judgement.verdict.kind).toBe("agrees");
    expect(found.kind).toBe(verdict(without).kind);
    expect(found.own).toBe(found.kind);
  });

  it("fails where the service is unusual for its hour, in words without numbers", () => {
    expect(verdict(of(twice))).toMatchObject({
      kind: "fail",
      reason: "the service's errors went higher than is usual at this time",
    });
    expect(stageOf(of(twice), of(twice).changedAt + 12 * MINUTE, 0).kind).toBe("failed");
  });

  it("waits where nothing of it has been read, whatever else says", () => {
    const { seasons: _, ...unread } = of(usualAt);
    expect(verdict(unread).kind).toBe("wait");
    expect(allMissing(verdict(unread), unread).map(({ what }) => what)).toContain(
      "the service's errors is held against its own past once this step is seen live",
    );
  });

  it("goes on without it where a person leaves it out, and shows it all the same", () => {
    const skipped = verdict(of(twice, { release: { skips: [SKIP] } }));
    expect(skipped.kind).toBe(verdict(of(usualAt)).kind);
    expect(skipped.seasonal?.judgement.verdict.kind).toBe("block");
  });

  it("is only advised by too short a past", () => {
    const found = verdict(of(twice, { days: 1 }));
    expect(found.seasonal?.judgement.verdict.kind).toBe("advise");
    expect(found.kind).toBe(verdict(of(usualAt)).kind);
  });
});

describe("what a season passes", () => {
  const PLAIN = {
    compare: seasoned(usualAt),
    health: seasoned(usualAt, { evidence: "health" }),
    bake: seasoned(usualAt, { evidence: "bake" }),
  };

  it("is nothing, where it is all that is left", () => {
    const of = seasoned(usualAt, { policy: { gate: { ...inFlight(1).policy.gate, noData: "skip" } } });
    const silent = { ...of, timeline: read(uncounted(of)) };
    expect(verdict(silent)).toMatchObject({ kind: "wait", seasonal: { judgement: { verdict: { kind: "agrees" } } } });
    const stage = stageOf(silent, silent.changedAt + silent.policy.deadlineMs, 0);
    expect(stage.kind === "measuring" || stage.kind === "syncing" ? stage.overdue : false).toBe(true);
  });

  it("is nothing for a step that nothing is measured for: the first weight, and rest", () => {
    for (const index of [0, 5]) expect(verdict(seasoned(twice, { step: index })).seasonal).toBeUndefined();
  });

  it("is never what spoilt readings let through", () => {
    const notOne = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, undefined);
    const spoiling = fc.array(fc.oneof(notOne, fc.double({ min: 0, max: 1e5, noNaN: true })), {
      minLength: 1,
      maxLength: 1,
    });
    const base = factsOf(landingOf(1));
    const known = thresholdOf(base, SEASON, 0.005)(10 * MINUTE, 0);
    fc.assert(
      fc.property(fc.constantFrom<Evidence>("compare", "health", "bake"), spoiling, notOne, (evidence, early, last) => {
        const of = PLAIN[evidence];
        const told = [...early, last].flatMap((value, index) =>
          value === undefined ? [] : [{ at: of.changedAt + (index + 1) * EVERY, value }],
        );
        const facts = { ...base, readings: [...base.readings, ...told], to: of.changedAt + 2 * EVERY };
        const step = {
          since: of.changedAt,
          begin: landingOf(1),
          busy: [],
          bakeMs: 10 * MINUTE,
          warmUpMs: 0,
          alpha: 0.005,
        };
        const seasons = [judgeSeason(SEASON, facts, step, () => known)];
        expect(verdict({ ...of, seasons }).kind).not.toBe("pass");
      }),
    );
  });
});

describe("a season that is undecided at the deadline", () => {
  const overdue = (reason: SeasonalWait, evidence: Evidence) => {
    const policy = { seasonal: [SEASON], onDeadline: "abort" as const };
    const of = seasoned(usualAt, { evidence, step: 2, policy });
    const waiting = { ...of, seasons: [waitingSeason(SEASON, 0.001, reason)] };
    return stageOf(waiting, of.changedAt + of.policy.deadlineMs, 0);
  };

  it.each<Evidence>(["compare", "bake"])("takes nothing back where it could not be read, judged by %s", (evidence) => {
    expect(overdue({ kind: "unread", why: "down" }, evidence)).toMatchObject({ kind: "measuring", overdue: true });
  });

  it("is what configuration says where its readings are missing", () => {
    expect(overdue({ kind: "noBaseline" }, "bake")).toMatchObject({ kind: "failed", verdict: { own: "pass" } });
  });
});

describe("a season's share of alpha", () => {
  const POLICY = inFlight(1).policy;
  const plan = inFlight(1).plan;

  it("is one of all gates' of the release, and divided over the steps that are watched", () => {
    const all = { ...POLICY, seasonal: [SEASON, { ...SEASON, name: "orders", part: 2 }], gauges: [KNOWN] };
    expect(seasonalAlpha(all, plan, "orders")).toBeCloseTo((0.01 * 2) / 5 / 4, 12);
    expect(seasonalAlpha({ ...all, evidence: "bake" }, plan, "orders")).toBeCloseTo((0.01 * 2) / 4 / 4, 12);
    expect(seasonalAlpha({ ...all, latency: { tolerated: 0.1, regression: 0.5 } }, plan, "orders")).toBeCloseTo(
      (0.01 * 2) / 6 / 4,
      12,
    );
  });

  it("is taken from errors, whatever the step is judged by", () => {
    const share = (evidence: Evidence, step: number) => {
      const found = verdict(seasoned(usualAt, { evidence, step }));
      return found.health === undefined ? found.rulings[0] : 1 / found.health.aboveLimit.threshold;
    };
    expect(share("compare", 1)).toMatchObject({ settings: { alpha: 0.005 } });
    expect(verdict(seasoned(usualAt, { step: 4 })).rulings[0]).toMatchObject({ settings: { alpha: 0.005 } });
    const judged = inFlight(1).plan.steps.filter(({ judge }) => judge !== "seen").length;
    expect(share("health", 3)).toBeCloseTo(0.005 / judged, 12);
  });
});

describe("the check", () => {
  const shown = (of: Member) => {
    const stage = stageOf(of, of.changedAt + 12 * MINUTE, 0);
    const record = recordOf(of, stage, HEAD);
    return [titleOf(of, stage), groundsSentence(record), record.seasonal && seasonalTable(record.seasonal)].join(
      "\n\n",
    );
  };

  it.each<[string, Member]>([
    ["as usual", seasoned(usualAt, { evidence: "bake", step: 3 })],
    ["unusual", seasoned(twice, { evidence: "bake", step: 3 })],
    ["of too short a past", seasoned(twice, { days: 1, step: 3, evidence: "bake" })],
  ])("has a row and a sentence for what is %s", (_, of) => {
    expect(shown(of)).toMatchSnapshot();
  });

  it.each([
    [
      { kind: "unread", why: "Prometheus answered 400 (bad_data)." },
      "cannot be read (Prometheus answered 400 (bad_data))",
    ],
    [{ kind: "first", at: landingOf(3) + EVERY }, "first errors of this step, at 13:05 UTC"],
    [{ kind: "noSamples", at: landingOf(3) }, "the metrics have no errors of the service at 13:00 UTC"],
    [{ kind: "gaps", missing: 2, of: 3 }, "2 of 3 readings of the service's errors are missing"],
    [{ kind: "noBaseline" }, "the time before the release does not tell where the service's errors stood"],
  ] as const)("says what is missing: %j", (reason, text) => {
    const of = { ...seasoned(usualAt, { evidence: "bake", step: 3 }), seasons: [waitingSeason(SEASON, 0.001, reason)] };
    const stage = stageOf(of, of.changedAt + 12 * MINUTE, 0);
    expect(titleOf(of, stage)).toContain(text);
    expect(gateCheck({ kind: "reportGate", member: of, stage, number: 7, headSha: HEAD }).summary).toContain(
      "not known",
    );
  });

  it("holds the record for machines", () => {
    const of = seasoned(twice, { step: 3 });
    const { seasonal } = recordOf(of, stageOf(of, of.changedAt + 12 * MINUTE, 0), HEAD);
    expect(seasonal?.judgement.metrics).toMatchObject([
      { name: "errors", verdict: { kind: "block" }, placebos: { lengthMs: 10 * MINUTE }, days: 14 },
    ]);
  });
});

/** Windows of which nobody was counted. */
function uncounted(of: Member) {
  return of.timeline.kind === "read" ? of.timeline.value.map((window) => ({ ...window, counts: {} })) : [];
}

it("takes no reading of the release for the past", () => {
  expect(readingsOf(0, DAY)).toHaveLength(288);
  const facts = factsOf(landingOf(1) + DAY, twice);
  expect(facts.history.every(({ at }) => at <= landingOf(1))).toBe(true);
});
