import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EvidenceKind } from "../../src/core/plan.ts";
import { read } from "../../src/core/reading.ts";
import { windowsOf } from "../../src/core/segments.ts";
import type { Member } from "../../src/core/snapshot.ts";
import { seenOf, stageOf, type Stage } from "../../src/core/stage.ts";
import type { Window } from "../../src/core/window.ts";
import { gateCheck, planCheck } from "../../src/render/check.ts";
import { titleOf } from "../../src/render/title.ts";
import {
  commit,
  HEAD,
  inFlight,
  landingOf,
  measured,
  member,
  MINUTE,
  NEW,
  podsOf,
  version,
  waiting,
  windows,
  workload,
  type WindowsOf,
} from "../support/member.ts";

const DELAY = 3;
const POLICY = { assumedAfterMs: DELAY * MINUTE } as const;

/** A member that is assumed to follow three minutes after step `index` landed, with so many minutes of windows since, without pods where nothing else is said. */
function run(index: number, count: number, seen: Partial<WindowsOf> = {}, evidence: EvidenceKind = "compare"): Member {
  const of = inFlight(index, { policy: { ...POLICY, evidence } });
  return { ...of, timeline: read(windows({ from: of.changedAt, count, ...seen })) };
}

const stageAfter = (of: Member, minutes: number): Stage => stageOf(of, of.changedAt + minutes * MINUTE, 0);

/** In what it is seen and since which minute, or why it is not. */
function told(of: Member): string {
  const seen = seenOf(of);
  if (seen.kind === "live") return `${seen.by} since ${(seen.since - of.changedAt) / MINUTE}`;
  return seen.kind === "unseen" ? seen.why.kind : seen.kind;
}

const SHARED = { canary: [500, 2], stable: [9500, 47] } as const;
const PODS = podsOf(inFlight(1));
const FEW: Window["pods"] = { ...PODS, canary: [{ image: NEW, ready: 1, total: 3 }] };

describe("a change that is assumed to be live", () => {
  it.each<readonly [string, Member, string]>([
    ["nothing shows it, too early", run(1, 3), "assuming"],
    ["nothing shows it", run(1, 4), "assumed since 3"],
    ["no window", run(1, 0), "noWindow"],
    ["the share shows it, the pods are not known", run(1, 8, SHARED), "assumed since 3"],
    ["the same, too early", run(1, 3, SHARED), "assuming"],
    ["the share shows that it has not come", run(1, 8, { canary: [0, 0], stable: [9500, 47] }), "share"],
    ["the share shows it, and the pods", run(1, 8, { ...SHARED, pods: PODS }), "share since 0"],
    ["the pods alone show it", run(1, 8, { pods: PODS }), "assumed since 3"],
    ["the pods show that it has not come", run(1, 8, { pods: FEW }), "pods"],
    ["warmed up, nothing known", run(0, 4), "assumed since 3"],
    ["warmed up, requests seen, no pods", run(0, 8, { canary: [0, 0], stable: [9500, 47] }), "assumed since 3"],
    ["warmed up, requests to the canary", run(0, 8, SHARED), "draining"],
    ["promoted, nothing known", run(4, 4), "assumed since 3"],
    ["drained, nothing known", run(5, 4), "assumed since 3"],
    ["drained, requests seen", run(5, 4, { canary: [0, 0], stable: [9500, 47], pods: PODS }), "quiet since 0"],
  ])("%s", (_, of, expected) => {
    expect(told(of)).toBe(expected);
  });

  it("is not where pods were known since it landed: they have got lost", () => {
    const of = run(1, 8, { ...SHARED, pods: PODS });
    const all = of.timeline.kind === "read" ? of.timeline.value : [];
    const lost = all.map((window, minute) => (minute < 4 ? window : { ...window, pods: {} }));
    expect(told({ ...of, timeline: read(lost) })).toBe("noPods");
  });

  it("never is without leave, nor before its time, whatever is known", () => {
    const some = fc.record({
      canary: fc.constantFrom(undefined, [0, 0] as const, [50, 0] as const),
      stable: fc.constantFrom(undefined, [950, 0] as const),
      pods: fc.constantFrom<Window["pods"]>({}, PODS, FEW),
    });
    fc.assert(
      fc.property(fc.array(some, { maxLength: 10 }), fc.integer({ min: 0, max: 5 }), (each, index) => {
        const of = run(index, 0);
        const seen = each.flatMap((window, minute) =>
          windows({ from: of.changedAt + minute * MINUTE, count: 1, ...window }),
        );
        const assumed = { ...of, timeline: read(seen) };
        const strict = { ...assumed, policy: { ...of.policy, assumedAfterMs: undefined } };
        const [lax, must] = [seenOf(assumed), seenOf(strict)];
        expect(must).not.toMatchObject({ by: "assumed" });
        if (must.kind === "live" && lax.kind === "live" && lax.by !== "assumed") expect(lax).toEqual(must);
        if (lax.kind === "live" && must.kind !== "live") {
          expect(lax.by).toBe("assumed");
          expect(lax.since).toBeGreaterThanOrEqual(of.changedAt + DELAY * MINUTE);
          expect(seen.length).toBeGreaterThan(DELAY);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("evidence for what is assumed to be live", () => {
  it("counts from then on: a window before it is the earlier step's", () => {
    const of = run(2, 0);
    const from = landingOf(1) - 5 * MINUTE;
    const all = windows({ from, count: 40 });
    const starts = (step: number) => windowsOf(of, step, all).map(({ start }) => (start - landingOf(1)) / MINUTE);
    expect([starts(1)[0], starts(1).at(-1)]).toEqual([DELAY, 20 + DELAY - 1]);
    expect(starts(2)[0]).toBe(20 + DELAY);
  });

  it.each<readonly [string, Member, number, Stage["kind"]]>([
    ["compared, as good as stable", run(1, 16, SHARED), 16, "passed"],
    ["compared, not baked yet", run(1, 12, SHARED), 12, "baking"],
    ["compared, failing", run(1, 8, { canary: [500, 60], stable: [9500, 47] }), 8, "failed"],
    ["compared, no request counted", run(1, 16), 16, "measuring"],
    ["by health, below the limit", run(1, 16, SHARED, "health"), 16, "passed"],
    ["by health, no request counted", run(1, 16, {}, "health"), 16, "measuring"],
    ["by bake, which configuration refuses: no pods, no pass", run(1, 16, {}, "bake"), 16, "measuring"],
  ])("%s", (_, of, minutes, expected) => {
    expect(stageAfter(of, minutes).kind).toBe(expected);
  });

  it("does not keep the way back from going on", () => {
    const aborting = { by: "gate", who: undefined, reason: "errors" } as const;
    const of = inFlight(1, { policy: POLICY, release: { aborting } });
    const lowered = { ...of, manifest: { ...of.manifest, weight: waiting().manifest.weight } };
    const seen = (count: number): Stage =>
      stageAfter({ ...lowered, timeline: read(windows({ from: of.changedAt, count })) }, count);
    expect(seen(3)).toMatchObject({ kind: "aborting", unseen: { kind: "assuming" } });
    expect(seen(4)).toMatchObject({ kind: "aborting", unseen: undefined });
  });
});

describe("an assumption is said", () => {
  it.each<readonly [string, Member, number, string]>([
    ["before", run(1, 2), 2, "Syncing: nothing shows the change; it is assumed to be live at 12:23 UTC"],
    [
      "baking",
      run(1, 12, SHARED),
      12,
      "Baking until 12:33 UTC; no regression so far (its pods are assumed, nothing shows them)",
    ],
    [
      "measuring",
      run(1, 16),
      16,
      "Waiting: the metrics have no samples of the canary in the last 2 windows (assumed live, nothing shows it)",
    ],
  ])("%s", (_, of, minutes, title) => {
    expect(titleOf(of, stageAfter(of, minutes))).toBe(title);
  });

  it("on the check of a step that passed", () => {
    const of = run(1, 16, SHARED);
    const check = gateCheck({
      kind: "reportGate",
      member: of,
      stage: stageAfter(of, 16),
      number: 4813,
      headSha: commit("e"),
    });
    expect(check.conclusion).toBe("success");
    expect(check.title).toContain("(its pods are assumed, nothing shows them)");
    expect(check.text).toContain(
      "Seen live since 12:23 UTC in the requests, of which 5% went to the canary; the pods are assumed: what nothing shows counts as live 3 min after it landed.",
    );
  });

  it("on the plan", () => {
    const of = member({ policy: POLICY });
    const to = { ...of.manifest, canary: workload("canary", version("1.43.0")) };
    const { summary } = planCheck({
      number: 4900,
      headSha: HEAD,
      labels: [],
      fromFork: false,
      trespasses: [],
      beyond: { besides: [], unsteered: [], unfollowed: [], doubtful: [], uncompared: undefined },
      reaches: [{ kind: "bump", member: of, to, ahead: [] }],
    });
    expect(summary).toContain(
      "Nothing need show that a change runs: what nothing shows counts as live 3 min after it landed.",
    );
  });

  it("but not where all is seen", () => {
    const of = measured(inFlight(1, { policy: POLICY }), { count: 16, ...SHARED });
    expect(titleOf(of, stageAfter(of, 16))).not.toContain("assumed");
  });
});
