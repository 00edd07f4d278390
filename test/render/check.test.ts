import fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import type { AnalysisRun } from "../../src/core/gate/analysis.ts";
import { image } from "../../src/core/image.ts";
import { read, unavailable } from "../../src/core/reading.ts";
import type { Member } from "../../src/core/snapshot.ts";
import { stageOf } from "../../src/core/stage.ts";
import { name } from "../../src/core/names.ts";
import { weight } from "../../src/core/weight.ts";
import type { NewCheck } from "../../src/ports/forge.ts";
import { fallCheck, gateCheck, LONGEST_TEXT, planCheck, refusalCheck, type Check } from "../../src/render/check.ts";
import { evidenceTable } from "../../src/render/evidence.ts";
import { recordOf, type GateRecord } from "../../src/render/record.ts";
import {
  commit,
  HEAD,
  inFlight,
  measured,
  MINUTE,
  podsOf,
  stepPull,
  waiting,
  windows,
  workload,
  type MemberChanges,
} from "../support/member.ts";

const HEADS = commit("e");

/** The report on a member so many minutes after its last landing. */
function reportOf(of: Member, minutes: number): Check {
  return gateCheck({ kind: "reportGate", member: of, stage: stageAfter(of, minutes), number: 4813, headSha: HEADS });
}

function stageAfter(of: Member, minutes: number) {
  return stageOf(of, of.changedAt + minutes * MINUTE, 0);
}

/** A member on its way, with as many whole windows as minutes have passed. */
function running(
  step: number,
  minutes: number,
  traffic: { readonly canary: readonly [number, number]; readonly stable: readonly [number, number] },
  changes: MemberChanges = {},
): Member {
  return measured(inFlight(step, changes), { count: minutes, ...traffic });
}

const GOOD = { canary: [400, 2], stable: [7600, 38] } as const;
const QUIET = { canary: [4, 0], stable: [76, 1] } as const;
const FEW = { canary: [5, 0], stable: [95, 0] } as const;
const HALF = { canary: [5000, 25], stable: [5000, 30] } as const;

const held = (): Member => {
  const of = running(1, 12, GOOD);
  const hold = {
    target: of.target,
    by: "ana",
    comment: 7,
    closed: undefined,
    at: undefined,
    reason: "waiting for @acme/qa | <b>now</b>",
  };
  const proposed = of.pull?.proposed;
  return { ...of, pull: stepPull({ proposed: proposed && { ...proposed, holds: [hold] } }) };
};

const LIMITS = { count: 5, failures: 1, inconclusive: 0, errorsInARow: 4, successesInARow: undefined };

/** A member that a template judges as well: a metric with so many failures, and a dry run whose provider has not answered. */
function judgedByTemplate(of: Member, failed: number): Member {
  const minutesIn = (minutes: number) => of.changedAt + minutes * MINUTE;
  const phase = failed > 1 ? "Failed" : "Successful";
  const settings = {
    name: "success-rate",
    template: "success-rate",
    files: ["analysis/"],
    args: { "service-name": "{canary}" },
    from: 0,
    runs: "step",
    metrics: undefined,
    checks: undefined,
    line: 7,
  } as const;
  const counts = { Successful: 5 - failed, Failed: failed, Inconclusive: 0, Error: 0, Blank: 1 };
  const run: AnalysisRun = {
    gate: "success-rate",
    template: "success-rate",
    runs: "step",
    startedAt: minutesIn(1),
    phase,
    why: failed > 1 ? `success: ${failed} failed, and at most 1 are allowed` : "every metric is within its limits",
    metrics: [
      {
        name: "success",
        phase,
        isDryRun: false,
        counts,
        limits: LIMITS,
        last: {
          at: minutesIn(4),
          outcome: failed > 1 ? "Failed" : "Successful",
          value: failed > 1 ? "[0.91]" : "[0.99]",
        },
        succeededAt: minutesIn(failed > 1 ? 2 : 4),
      },
      {
        name: "saturation | p99",
        phase: "Running",
        isDryRun: true,
        counts: { Successful: 1, Failed: 0, Inconclusive: 0, Error: 0, Blank: 0 },
        limits: { ...LIMITS, count: undefined, failures: 0 },
        last: { at: minutesIn(2), outcome: "Successful", value: "[0.4]" },
        succeededAt: minutesIn(2),
        open: { at: minutesIn(3), reason: "429 Too Many Requests" },
      },
    ],
  };
  return { ...of, policy: { ...of.policy, analyses: [settings] }, analyses: [run] };
}

const CASES: readonly (readonly [string, Check["conclusion"], () => Check])[] = [
  [
    "syncing-pods",
    undefined,
    () =>
      reportOf(
        {
          ...inFlight(0),
          timeline: read(
            windows({
              from: inFlight(0).changedAt,
              count: 2,
              canary: [0, 0],
              stable: [7600, 38],
              pods: { ...podsOf(inFlight(0)), canary: [] },
            }),
          ),
        },
        3,
      ),
  ],
  ["provider-down", undefined, () => reportOf(inFlight(1, { timeline: unavailable("connection refused") }), 3)],
  ["baking", undefined, () => reportOf(running(1, 4, GOOD), 4)],
  ["measuring", undefined, () => reportOf(running(1, 12, QUIET), 12)],
  ["undecided", "action_required", () => reportOf(running(1, 121, { canary: [1, 0], stable: [19, 0] }), 121)],
  ["passed", "success", () => reportOf(running(1, 12, GOOD), 12)],
  ["passed-swapped", "success", () => reportOf(running(4, 12, HALF), 12)],
  ["passed-health", "success", () => reportOf(running(0, 3, { canary: [0, 0], stable: [7600, 38] }), 3)],
  ["passed-by-health", "success", () => reportOf(running(1, 20, FEW, { policy: { evidence: "health" } }), 20)],
  [
    "passed-by-bake",
    "success",
    () => reportOf(measured(inFlight(1, { policy: { evidence: "bake" } }), { count: 12 }), 12),
  ],
  [
    "undecided-by-health",
    "action_required",
    () => reportOf(running(1, 121, { canary: [0, 0], stable: [1, 0] }, { policy: { evidence: "health" } }), 121),
  ],
  [
    "failed-by-bake",
    "failure",
    () => reportOf(running(1, 5, { canary: [10, 6], stable: [0, 0] }, { policy: { evidence: "bake" } }), 5),
  ],
  ["failed", "failure", () => reportOf(running(1, 5, { canary: [400, 20], stable: [7600, 38] }), 5)],
  ["passed-analysis", "success", () => reportOf(judgedByTemplate(running(1, 12, GOOD), 1), 12)],
  ["failed-analysis", "failure", () => reportOf(judgedByTemplate(running(1, 12, GOOD), 2), 12)],
  ["held", "action_required", () => reportOf(held(), 12)],
  ["diverged", "action_required", () => reportOf(running(1, 5, GOOD, { manifest: { weight: weight(7) } }), 5)],
];

describe("a share that is a little off", () => {
  const textOf = (canary: number) =>
    reportOf(running(1, 12, { canary: [canary, 0], stable: [10_000 - canary, 0] }), 12).text;

  it("is reported, and does not keep the change from being seen", () => {
    const apart = "of which 5.8% went to the canary, more off the committed 5% than chance explains.";
    expect(textOf(580)).toContain(`in the requests, ${apart}`);
    expect(textOf(580)).toContain('"deviates":true');
    expect(textOf(500)).toContain("in the requests, of which 5% went to the canary.");
    expect(textOf(500)).not.toContain("deviates");
  });
});

describe("the gate's check", () => {
  it.each(CASES)("%s", async (kind, conclusion, report) => {
    const { title, summary, text, conclusion: seen } = report();
    expect(seen).toBe(conclusion);
    const page = `# ${title}\n\n${seen ?? "in progress"}\n\n---\n\n${summary}\n\n---\n\n${text}\n`;
    await expect(page).toMatchFileSnapshot(`../golden/check/${kind}.md`);
  });

  it.each(CASES)(
    "%s begins with its sentence, has at most eight rows a gate before what is folded, and keeps GitHub's limits",
    (_, __, report) => {
      const { title, summary, text = "" } = report();
      expect(summary.startsWith("**")).toBe(true);
      const tables = summary.split("\n\n").map((block) => block.split("\n").filter((line) => line.startsWith("| ")));
      expect(Math.max(...tables.map(({ length }) => length))).toBeLessThanOrEqual(2 + 8);
      expect(Array.from(title).length).toBeLessThanOrEqual(255);
      expect(summary.length).toBeLessThanOrEqual(LONGEST_TEXT);
      expect(text.length).toBeLessThanOrEqual(LONGEST_TEXT);
      expect(`${title}${summary}`).not.toContain("!");
    },
  );

  it("keeps GitHub's limits with a timeline of months", () => {
    const months = running(1, 60 * 24 * 60, GOOD);
    const { summary, text = "" } = reportOf(months, 12);
    expect(summary.length).toBeLessThanOrEqual(LONGEST_TEXT);
    expect(text.length).toBeLessThanOrEqual(LONGEST_TEXT);
  });

  it("is what the forge takes", () => {
    expectTypeOf<Check>().toExtend<NewCheck>();
    expect(reportOf(running(1, 12, GOOD), 12)).toMatchObject({ name: "tidegate/gate", headSha: HEADS });
  });
});

/** What a machine reads back out of a check. */
function recordIn({ text = "" }: Check): GateRecord {
  const [, json = ""] = /```json\n([\s\S]*?)\n```/.exec(text) ?? [];
  return JSON.parse(json) as GateRecord;
}

describe("the record", () => {
  it.each(CASES)("%s: every number in the table is made from the record that a machine reads", (_, __, report) => {
    const check = report();
    expect(check.summary).toContain(evidenceTable(recordIn(check)));
  });

  it("names release, member, live weight, step, windows, verdict and blobs", () => {
    const check = reportOf(running(1, 12, GOOD), 12);
    expect(recordIn(check)).toMatchObject({
      version: 1,
      service: "checkout",
      target: "prod",
      release: {
        image: "registry.example.com/checkout:1.42.0",
        from: "registry.example.com/checkout:1.41.0",
        source: 4812,
      },
      head: HEADS,
      live: { weight: 5, canary: { replicas: 3 } },
      step: { index: 2, of: 7, kind: "shift", weight: 25 },
      stage: "passed",
      verdict: { kind: "pass" },
      windows: { from: "2026-11-20T12:20:00.000Z", to: "2026-11-20T12:32:00.000Z", count: 12, lengthMs: MINUTE },
      gates: [
        {
          gate: "errors",
          judgement: { counts: { canary: { requests: 4800, failed: 24 }, stable: { requests: 91_200, failed: 456 } } },
          rates: { canary: 0.005, stable: 0.005 },
        },
      ],
    });
  });

  it("is read back as it was, for any traffic", () => {
    const counts = fc
      .tuple(fc.nat({ max: 5000 }), fc.nat({ max: 50 }))
      .map(([good, failed]) => [good + failed, failed] as const);
    fc.assert(
      fc.property(
        fc.constantFrom(0, 1, 2, 3, 4, 5),
        fc.integer({ min: 1, max: 30 }),
        counts,
        counts,
        (step, minutes, canary, stable) => {
          const of = running(step, minutes, { canary, stable });
          const stage = stageAfter(of, minutes);
          const check = reportOf(of, minutes);
          expect(recordIn(check)).toEqual(JSON.parse(JSON.stringify(recordOf(of, stage, HEADS))));
          expect(check.summary).toContain(evidenceTable(recordIn(check)));
          // Lack of data is never a pass.
          if (check.conclusion === "success") expect(stable[0]).toBeGreaterThan(0);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("cannot be forged by what people write", () => {
    const check = reportOf(held(), 12);
    expect(check.text?.match(/```json/g)).toHaveLength(1);
    expect(check.summary).toContain("Held by ana: waiting for @\u2060acme/qa &#124; &lt;b&gt;now&lt;/b&gt;");
  });
});

describe("whether a report is written anew", () => {
  const measuring = (minutes: number) => reportOf(running(1, minutes, QUIET), minutes).externalId;

  it("not while its windows are of one group, whatever the counts", () => {
    expect(measuring(13)).toBe(measuring(14));
    expect(measuring(12)).not.toBe(measuring(16));
  });

  it("when the sentence says something else", () => {
    expect(reportOf(running(1, 11, GOOD), 9).externalId).not.toBe(reportOf(running(1, 11, GOOD), 11).externalId);
  });

  it("whenever a final one has other numbers", () => {
    const passed = (failed: number) => reportOf(running(1, 12, { canary: [400, 2], stable: [7600, failed] }), 12);
    expect(passed(38).externalId).toBe(passed(38).externalId);
    expect(passed(38).title).not.toBe("");
    expect(passed(38).externalId).not.toBe(passed(39).externalId);
  });
});

describe("the other checks", () => {
  const of = running(1, 5, { canary: [400, 20], stable: [7600, 38] });

  it("refuses with file and line", () => {
    const refusal = {
      service: "checkout",
      problems: [".tidegate/services/checkout.yaml:12: unknown key `bak`", "apps/checkout/route.yaml:3: no weight"],
      pulls: [],
    };
    const check = refusalCheck({ kind: "reportRefusal", refusal, headSha: HEAD });
    expect(check).toMatchObject({
      name: "tidegate/gate",
      conclusion: "action_required",
      title: "Cannot read checkout: .tidegate/services/checkout.yaml:12: unknown key `bak`",
    });
    expect(check.summary).toContain("- apps/checkout/route.yaml:3: no weight");
  });

  it("keeps the limits with any number of problems", () => {
    const refusal = {
      service: "checkout",
      problems: Array.from({ length: 5000 }, (_, at) => `${"x".repeat(500)}:${at}`),
      pulls: [],
    };
    const check = refusalCheck({ kind: "reportRefusal", refusal, headSha: HEAD });
    expect(check.title.length).toBeLessThanOrEqual(255);
    expect(check.summary.length).toBeLessThanOrEqual(LONGEST_TEXT);
    expect(check.summary).toContain("and 4950 more");
  });

  it("lets a way back pass", () => {
    const aborting = { by: "gate", who: undefined, reason: "the canary fails more requests than stable" } as const;
    const stage = stageAfter(of, 5);
    const check = fallCheck(
      of,
      { kind: "abort", aborting, verdict: stage.kind === "failed" ? stage.verdict : undefined },
      HEAD,
    );
    expect(check).toMatchObject({
      name: "tidegate/gate",
      conclusion: "success",
      title: "A way back needs no gate: checkout 5% → 0% · prod · abort of 1.42.0",
    });
    expect(check.summary).toContain(
      "The gate failed: the canary fails more requests than stable (canary errors 5% against 0.5%, ratio 10",
    );
  });

  it("plans a bump with other changes, and of other services too", async () => {
    const { manifest, ...rest } = waiting();
    const next = { ...manifest, canary: workload("canary", image("registry.example.com/checkout:1.43.0")) };
    const atRest = { ...rest, manifest: { ...manifest, canary: workload("canary", manifest.stable.image) } };
    const { title, summary } = planCheck({
      number: 4901,
      headSha: HEAD,
      labels: [],
      fromFork: false,
      trespasses: [],
      reaches: [{ kind: "bump", member: atRest, to: next, ahead: [] }],
      beyond: {
        besides: [
          {
            path: "apps/checkout/prod/canary.yaml",
            line: 9,
            what: "Deployment checkout-canary spec.revisionHistoryLimit",
          },
          {
            path: "apps/checkout/base/hpa.yaml",
            line: 12,
            what: "replicas: HorizontalPodAutoscaler checkout spec.maxReplicas",
          },
          { path: "apps/checkout/[#1](x).yaml", line: 1, what: "new: a new *file*" },
        ],
        unsteered: ["cart in prod", "search in prod"],
        unfollowed: [
          {
            path: "clusters/prod/apps.yaml",
            line: 3,
            what: "the Application checkout is synced by hand: it has no automated syncPolicy",
          },
        ],
        doubtful: [
          {
            path: "apps/checkout/base/hpa.yaml",
            line: 1,
            what: "the HorizontalPodAutoscaler checkout scales checkout-canary, whose replicas releases write: the two would undo each other; take the canary out of it",
          },
        ],
        uncompared: "12 more than is compared here",
      },
    });
    await expect(`# ${title}\n\n${summary}\n`).toMatchFileSnapshot("../golden/check/plan-beyond.md");
  });

  it("plans a bump", async () => {
    const { manifest, ...rest } = waiting();
    const next = { ...manifest, canary: workload("canary", image("registry.example.com/checkout:1.43.0")) };
    const atRest = { ...rest, manifest: { ...manifest, canary: workload("canary", manifest.stable.image) } };
    const check = planCheck({
      number: 4900,
      headSha: HEAD,
      labels: [],
      fromFork: false,
      trespasses: [],
      beyond: { besides: [], unsteered: [], unfollowed: [], doubtful: [], uncompared: undefined },
      reaches: [{ kind: "bump", member: atRest, to: next, ahead: [] }],
    });
    expect(check).toMatchObject({ name: "tidegate/plan", conclusion: "success" });
    expect(check.title).toBe("Merging starts checkout in prod, 1.41.0 → 1.43.0: 7 steps, about 56 min");
    await expect(`# ${check.title}\n\n${check.summary}\n\n---\n\n${check.text}\n`).toMatchFileSnapshot(
      "../golden/check/plan.md",
    );
    expect(name("prod")).toBe(atRest.target);
  });
});
