import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseState } from "../../src/config/state-file.ts";
import { printState } from "../../src/config/state-text.ts";
import type { GaugePolicy } from "../../src/core/gauge-memory.ts";
import { proposalOf } from "../../src/core/proposal.ts";
import { read } from "../../src/core/reading.ts";
import type { Member } from "../../src/core/snapshot.ts";
import { stageOf } from "../../src/core/stage.ts";
import { verdictOf, type Verdict } from "../../src/core/verdict.ts";
import type { Window, WindowGauge } from "../../src/core/window.ts";
import { evidenceTable, groundsSentence, numbersOf } from "../../src/render/evidence.ts";
import { recordOf } from "../../src/render/record.ts";
import { allMissing, missingOf } from "../../src/render/waiting.ts";
import { CPU, gauged, KNOWN, withGauge } from "../support/gauges.ts";
import { HEAD, inFlight, landingOf, MINUTE, podsOf, windows } from "../support/member.ts";
import { valueOf } from "../manifest/builders.ts";

const NOW = landingOf(1) + 12 * MINUTE;
const SKIP = { gate: "gauges", by: "ana", comment: 7, reason: "known to need more" } as const;

const by = (...gauges: readonly GaugePolicy[]) => ({ policy: { gauges } });
const AT_FIVE = inFlight(1, by(KNOWN));
const RUNNING = windows({
  from: landingOf(1),
  count: 12,
  canary: [400, 2],
  stable: [7600, 38],
  pods: podsOf(AT_FIVE),
});

function seen(running: readonly Window[], of: Member = AT_FIVE): Member {
  return { ...of, timeline: read(running) };
}

function verdict(of: Member, since: number | undefined = landingOf(1)): Verdict {
  return verdictOf(of, of.plan.steps[(of.at.release?.step ?? 0) + 1], since);
}

function gaugesIn({ rulings }: Verdict) {
  const ruling = rulings.find(({ gate }) => gate === "gauges");
  return ruling?.gate === "gauges" ? ruling.judgement : expect.fail("No gauge was judged.");
}

const refused = (): WindowGauge => ({ kind: "unread", reason: "Prometheus answered 400 (bad_data)." });

describe("a step that is judged by a gauge whose past is known", () => {
  it("passes where errors pass it and the gauge stands as it usually does", () => {
    const found = verdict(seen(gauged(RUNNING, 1)));
    expect(found.kind).toBe("pass");
    expect(gaugesIn(found)).toMatchObject({ verdict: { kind: "agrees" }, gauges: [{ verdict: { kind: "pass" } }] });
  });

  it("fails where the canary needs more, in words without numbers", () => {
    const of = seen(gauged(RUNNING, 1.3));
    expect(verdict(of)).toMatchObject({ kind: "fail", reason: "the canary's cpu is higher than stable's" });
    expect(numbersOf(verdict(of), of)).toBe(
      "cpu 1.3 times stable's; canary errors 0.5% against 0.5%, ratio 1 (0.45–1.92)",
    );
    expect(stageOf(of, NOW, 0).kind).toBe("failed");
  });

  it("takes what is lower for worse where that is said", () => {
    const hits = by({ ...KNOWN, name: "hits", worse: "lower" });
    const of = (times: number) => seen(gauged(RUNNING, times, "hits"), inFlight(1, hits));
    expect(verdict(of(0.7))).toMatchObject({ kind: "fail", reason: "the canary's hits is lower than stable's" });
    expect(verdict(of(1.3)).kind).toBe("pass");
  });

  it.each<[string, readonly Window[], string]>([
    [
      "leans towards being worse",
      gauged(RUNNING, 1.05),
      "the canary's cpu leans towards being higher: drift 0.169, up to 0.1 is usual",
    ],
    [
      "is told in too few windows",
      gauged(RUNNING, 1).slice(0, 3),
      "more than 3 windows of cpu, so that 25% more would be found",
    ],
    [
      "is told of stable alone",
      withGauge(RUNNING, () => ({ kind: "read", stable: 0.2 })),
      "the metrics have no cpu of canary or stable in the last 2 windows",
    ],
    [
      "is missing in most windows",
      withGauge(RUNNING, (at) => (at > 7 ? { kind: "read", canary: 1, stable: 1 } : { kind: "read" })),
      "8 of 12 windows lack the cpu of canary or stable",
    ],
    ["cannot be read", withGauge(RUNNING, refused), "cpu cannot be read (Prometheus answered 400 (bad_data))"],
    ["is not asked", RUNNING, "cpu cannot be read (the provider of these metrics is not asked in PromQL)"],
  ])("waits, and says so, where the gauge %s", (_, running, text) => {
    const found = verdict(seen(running));
    expect(found.kind).toBe("wait");
    expect(allMissing(found, AT_FIVE).map(({ what }) => what)).toContain(text);
    expect(gaugesIn(found).gauges[0]?.verdict.kind).toBe("wait");
  });

  it("blocks by what was seen before the gauge could not be read any more", () => {
    const lost = [...gauged(RUNNING, 1.3).slice(0, 10), ...withGauge(RUNNING.slice(10), refused)];
    expect(verdict(seen(lost)).kind).toBe("fail");
  });

  it("divides alpha over errors and every such gauge, and none that only advises", () => {
    const memory = { ...KNOWN, name: "memory", part: 2 };
    const all = gauged(gauged(gauged(RUNNING, 1), 1, "memory"), 1, "threads");
    const found = verdict(seen(all, inFlight(1, by(KNOWN, memory, { ...CPU, name: "threads" }))));
    expect(found.rulings[0]).toMatchObject({ gate: "errors", settings: { alpha: 0.0025 } });
    expect(gaugesIn(found).gauges.map(({ bar }) => bar?.alpha)).toEqual([0.0025, 0.005, undefined]);
  });

  it("is compared after the warm-up alone", () => {
    const of = inFlight(1, { policy: { gauges: [KNOWN], warmUpMs: 3 * MINUTE } });
    const cold = [...gauged(RUNNING.slice(0, 3), 5), ...gauged(RUNNING.slice(3), 1)];
    expect(verdict(seen(cold, of)).kind).not.toBe("fail");
    expect(verdict(seen(cold)).kind).toBe("fail");
  });
});

describe("a gauge of which nothing is known", () => {
  const advised = inFlight(1, by(CPU));

  it.each<[string, readonly Window[], string]>([
    ["is far higher", gauged(RUNNING, 9), "advise"],
    ["is missing", withGauge(RUNNING, () => ({ kind: "read" })), "advise"],
    ["cannot be read", withGauge(RUNNING, refused), "unread"],
    ["is not asked", RUNNING, "unread"],
  ])("neither blocks nor holds a step up where it %s", (_, running, kind) => {
    const found = verdict(seen(running, advised));
    expect(found.kind).toBe("pass");
    expect(missingOf(found, advised)).toBeUndefined();
    expect(gaugesIn(found)).toMatchObject({ verdict: { kind: "advise" }, gauges: [{ verdict: { kind } }] });
    expect(found.rulings[0]).toMatchObject({ settings: { alpha: 0.01 } });
  });

  it("passes nothing by itself", () => {
    const quiet = RUNNING.map((window) => ({ ...window, counts: {} }));
    expect(verdict(seen(gauged(quiet, 1), advised)).kind).toBe("wait");
    expect(verdict(seen(gauged(quiet, 1))).kind).toBe("wait");
  });
});

describe("what a person leaves out", () => {
  it("is heard no more, and shown all the same", () => {
    const skipping = inFlight(1, { ...by(KNOWN), release: { skips: [SKIP] } });
    const found = verdict(seen(gauged(RUNNING, 3), skipping));
    expect(found).toMatchObject({ kind: "pass", skipped: ["gauges"] });
    expect(gaugesIn(found).verdict.kind).toBe("block");
  });

  it.each([
    ["agrees", KNOWN, 1, "pass"],
    ["advises", CPU, 3, "pass"],
    ["blocks", KNOWN, 3, "fail"],
    ["waits", KNOWN, 1.05, "wait"],
  ])("leaves a step without errors to a gauge that %s", (_, gauge, times, kind) => {
    const of = inFlight(1, { ...by(gauge), release: { skips: [{ ...SKIP, gate: "errors" }] } });
    expect(verdict(seen(gauged(RUNNING, times), of)).kind).toBe(kind);
  });
});

describe("what is remembered of gauges", () => {
  const carried = (of: Member) => {
    const change = proposalOf({ ...of, pull: undefined }, HEAD) ?? expect.fail("A step is to come.");
    return { change, release: change.state.targets.get(of.target)?.release };
  };
  const later = windows({ from: landingOf(2), count: 12, canary: [2000, 10], stable: [6000, 30] });

  it("is nothing in the first step, and each step's drift with the next", () => {
    expect(carried(seen(gauged(RUNNING, 1.01))).release?.gauges).toBeUndefined();
    const at25 = seen([...gauged(RUNNING, 1.01), ...gauged(later, 1)], inFlight(2, by(KNOWN)));
    const [drift, ...others] = carried(at25).release?.gauges ?? [];
    expect(others).toEqual([]);
    expect(drift).toMatchObject({ name: "cpu", count: 12 });
    expect(drift?.sum).toBeCloseTo(12 * Math.log(1.01), 9);
    expect(drift?.peak).toBeCloseTo(Math.sqrt(12) * Math.log(1.01), 9);
  });

  it("counts the same over restarts: carried, or read again from the provider", () => {
    const whole = seen([...gauged(RUNNING, 1.06), ...gauged(later, 1.06)], inFlight(2, by(KNOWN)));
    const { gauges, evidence } = carried(whole).release ?? expect.fail("A release is under way.");
    const again = seen(gauged(later, 1.06), inFlight(2, { ...by(KNOWN), release: { gauges, evidence } }));
    expect(gaugesIn(verdict(again, landingOf(2)))).toEqual(gaugesIn(verdict(whole, landingOf(2))));
    expect(verdict(again, landingOf(2)).kind).toBe("wait");
  });

  it("is what git has while the provider is down, and without what is configured no more", () => {
    const gauges = [
      { name: "cpu", sum: 0.1, count: 9, peak: 0.2 },
      { name: "gone", sum: 0.1, count: 9, peak: 0.2 },
    ];
    const of = inFlight(2, { ...by(KNOWN), release: { gauges } });
    const down = { ...of, timeline: { kind: "unavailable", reason: "down" } } as const;
    expect(carried(down).release?.gauges).toEqual(gauges);
    expect(carried(of).release?.gauges).toEqual(gauges.slice(0, 1));
  });

  it("is written into the state file and read back", () => {
    const at25 = seen(gauged(gauged(RUNNING, 1.01), 0.9, "memory"), inFlight(2, by(KNOWN, { ...CPU, name: "memory" })));
    const { change } = carried(at25);
    const text = printState(change.state);
    expect(text.split("\n").filter((line) => line.trim().startsWith("gauges: "))).toMatchSnapshot();
    const path = ".tidegate/services/checkout.yaml";
    expect(valueOf(parseState({ path, text }))).toEqual(change.state);
    expect(printState(valueOf(parseState({ path, text })))).toBe(text);
  });
});

describe("the check", () => {
  const shown = (running: readonly Window[], ...gauges: readonly GaugePolicy[]) => {
    const of = seen(running, inFlight(1, by(...gauges)));
    const record = recordOf(of, stageOf(of, NOW, 0), HEAD);
    return `${groundsSentence(record)}\n\n${evidenceTable(record)}`;
  };

  it("has a row for each gauge, in plain words", () => {
    const named = (gauge: GaugePolicy, name: string) => ({ ...gauge, name });
    const running = withGauge(gauged(gauged(gauged(RUNNING, 1), 1.1, "memory"), 0.8, "hits"), refused, "threads");
    expect(
      shown(running, KNOWN, named(CPU, "memory"), { ...named(KNOWN, "hits"), worse: "lower" }, named(CPU, "threads")),
    ).toMatchSnapshot();
  });

  it("says what was proven of one that passes, and of one that has nothing to compare", () => {
    expect(
      shown(
        withGauge(gauged(RUNNING, 1), () => ({ kind: "read" }), "memory"),
        KNOWN,
        { ...CPU, name: "memory" },
      ),
    ).toMatchSnapshot();
  });
});

describe("spoilt gauges", () => {
  const notOne = fc.constantFrom(undefined, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -1);
  const told = fc.oneof(
    fc.constant(undefined),
    fc.constant(refused()),
    fc
      .record({ canary: notOne, stable: fc.oneof(notOne, fc.double({ min: 1e-9, max: 1e9, noNaN: true })) })
      .map(({ canary, stable }): WindowGauge => ({
        kind: "read",
        ...(canary !== undefined && { canary }),
        ...(stable !== undefined && { stable }),
      })),
  );

  it("let nothing pass: the canary's, whatever stable's are, and whatever was seen before", () => {
    fc.assert(
      fc.property(
        fc.array(told, { minLength: 12, maxLength: 12 }),
        fc.option(
          fc.record({ sum: fc.double({ min: -9, max: 0.01, noNaN: true }), count: fc.integer({ min: 1, max: 999 }) }),
          {
            nil: undefined,
          },
        ),
        (all, before) => {
          const gauges = before === undefined ? undefined : [{ name: "cpu", peak: 0.02, ...before }];
          const of = inFlight(1, { ...by(KNOWN), release: { gauges } });
          const running = RUNNING.map((window, at) => {
            const gauge = all[at];
            return gauge === undefined ? window : { ...window, gauges: { cpu: gauge } };
          });
          expect(verdict(seen(running, of)).kind).not.toBe("pass");
        },
      ),
    );
  });
});
