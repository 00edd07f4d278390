import fc from "fast-check";
import { expect, it } from "vitest";
import { assess } from "../../src/analysis/assessment.ts";
import { DEFAULTS, type Rules } from "../../src/analysis/assess.ts";
import { begun, followed, runOf, type Trail } from "../../src/analysis/trail.ts";
import { analysisVerdict, type AnalysisRun, type Outcome } from "../../src/core/gate/analysis.ts";

const LETTERS: Readonly<Record<string, Outcome>> = {
  S: "Successful",
  F: "Failed",
  I: "Inconclusive",
  E: "Error",
  B: "Blank",
};
const MINUTE = 60_000;
const BEGIN = 1_000_000;

/** The trail of measurements taken whenever one was due, as letters; what comes after the end is not asked. */
function walked(rules: Rules, letters: string): Trail {
  let trail = begun(rules, BEGIN);
  for (const letter of letters) {
    if (trail.next === undefined) return trail;
    trail = followed(rules, trail, { at: trail.next, outcome: LETTERS[letter] ?? "Blank", value: letter });
  }
  return trail;
}

function run(
  rules: Partial<Rules>,
  letters: string,
  more: Partial<AnalysisRun> & { readonly isDryRun?: boolean } = {},
) {
  const { isDryRun = false, ...about } = more;
  const all = { ...DEFAULTS, ...rules };
  const metric = { name: "success", isDryRun, rules: all, trail: walked(all, letters) };
  return { ...runOf({ gate: "rate", template: "rate", runs: "step", startedAt: BEGIN }, [metric]), ...about };
}

const EVERY_MINUTE = { intervalMs: MINUTE };

it.each<[string, Partial<Rules>, string, number | undefined]>([
  ["after the initial delay", { ...EVERY_MINUTE, initialDelayMs: 5 * MINUTE }, "", 5 * MINUTE],
  ["an interval after the last", EVERY_MINUTE, "SS", 2 * MINUTE],
  ["ten seconds after an error", EVERY_MINUTE, "SE", MINUTE + 10_000],
  ["an interval after a blank", EVERY_MINUTE, "SB", 2 * MINUTE],
  ["ten seconds after a blank where there is no interval", {}, "B", 10_000],
  ["never again once the count is reached", { ...EVERY_MINUTE, count: 2 }, "SS", undefined],
  ["never again once it has failed", EVERY_MINUTE, "F", undefined],
  ["blanks do not count", { ...EVERY_MINUTE, count: 2 }, "SBB", 3 * MINUTE],
])("a metric is measured %s", (_, rules, letters, after) => {
  const { next } = walked({ ...DEFAULTS, ...rules }, letters);
  expect(next === undefined ? undefined : next - BEGIN).toBe(after);
});

it.each<[string, Partial<Rules>, string, string]>([
  ["passes as long as it is within its limits, without a count", EVERY_MINUTE, "SS", "pass"],
  ["waits for its count", { ...EVERY_MINUTE, count: 3 }, "SS", "wait unfinished"],
  ["passes at its count", { ...EVERY_MINUTE, count: 3 }, "SSS", "pass"],
  ["fails past the failureLimit", { ...EVERY_MINUTE, failureLimit: 1 }, "SFF", "block"],
  ["tolerates as many as the limit says", { ...EVERY_MINUTE, failureLimit: 1 }, "SFS", "pass"],
  ["waits for a person where it is inconclusive", EVERY_MINUTE, "SI", "wait inconclusive"],
  ["fails after errors in a row on answers that hold data", EVERY_MINUTE, "SEEEEE", "block"],
  ["goes on after fewer", EVERY_MINUTE, "SEEEES", "pass"],
  ["waits while the last answer is an error", EVERY_MINUTE, "SSE", "wait noEvidence"],
  ["waits while the last answer is blank", EVERY_MINUTE, "SSB", "wait noEvidence"],
  ["waits while nothing was measured", EVERY_MINUTE, "", "wait noEvidence"],
  ["waits while answers are blank, however many", EVERY_MINUTE, "BBBBBBBBBB", "wait noEvidence"],
  [
    "waits where Argo would pass on failures that are tolerated alone",
    { ...EVERY_MINUTE, count: 2, failureLimit: 2 },
    "FF",
    "wait noEvidence",
  ],
  [
    "waits for successes in a row",
    { ...EVERY_MINUTE, consecutiveSuccessLimit: 3, failureLimit: -1 },
    "SFSS",
    "wait unfinished",
  ],
])("a run %s", (_, rules, letters, expected) => {
  const verdict = analysisVerdict(run(rules, letters), BEGIN);
  expect(verdict.kind === "wait" ? `wait ${verdict.reason.kind}` : verdict.kind).toBe(expected);
});

it("judges nothing by dry runs, and waits while it has not begun", () => {
  expect(analysisVerdict(run(EVERY_MINUTE, "F", { isDryRun: true }), BEGIN).kind).toBe("stands");
  expect(analysisVerdict(run(EVERY_MINUTE, "", { startedAt: undefined }), undefined)).toEqual({
    kind: "wait",
    reason: { kind: "notBegun" },
  });
});

it("beside a release needs a measurement under the weight that is live, and no end", () => {
  const beside = run({ ...EVERY_MINUTE, count: 9 }, "SS", { runs: "release" });
  expect(analysisVerdict(beside, BEGIN).kind).toBe("pass");
  expect(analysisVerdict(beside, BEGIN + 10 * MINUTE)).toMatchObject({ kind: "wait", reason: { kind: "noEvidence" } });
});

it.each<[string, Partial<Rules>, string, string]>([
  ["waits on a failure alone under this weight, however tolerated", { failureLimit: 3 }, "SSF", "wait noEvidence"],
  ["passes on a success after it", { failureLimit: 3 }, "SSFS", "pass"],
  ["passes on a failure after a success", { failureLimit: 3 }, "SSSF", "pass"],
  ["has no say once it was over before this weight", { count: 2 }, "SS", "stands"],
  ["passes where it came to its end under this weight", { count: 3 }, "SSS", "pass"],
])("beside a release, at its second weight after two minutes, a run %s", (_, rules, letters, expected) => {
  const beside = run({ ...EVERY_MINUTE, ...rules }, letters, { runs: "release" });
  const verdict = analysisVerdict(beside, BEGIN + 2 * MINUTE);
  expect(verdict.kind === "wait" ? `wait ${verdict.reason.kind}` : verdict.kind).toBe(expected);
});

it("records a failure without numbers, so that it stays the same failure", () => {
  const verdict = analysisVerdict(run({ ...EVERY_MINUTE, failureLimit: 2 }, "FFF"), BEGIN);
  expect(verdict).toEqual({ kind: "block", reason: "the analysis rate found that success failed" });
});

const rulesOf = fc.record({
  count: fc.integer({ min: 0, max: 6 }),
  intervalMs: fc.constant(MINUTE),
  initialDelayMs: fc.integer({ min: 0, max: MINUTE }),
  failureLimit: fc.integer({ min: -1, max: 3 }),
  inconclusiveLimit: fc.integer({ min: 0, max: 2 }),
  consecutiveErrorLimit: fc.integer({ min: 0, max: 4 }),
  consecutiveSuccessLimit: fc.integer({ min: 0, max: 3 }),
});
const letters = (of: string) =>
  fc.array(fc.constantFrom(...of.split("")), { maxLength: 12 }).map((all) => all.join(""));

it("is assessed as Argo's assessor does, whatever was measured", () => {
  fc.assert(
    fc.property(rulesOf, letters("SFIE"), (rules, measured) => {
      const taken = Array.from(measured, (letter) => ({ phase: LETTERS[letter] as "Failed", at: 0 }));
      const argo = assess({
        startedAt: 0,
        isEnding: false,
        metrics: [{ name: "success", rules, isDryRun: false, taken }],
      });
      expect(run(rules, measured)).toMatchObject({ phase: argo.phase, why: argo.why });
    }),
  );
});

it("never passes without a success, whatever is missing, late or wrong", () => {
  fc.assert(
    fc.property(
      rulesOf,
      letters("FIEB"),
      fc.constantFrom("step" as const, "release" as const),
      (rules, measured, runs) => {
        expect(analysisVerdict(run(rules, measured, { runs }), BEGIN).kind).not.toBe("pass");
      },
    ),
  );
});

it("passes at a weight only with a success measured under it", () => {
  const minutes = fc.integer({ min: 0, max: 12 });
  fc.assert(
    fc.property(rulesOf, letters("SFIEB"), minutes, (rules, measured, minute) => {
      const beside = run(rules, measured, { runs: "release" });
      const since = BEGIN + minute * MINUTE;
      const times: number[] = [];
      let trail = begun({ ...DEFAULTS, ...rules }, BEGIN);
      for (const letter of measured) {
        if (trail.next === undefined) break;
        if (letter === "S") times.push(trail.next);
        trail = followed({ ...DEFAULTS, ...rules }, trail, {
          at: trail.next,
          outcome: LETTERS[letter] ?? "Blank",
          value: "",
        });
      }
      const isLeft = analysisVerdict(beside, since).kind !== "pass" || times.some((at) => at >= since);
      expect(isLeft).toBe(true);
    }),
  );
});

it("never passes on a last answer that was none, whatever was good before", () => {
  fc.assert(
    fc.property(
      rulesOf,
      letters("SFIEB"),
      fc.constantFrom("E", "B"),
      fc.constantFrom("step" as const, "release" as const),
      (rules, before, last, runs) => {
        const { metrics } = run(rules, before, { runs });
        fc.pre(metrics.every(({ phase }) => phase === "Running" || phase === "Pending"));
        expect(analysisVerdict(run(rules, before + last, { runs }), BEGIN).kind).not.toBe("pass");
      },
    ),
  );
});
