import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_KAYENTA, type KayentaSettings } from "../../src/core/gate/kayenta.ts";
import type { GaugePolicy } from "../../src/core/gauge-memory.ts";
import { read } from "../../src/core/reading.ts";
import type { Member } from "../../src/core/snapshot.ts";
import { stageOf } from "../../src/core/stage.ts";
import { verdictOf, type Verdict } from "../../src/core/verdict.ts";
import type { Window, WindowGauge } from "../../src/core/window.ts";
import { evidenceTable, groundsSentence, numbersOf } from "../../src/render/evidence.ts";
import { recordOf } from "../../src/render/record.ts";
import { missingOf } from "../../src/render/waiting.ts";
import { CPU, gauged, withGauge } from "../support/gauges.ts";
import { HEAD, inFlight, landingOf, MINUTE, podsOf, windows } from "../support/member.ts";

const gauge = (name: string, settings: Partial<KayentaSettings> = {}): GaugePolicy => ({
  ...CPU,
  name,
  kayenta: { settings: { ...DEFAULT_KAYENTA, ...settings }, groups: ["gauges"] },
});

/** At 5 %, after so many of the ten minutes of the bake, with two gauges that are judged as Kayenta would. */
function running(minutes: number, gauges: readonly GaugePolicy[] = [gauge("cpu"), gauge("memory")]): Member {
  const of = inFlight(1, { policy: { gauges } });
  const counts = { canary: [400, 2], stable: [7600, 38] } as const;
  const all = windows({ from: landingOf(1), count: minutes, ...counts, pods: podsOf(of) });
  return { ...of, timeline: read(all) };
}

function told(of: Member, tell: (all: readonly Window[]) => readonly Window[]): Member {
  return of.timeline.kind === "read" ? { ...of, timeline: read(tell(of.timeline.value)) } : of;
}

const times = (of: Member, cpu: number, memory: number) =>
  told(of, (all) => gauged(gauged(all, cpu), memory, "memory"));

function verdict(of: Member): Verdict {
  return verdictOf(of, of.plan.steps[(of.at.release?.step ?? 0) + 1], landingOf(1));
}

function kayentaIn({ rulings }: Verdict) {
  const ruling = rulings.find(({ gate }) => gate === "gauges");
  return ruling?.gate === "gauges" ? ruling.judgement.kayenta : expect.fail("No gauge was judged.");
}

describe("gauges that are judged as Kayenta would", () => {
  it("wait for the windows of the bake, and are judged once on those", () => {
    expect(kayentaIn(verdict(times(running(9), 2, 2)))?.verdict).toEqual({
      kind: "wait",
      reason: { kind: "windows", windows: 9, of: 10 },
    });
    // What comes after is not looked at: a test that is repeated finds chance.
    const later = told(running(20), (all) => [
      ...gauged(gauged(all.slice(0, 10), 1), 1, "memory"),
      ...gauged(gauged(all.slice(10), 9), 9, "memory"),
    ]);
    expect(verdict(later).kind).toBe("pass");
  });

  it("say nothing against a step that is like stable, and pass none by themselves", () => {
    const of = times(running(12), 1, 1);
    expect(kayentaIn(verdict(of))).toMatchObject({ verdict: { kind: "pass" }, scored: { score: 100 } });
    expect(verdict(of).kind).toBe("pass");
    const silent = told(of, (all) => all.map((window) => ({ ...window, counts: {} })));
    expect(verdict(silent).kind).toBe("wait");
  });

  it("take back what scores too low, in words without numbers", () => {
    const of = times(running(12), 2, 2);
    const reason = "the canary scores too low by Kayenta's judge: cpu, memory";
    expect(verdict(of)).toMatchObject({ kind: "fail", reason });
    expect(numbersOf(verdict(of), of)).toMatch(/^score 0 of 100, 50 is the least; canary errors 0\.5%/);
  });

  it("leave what is marginal to a person", () => {
    const of = times(running(12), 2, 1);
    const found = verdict(of);
    expect(found.kind).toBe("wait");
    expect(missingOf(found, of)?.what).toBe(
      "the gauges score 50 by Kayenta's judge, between 50 and 75, and a person decides",
    );
    const record = recordOf(of, stageOf(of, landingOf(1) + 13 * MINUTE, 0), HEAD);
    expect(evidenceTable(record)).toContain("| cpu | high |  | Kayenta's judge |");
    expect(groundsSentence(record)).toContain("By Kayenta's judge the canary's gauges score 50 of 100");
  });

  it("take back for one that is critical", () => {
    const of = times(running(12, [gauge("cpu", { isCritical: true }), gauge("memory"), gauge("disk")]), 2, 1);
    const all = told(of, (some) => gauged(some, 1, "disk"));
    expect(kayentaIn(verdict(all))?.scored).toMatchObject({ score: 0, zeroFor: { kind: "critical", metric: "cpu" } });
    expect(verdict(all).kind).toBe("fail");
  });

  it("never pass, and never take back, what nobody has told", () => {
    const nothing = fc.constantFrom<WindowGauge>(
      { kind: "unread", reason: "400" },
      { kind: "read", canary: 1 },
      { kind: "read", canary: 1, stable: Number.NaN },
      { kind: "read", canary: 1, stable: Number.POSITIVE_INFINITY },
    );
    const settings = fc.record({
      nan: fc.constantFrom("zero" as const, "remove" as const),
      mustHaveData: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(nothing, { minLength: 12, maxLength: 12 }), settings, (said, own) => {
        const of = told(running(12, [gauge("cpu", own)]), (all) =>
          withGauge(all, (index) => said[index] ?? { kind: "unread", reason: "" }),
        );
        expect(kayentaIn(verdict(of))?.verdict).toEqual({ kind: "wait", reason: { kind: "noValues", gauge: "cpu" } });
      }),
    );
  });

  it("are left out by /skip gauges, and are remembered by nothing", () => {
    const of = times(running(12), 2, 2);
    const release = of.at.release && {
      ...of.at.release,
      skips: [{ gate: "gauges", by: "ana", comment: 7, reason: "known" }],
    };
    expect(verdict({ ...of, at: { ...of.at, release } }).kind).toBe("pass");
    expect(of.at.release?.gauges).toBeUndefined();
  });
});
