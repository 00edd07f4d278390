import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  assessMetric,
  assessPhases,
  DEFAULTS,
  ruleFault,
  tallyOf,
  wantedCount,
  type Rules,
} from "../../src/analysis/assess.ts";
import { assess, type Run } from "../../src/analysis/assessment.ts";
import { isCompleted, type Phase } from "../../src/analysis/phase.ts";

const LETTERS: Readonly<Record<string, Phase>> = {
  S: "Successful",
  F: "Failed",
  I: "Inconclusive",
  E: "Error",
  R: "Running",
};

function phases(letters: string): readonly Phase[] {
  return Array.from(letters, (letter) => LETTERS[letter] ?? "Running");
}

const MINUTE = 60_000;

describe("a metric", () => {
  it.each<[string, Partial<Rules>, string, Phase]>([
    ["is pending before it is measured", {}, "", "Pending"],
    ["is measured once without count and interval", {}, "S", "Successful"],
    ["runs for ever with an interval alone", { intervalMs: MINUTE }, "SSSSSSSS", "Running"],
    ["fails on the first failure", { count: 5, intervalMs: MINUTE }, "SF", "Failed"],
    [
      "tolerates as many failures as the limit says",
      { count: 5, intervalMs: MINUTE, failureLimit: 2 },
      "FFS",
      "Running",
    ],
    ["and no more", { count: 5, intervalMs: MINUTE, failureLimit: 2 }, "FFSF", "Failed"],
    ["reaches its count", { count: 3, intervalMs: MINUTE }, "SSS", "Successful"],
    ["does not count errors", { count: 3, intervalMs: MINUTE }, "SESS", "Successful"],
    ["ends on the fifth error in a row", { intervalMs: MINUTE }, "EEEEE", "Error"],
    ["begins to count errors again after a success", { intervalMs: MINUTE }, "EEEESEEEE", "Running"],
    ["ends on the first inconclusive one", { intervalMs: MINUTE }, "SI", "Inconclusive"],
    ["names errors before failures", { intervalMs: MINUTE, consecutiveErrorLimit: 0 }, "FE", "Error"],
    [
      "ends on successes in a row",
      { intervalMs: MINUTE, consecutiveSuccessLimit: 2, failureLimit: 9 },
      "SFSS",
      "Successful",
    ],
    [
      "is inconclusive where they do not come",
      { count: 3, intervalMs: MINUTE, consecutiveSuccessLimit: 2, failureLimit: 1 },
      "SFS",
      "Inconclusive",
    ],
    [
      "fails where nothing else could",
      { count: 3, intervalMs: MINUTE, consecutiveSuccessLimit: 2, failureLimit: -1 },
      "SFS",
      "Failed",
    ],
    ["runs while a measurement does", { count: 1 }, "R", "Running"],
  ])("%s", (_, rules, letters, expected) => {
    expect(assessMetric({ ...DEFAULTS, ...rules }, tallyOf(phases(letters)), false)).toBe(expected);
  });

  it("is successful where it is ended before it is decided", () => {
    expect(assessMetric(DEFAULTS, tallyOf([]), true)).toBe("Successful");
    expect(assessMetric({ ...DEFAULTS, intervalMs: MINUTE }, tallyOf(phases("S")), true)).toBe("Successful");
  });

  it.each<[Partial<Rules>, string | undefined]>([
    [{}, undefined],
    [{ failureLimit: -2 }, "failureLimit is at least 0, or -1 for none"],
    [
      { failureLimit: -1 },
      "without a failureLimit (-1) a consecutiveSuccessLimit is needed: otherwise nothing could fail",
    ],
    [{ count: 2 }, "with a count of more than 1 an interval is needed"],
    [
      { count: 2, intervalMs: MINUTE, failureLimit: 3 },
      "count (2) is at least failureLimit + consecutiveSuccessLimit (3)",
    ],
    [{ count: 2, intervalMs: MINUTE, inconclusiveLimit: 3 }, "count (2) is at least inconclusiveLimit (3)"],
    [{ inconclusiveLimit: -1 }, "inconclusiveLimit is at least 0"],
    [{ consecutiveErrorLimit: -1 }, "consecutiveErrorLimit is at least 0"],
    [{ consecutiveSuccessLimit: -1 }, "consecutiveSuccessLimit is at least 0"],
  ])("with %j has a fault: %s", (rules, fault) => {
    expect(ruleFault({ ...DEFAULTS, ...rules })).toBe(fault);
  });
});

describe("several metrics", () => {
  const metric = (phase: Phase | undefined, isDryRun = false) => ({ phase, isDryRun });

  it.each<[string, readonly ReturnType<typeof metric>[], boolean, Phase]>([
    ["wait for each other", [metric("Successful"), metric("Running")], false, "Running"],
    ["wait for one that has not begun", [metric("Successful"), metric(undefined)], false, "Running"],
    ["are as bad as the worst", [metric("Error"), metric("Failed"), metric("Inconclusive")], false, "Failed"],
    ["leave dry runs out", [metric("Successful"), metric("Failed", true)], false, "Successful"],
    ["are successful as dry runs alone", [metric("Failed", true)], false, "Successful"],
    ["end with what there is", [metric("Error"), metric("Running")], true, "Error"],
    ["end successful without anything", [metric(undefined)], true, "Successful"],
  ])("%s", (_, metrics, isTerminating, expected) => {
    expect(assessPhases(metrics, isTerminating)).toBe(expected);
  });
});

function run(letters: string, rules: Partial<Rules> = {}, changes: Partial<Run> = {}): Run {
  const taken = phases(letters).map((phase, index) => ({ phase, at: 1000 + index * MINUTE }));
  const metric = { name: "errors", rules: { ...DEFAULTS, ...rules }, isDryRun: false, taken };
  return { startedAt: 1000, isEnding: false, metrics: [metric], ...changes };
}

describe("a run", () => {
  it.each<[string, Run, number | undefined]>([
    ["begins at once", run(""), 1000],
    ["begins after its delay", run("", { initialDelayMs: 5000 }), 6000],
    ["goes on after the interval", run("S", { intervalMs: MINUTE }), 1000 + MINUTE],
    ["asks again ten seconds after an error", run("SE", { intervalMs: MINUTE }), 1000 + MINUTE + 10_000],
    ["asks for nothing once it is decided", run("F", { intervalMs: MINUTE }), undefined],
    ["asks for nothing while a measurement runs", run("R", { intervalMs: MINUTE }), undefined],
    ["asks for nothing when it is ended", run("S", { intervalMs: MINUTE }, { isEnding: true }), undefined],
  ])("%s", (_, given, expected) => {
    expect(assess(given).due.map(({ at }) => at)).toEqual(expected === undefined ? [] : [expected]);
  });

  it("says what decided it", () => {
    expect(assess(run("FF", { intervalMs: MINUTE, failureLimit: 1 }))).toMatchObject({
      phase: "Failed",
      why: "errors: 2 failed, and at most 1 are allowed",
      hasEvidence: true,
    });
  });

  it("has no evidence where it was ended before anything was measured, though Argo calls it Successful", () => {
    expect(assess(run("", {}, { isEnding: true }))).toMatchObject({ phase: "Successful", hasEvidence: false });
  });

  it("ends its other metrics with the first that fails", () => {
    const [failing] = run("F", { intervalMs: MINUTE }).metrics;
    const [other] = run("S", { intervalMs: MINUTE }).metrics;
    if (failing === undefined || other === undefined) throw new Error("There are two.");
    const found = assess(run("", {}, { metrics: [failing, { ...other, name: "latency" }] }));
    expect(found).toMatchObject({ phase: "Failed", due: [] });
    expect(found.metrics.map(({ phase }) => phase)).toEqual(["Failed", "Successful"]);
    expect(
      assess(
        run(
          "",
          {},
          {
            metrics: [
              { ...failing, isDryRun: true },
              { ...other, name: "latency" },
            ],
          },
        ),
      ),
    ).toMatchObject({
      phase: "Running",
      due: [{ name: "latency" }],
    });
  });

  it("stays decided whatever is measured later, and asks for nothing more", () => {
    const rules = fc.record({
      count: fc.integer({ min: 0, max: 6 }),
      failureLimit: fc.integer({ min: 0, max: 3 }),
      consecutiveSuccessLimit: fc.integer({ min: 0, max: 3 }),
    });
    const letters = fc.string({ unit: fc.constantFrom("S", "F", "I", "E"), maxLength: 12 });
    fc.assert(
      fc.property(rules, letters, letters, (limits, before, after) => {
        const given = { ...limits, intervalMs: MINUTE };
        const found = assess(run(before, given));
        fc.pre(isCompleted(found.phase));
        expect(found.due).toEqual([]);
        expect(assess(run(before + after, given)).phase).toBe(found.phase);
        expect(tallyOf(phases(before)).count).toBeLessThanOrEqual(
          Math.max(before.length, wantedCount({ ...DEFAULTS, ...given })),
        );
      }),
    );
  });
});
