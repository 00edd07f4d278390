import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Sha } from "../../src/core/names.ts";
import type { EvidenceKind } from "../../src/core/plan.ts";
import { read, unavailable } from "../../src/core/reading.ts";
import { postedFor, reportOf, type Report, type Reported } from "../../src/core/report.ts";
import { name } from "../../src/core/names.ts";
import type { Member } from "../../src/core/snapshot.ts";
import { lacksReport, seenOf, stageOf } from "../../src/core/stage.ts";
import type { Window } from "../../src/core/window.ts";
import { gateCheck, planCheck } from "../../src/render/check.ts";
import { titleOf } from "../../src/render/title.ts";
import {
  BUMP,
  commit,
  HEAD,
  inFlight,
  member,
  MINUTE,
  OLD,
  podsOf,
  version,
  waiting,
  windows,
  workload,
} from "../support/member.ts";
import type { WindowsOf } from "../support/member.ts";
import { pod, rolloutInFlight, STEPS } from "../support/rollout-member.ts";

const [OLDEST, MIDDLE, NEWEST] = [commit("1"), commit("2"), commit("3")];
const CARRIERS: readonly Sha[] = [NEWEST, MIDDLE, OLDEST];
const REPORTS = { by: "acme-argocd[bot]", of: { kind: "status", label: "argocd/{service}" }, afterMs: 0 } as const;
const POLICY = { reports: REPORTS } as const;

const success = (of: Sha, at = 0): Report => ({ commit: of, at, outcome: "success" });
const failure = (of: Sha, at = 0): Report => ({ commit: of, at, outcome: "failure" });

describe("reports of a change", () => {
  it.each<readonly [string, readonly Report[], Report | undefined]>([
    ["none", [], undefined],
    ["a success", [success(MIDDLE)], success(MIDDLE)],
    ["the first of several successes", [success(NEWEST, 9), success(MIDDLE, 5)], success(MIDDLE, 5)],
    ["a success before a failure of what came later", [success(MIDDLE, 5), failure(NEWEST, 9)], success(MIDDLE, 5)],
    ["a success after a failure", [failure(OLDEST, 3), success(NEWEST, 9)], success(NEWEST, 9)],
    ["the newest commit's failure", [failure(OLDEST, 9), failure(MIDDLE, 5)], failure(MIDDLE, 5)],
    ["one of a commit that does not carry it", [success(commit("9"))], undefined],
  ])("come to %s", (_, reports, expected) => {
    expect(reportOf(reports, CARRIERS)).toEqual(expected);
  });

  it("are posted where the member's words stand in braces, and nothing else is read in them", () => {
    const place = { service: name("checkout"), target: name("prod"), namespace: name("shop") };
    const posted = (label: string) => postedFor({ ...REPORTS, of: { kind: "deployment", label } }, place).label;
    expect(posted("{target}/{service} of {namespace}")).toBe("prod/checkout of shop");
    expect(posted("kustomization/apps/1b2c3d4e")).toBe("kustomization/apps/1b2c3d4e");
    const literal = fc.string({ maxLength: 255 }).filter((text) => !/\{(?:service|target|namespace)\}/.test(text));
    fc.assert(
      fc.property(literal, (text) => {
        expect(posted(text)).toBe(text);
      }),
    );
  });
});

/** A member whose deliverer's word counts, step `index` landed, so many minutes ago, without pods where nothing else is said. */
function run(
  index: number,
  reported: Reported | undefined,
  seen: Partial<WindowsOf> = {},
  evidence: EvidenceKind = "compare",
): Member {
  const of = inFlight(index, { policy: { ...POLICY, evidence } });
  const timeline = read(windows({ from: of.changedAt, count: 8, ...seen }));
  return { ...of, timeline, ...(reported && { reported: told(reported, of) }) };
}

/** Reports in minutes since the change. */
function told(reported: Reported, { changedAt }: Member): Reported {
  if (reported.kind === "unavailable" || reported.value === undefined) return reported;
  return read({ ...reported.value, at: changedAt + reported.value.at * MINUTE });
}

function outcome(of: Member): string {
  const seen = seenOf(of);
  if (seen.kind === "live") return `${seen.by} since ${(seen.since - of.changedAt) / MINUTE}`;
  return seen.kind === "unseen" ? seen.why.kind : seen.kind;
}

const SHARED = { canary: [500, 2], stable: [9500, 47] } as const;
const PODS = podsOf(inFlight(1));
const YES = read(success(NEWEST, 3));
const NO = read(failure(NEWEST, 3));

describe("a change that nothing shows but the deliverer's word", () => {
  it.each<readonly [string, Member, string]>([
    ["not asked for yet", run(1, undefined), "unreported"],
    ["there is none", run(1, read(undefined)), "unreported"],
    ["nobody knows", run(1, unavailable("403 Resource not accessible by integration")), "unreported"],
    ["it failed", run(1, NO), "unreported"],
    ["it is there", run(1, YES), "reported since 3"],
    ["it is newer than the last window", run(1, read(success(NEWEST, 8))), "assuming"],
    ["it is there, and the share", run(1, YES, SHARED), "reported since 3"],
    ["it is there, and the share says otherwise", run(1, YES, { canary: [0, 0], stable: [9500, 47] }), "share"],
    ["all is seen, whatever it is", run(1, NO, { ...SHARED, pods: PODS }), "share since 0"],
    ["warmed up", run(0, YES), "reported since 3"],
    ["drained", run(5, YES), "reported since 3"],
  ])("%s: %#", (_, of, expected) => {
    expect(outcome(of)).toBe(expected);
  });

  it("counts as much later as is configured", () => {
    const late = (minutes: number) => {
      const of = run(1, YES);
      return { ...of, policy: { ...of.policy, reports: { ...REPORTS, afterMs: minutes * MINUTE } } };
    };
    expect([2, 5].map((minutes) => outcome(late(minutes)))).toEqual(["reported since 5", "assuming"]);
    expect(titleOf(late(5), stageOf(late(5), late(5).changedAt + 8 * MINUTE, 0))).toBe(
      "Syncing: acme-argocd[bot] has reported the change; it counts as live at 12:28 UTC",
    );
  });

  it("is asked for only where it is waited for", () => {
    const now = (of: Member) => of.changedAt + 8 * MINUTE;
    const lacks = (of: Member) => lacksReport(of, now(of));
    expect(lacks(run(1, undefined))).toBe(true);
    expect(lacks(run(1, undefined, { ...SHARED, pods: PODS }))).toBe(false);
    expect(lacks(run(1, undefined, { canary: [0, 0], stable: [9500, 47] }))).toBe(false);
    expect(lacks(inFlight(1))).toBe(false);
    const resting = member({ policy: POLICY, timeline: read(windows({ from: 0, count: 8 })) });
    expect(lacks(resting)).toBe(false);
    const before = waiting({ policy: POLICY });
    const bare = { ...before, timeline: read(windows({ from: before.changedAt, count: 8 })) };
    expect([lacks(bare), lacks({ ...bare, bump: BUMP })]).toEqual([true, true]);
  });

  it("does not keep the way back from going on", () => {
    const aborting = { by: "gate", who: undefined, reason: "errors" } as const;
    const of = { ...run(1, undefined), ...inFlight(1, { policy: POLICY, release: { aborting } }) };
    const lowered = { ...of, manifest: { ...of.manifest, weight: waiting().manifest.weight } };
    const timeline = read(windows({ from: of.changedAt, count: 8 }));
    const stage = (reported: Reported | undefined) =>
      stageOf({ ...lowered, timeline, reported: reported && told(reported, of) }, of.changedAt + 8 * MINUTE, 0);
    expect(stage(undefined)).toMatchObject({ kind: "aborting", unseen: { kind: "unreported" } });
    expect(stage(YES)).toMatchObject({ kind: "aborting", unseen: undefined });
  });

  it("never is live without a success, nor before it", () => {
    const some = fc.record({
      canary: fc.constantFrom(undefined, [0, 0] as const, [50, 0] as const),
      stable: fc.constantFrom(undefined, [950, 0] as const),
      pods: fc.constantFrom<Window["pods"]>({}, PODS),
    });
    const words = fc.constantFrom(undefined, read(undefined), unavailable("down"), NO, YES);
    fc.assert(
      fc.property(fc.array(some, { maxLength: 8 }), fc.integer({ min: 0, max: 5 }), words, (each, index, word) => {
        const of = run(index, word);
        const seen = each.flatMap((one, minute) => windows({ from: of.changedAt + minute * MINUTE, count: 1, ...one }));
        const lax = seenOf({ ...of, timeline: read(seen) });
        const must = seenOf({ ...of, timeline: read(seen), policy: { ...of.policy, reports: undefined } });
        if (must.kind === "live" && lax.kind === "live" && lax.by !== "reported") expect(lax).toEqual(must);
        if (lax.kind !== "live" || must.kind === "live") return;
        expect([lax.by, word]).toEqual(["reported", YES]);
        expect(lax.since).toBeGreaterThanOrEqual(of.changedAt + 3 * MINUTE);
      }),
      { numRuns: 500 },
    );
  });
});

describe("an Argo Rollout's deliverer", () => {
  const at = (index: number): Member => {
    const of = rolloutInFlight(index, { policy: { ...POLICY, evidence: "health" } });
    return { ...of, timeline: read(windows({ from: of.changedAt, count: 8 })), reported: told(YES, of) };
  };

  it("says that a weight was applied", () => {
    expect(outcome(at(1))).toBe("reported since 3");
  });

  it("does not say that the steps have run out: neither at promotion, nor on the way back from it", () => {
    const promoted = at(STEPS.findIndex(({ kind }) => kind === "promote"));
    expect(outcome(promoted)).toBe("noPods");
    const alike = { ...promoted, at: { ...promoted.at, stable: promoted.manifest.canary.image } };
    expect(outcome({ ...alike, manifest: { ...alike.manifest, ratio: { replicas: 10, surge: 0 } } })).toBe("alike");
    const aborting = { by: "person", who: "ana", reason: "asked by ana" } as const;
    const back = rolloutInFlight(promoted.at.release?.step ?? 0, {
      policy: { ...POLICY, evidence: "health" },
      release: { aborting },
    });
    const restored = {
      ...back,
      manifest: { ...back.manifest, canary: pod(OLD), stable: pod(OLD) },
      reported: told(YES, back),
    };
    const stage = (minutes: number) => {
      const timeline = read(windows({ from: back.changedAt, count: minutes }));
      return stageOf({ ...restored, timeline }, back.changedAt + minutes * MINUTE, 0);
    };
    expect(stage(8)).toMatchObject({ kind: "aborting", unseen: { kind: "assuming" } });
    expect(stage(125)).toMatchObject({ kind: "aborting", unseen: undefined });
  });
});

describe("the deliverer's word is said", () => {
  const stage = (of: Member) => stageOf(of, of.changedAt + 8 * MINUTE, 0);

  it.each<readonly [string, Member, string]>([
    [
      "while it is missing",
      run(1, read(undefined)),
      "Syncing: nothing shows the change, and acme-argocd[bot] has not reported it (status argocd/checkout)",
    ],
    [
      "where it is a failure",
      run(1, NO),
      "Syncing: acme-argocd[bot] reports failure for 3333333333 at 12:23 UTC (status argocd/checkout)",
    ],
    [
      "where GitHub does not tell it",
      run(1, unavailable("403 Resource not accessible by integration.")),
      "Syncing: GitHub does not tell what acme-argocd[bot] reports (403 Resource not accessible by integration)",
    ],
    [
      "where it is all there is",
      run(1, YES),
      "Baking until 12:33 UTC; the metrics have no samples of the canary in the last 2 windows (reported live, the metrics do not show it)",
    ],
    [
      "where there is a share beside it",
      run(1, YES, SHARED),
      "Baking until 12:33 UTC; no regression so far (its pods are reported, the metrics do not show them)",
    ],
  ])("%s", (_, of, title) => {
    expect(titleOf(of, stage(of))).toBe(title);
  });

  it("on the check, with the commit and the time", () => {
    const of = run(1, YES, SHARED);
    const { text } = gateCheck({
      kind: "reportGate",
      member: of,
      stage: stage(of),
      number: 4813,
      headSha: commit("e"),
    });
    expect(text).toContain(
      "Seen live since 12:23 UTC in the requests, of which 5% went to the canary; the pods are reported by acme-argocd[bot]: success for 3333333333 at 12:23 UTC (status argocd/checkout).",
    );
    expect(text).toContain(`"report":{"commit":"${NEWEST}","at":"2026-11-20T12:23:00.000Z","outcome":"success"}`);
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
      "Where the metrics do not show whether a change runs, what acme-argocd[bot] reports counts",
    );
  });
});
