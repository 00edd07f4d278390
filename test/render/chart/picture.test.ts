import { describe, expect, it } from "vitest";
import { NO_EVIDENCE, addWindows } from "../../../src/core/gate/evidence.ts";
import { DEFAULT_SLOWDOWNS } from "../../../src/core/gate/latency.ts";
import { DEFAULT_GATE } from "../../../src/core/gate/settings.ts";
import { read, unavailable } from "../../../src/core/reading.ts";
import type { Member } from "../../../src/core/snapshot.ts";
import { stageOf, type Stage } from "../../../src/core/stage.ts";
import { gateCheck } from "../../../src/render/check.ts";
import { logAt, logOf } from "../../../src/render/chart/chart.ts";
import { pictureOf } from "../../../src/render/chart/picture.ts";
import { verdictIn } from "../../../src/render/record.ts";
import { pictured } from "../../../src/reconcile/pictured.ts";
import { timed } from "../../support/latency.ts";
import { HEAD, inFlight, landingOf, measured, MINUTE, podsOf, windows } from "../../support/member.ts";

const GOOD = { canary: [400, 2], stable: [7600, 38] } as const;
const BAD = { canary: [400, 20], stable: [7600, 38] } as const;
const HALF = { canary: [5000, 25], stable: [5000, 30] } as const;

const stageAfter = (of: Member, minutes: number): Stage => stageOf(of, of.changedAt + minutes * MINUTE, 0);
const drawn = (of: Member, minutes = 12) => pictureOf(of, verdictIn(stageAfter(of, minutes)));

/** What the last points and the values of a chart's lines come to, by name. */
function reached(of: Member, minutes = 12) {
  const { lines = [] } = drawn(of, minutes)?.chart ?? {};
  return new Map(lines.map((line) => [line.name, { value: logOf(line.value), point: logAt(line.points.at(-1) ?? 0) }]));
}

function judged(of: Member, minutes = 12) {
  const [ruling] = verdictIn(stageAfter(of, minutes))?.rulings ?? [];
  return ruling?.gate === "errors" ? ruling.judgement : expect.fail("Nothing was compared.");
}

describe("the picture of a member", () => {
  it.each([
    ["that does well", measured(inFlight(1), { count: 12, ...GOOD })],
    ["that fails", measured(inFlight(1), { count: 5, ...BAD })],
    ["whose stable runs the new version", measured(inFlight(4), { count: 12, ...HALF })],
    [
      "with gaps",
      measured(inFlight(1), {
        count: 12,
        canary: (at) => (at % 3 === 1 ? undefined : [400, at % 4]),
        stable: [7600, 38],
      }),
    ],
  ])("%s ends where its verdict stands", (_, of) => {
    const { worse, nonInferior } = judged(of);
    const lines = reached(of);
    expect([...lines.keys()].slice(0, 2)).toEqual(["regression", "under 2x the errors"]);
    expect(lines.get("regression")?.value).toBeCloseTo(worse.logE, 3);
    expect(lines.get("regression")?.point).toBeCloseTo(worse.logE, 1);
    const better = lines.get("under 2x the errors")?.value ?? Number.NaN;
    expect(Math.min(1e6, Math.exp(better)) / nonInferior.e).toBeCloseTo(1, 3);
  });

  it("shows how long requests took where latency is judged, and nothing of it elsewhere", () => {
    const before = timed(windows({ from: landingOf(1) - 20 * MINUTE, count: 20, canary: [0, 0], stable: [8000, 40] }));
    const of = inFlight(1, { policy: { latency: DEFAULT_SLOWDOWNS } });
    const running = timed(windows({ from: landingOf(1), count: 12, ...GOOD, pods: podsOf(of) }));
    const { chart } = drawn({ ...of, timeline: read([...before, ...running]) }) ?? expect.fail("There is a picture.");
    expect(chart.quantiles?.[0]).toMatchObject({ name: "p50", canary: [expect.any(Number), 25_000, 50_000] });
    expect(chart.quantiles).toHaveLength(3);
    expect(drawn(measured(inFlight(1), { count: 12, ...GOOD }))?.chart).not.toHaveProperty("quantiles");
  });

  it("has a point in every cell of a long step", () => {
    const of = measured(inFlight(1), { count: 1500, canary: (at) => [400, at % 4], stable: [7600, 38] });
    const [line] = drawn(of, 1500)?.chart.lines ?? [];
    expect(line?.points.filter((point) => point === null)).toEqual([]);
    expect(logOf(line?.value ?? 0)).toBeCloseTo(judged(of, 1500).worse.logE, 3);
  });

  it("goes on from the steps before, and shows the weight of each", () => {
    const of = inFlight(2);
    const earlier = windows({ from: landingOf(1), count: 20, pods: podsOf(of), ...GOOD });
    const running = windows({
      from: landingOf(2),
      count: 12,
      pods: podsOf(of),
      canary: [2000, 10],
      stable: [6000, 30],
    });
    const whole: Member = { ...of, timeline: read([...earlier, ...running]) };
    expect(reached(whole).get("regression")?.value).toBeCloseTo(judged(whole).worse.logE, 3);
    expect(drawn(whole)?.chart.weights).toEqual([
      [0, 5],
      [1200, 25],
    ]);
    const carried = { ...addWindows(NO_EVIDENCE, earlier, DEFAULT_GATE), through: 1 };
    const later = { ...inFlight(2, { release: { evidence: carried } }), timeline: read(running) };
    expect(reached(later).get("regression")?.value).toBeCloseTo(judged(whole).worse.logE, 3);
  });

  it("marks where latency stands beside", () => {
    const of = measured(inFlight(1), { count: 12, ...GOOD });
    const verdict = verdictIn(stageAfter(of, 12)) ?? expect.fail();
    const slower = { e: 7, threshold: 200 };
    const settings = { alpha: 0.005, beta: 0.05, power: 0.8 };
    const judgement = { verdict: { kind: "wait", reason: { kind: "tooLittle" } }, slower, edges: [], settings };
    const latency = { gate: "latency", judgement } as unknown as (typeof verdict.rulings)[number];
    const { lines = [] } = pictureOf(of, { ...verdict, rulings: [...verdict.rulings, latency] })?.chart ?? {};
    const [, , line] = lines;
    expect(line?.points.slice(0, -1).every((point) => point === null)).toBe(true);
    expect(logAt(line?.points.at(-1) ?? 0)).toBeCloseTo(Math.log(7), 1);
    expect(logOf(line?.bar ?? 0)).toBeCloseTo(Math.log(200), 3);
  });

  it("of an arm by itself has its limit as the boundaries", () => {
    const health = measured(inFlight(1, { policy: { evidence: "health" } }), { count: 12, ...GOOD });
    expect([...reached(health).keys()]).toEqual(["over 5% errors", "under 5% errors"]);
    const seen = verdictIn(stageAfter(health, 12))?.health;
    expect(reached(health).get("over 5% errors")?.value).toBeCloseTo(seen?.aboveLimit.logE ?? Number.NaN, 3);
    const bake = measured(inFlight(1, { policy: { evidence: "bake" } }), { count: 12, ...GOOD });
    expect([...reached(bake).keys()]).toEqual(["over 5% errors"]);
  });

  it("has no boundary that blocks while stable runs the old version", () => {
    const warm = measured(inFlight(0), { count: 3, canary: [0, 0], stable: [7600, 38] });
    expect(drawn(warm, 3)?.chart.lines).toEqual([]);
  });

  it("is none while nothing was counted or nobody answers", () => {
    expect(drawn(measured(inFlight(1), { count: 3 }))).toBeUndefined();
    expect(drawn(inFlight(1, { timeline: unavailable("down") }))).toBeUndefined();
  });

  it("says in words what it shows, without a mark of Markdown or HTML", () => {
    const { alt, caption } = drawn(measured(inFlight(1), { count: 5, ...BAD })) ?? expect.fail();
    expect(caption).toBe("checkout in prod");
    expect(alt).toContain(
      "canary 5% and stable 0.5% at the end. Weight 5%. Evidence: regression 1,000,000 (100 blocks)",
    );
    expect(alt).not.toMatch(/[<>[\]`*_]/);
  });
});

describe("a check's images", () => {
  const of = measured(inFlight(1), { count: 12, ...GOOD });
  const checkAt = (minutes: number) =>
    gateCheck({ kind: "reportGate", member: of, stage: stageAfter(of, minutes), number: 4813, headSha: HEAD });

  it("have the same address until another window has closed", () => {
    const chartAt = (chart: unknown) => JSON.stringify(chart);
    const [first, second] = [pictured(checkAt(4), chartAt), pictured(checkAt(40), chartAt)];
    expect(first.images).toHaveLength(1);
    expect(second.images).toEqual(first.images);
  });

  it.each([
    ["nobody has said where charts are shown", undefined],
    ["a chart has no address", () => undefined],
  ])("are none where %s; the text says it all", (_, chartAt) => {
    const check = pictured(checkAt(12), chartAt);
    expect(check.images).toEqual([]);
    expect(check.summary).toContain("canary ████████████\nstable ████████████\n");
    expect(check).not.toHaveProperty("pictures");
  });

  it("are those of every member of a set", () => {
    const standing = { member: of, stage: stageAfter(of, 12) };
    const check = gateCheck({ kind: "reportGate", ...standing, fellows: [standing], number: 4813, headSha: HEAD });
    expect(check.pictures).toHaveLength(2);
  });
});
