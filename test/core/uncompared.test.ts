import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planOf, type EvidenceKind } from "../../src/core/plan.ts";
import { read, unavailable } from "../../src/core/reading.ts";
import type { Member } from "../../src/core/snapshot.ts";
import { seenOf, stageOf, type Stage } from "../../src/core/stage.ts";
import type { Skip } from "../../src/core/state.ts";
import { weight } from "../../src/core/weight.ts";
import type { Window } from "../../src/core/window.ts";
import { gateCheck } from "../../src/render/check.ts";
import { missingList } from "../../src/render/missing.ts";
import { titleOf } from "../../src/render/title.ts";
import {
  commit,
  inFlight,
  landingOf,
  measured,
  MINUTE,
  NEW,
  OLD,
  podsOf,
  POLICY,
  waiting,
  windows,
  workload,
  type MemberChanges,
  type TrafficOf,
} from "../support/member.ts";

const SKIP: Skip = { gate: "errors", by: "ana", comment: 7, reason: "the provider is being moved" };
const BAKE = 10;

/** A member whose step `index` has landed, with so many minutes of windows since. */
function run(evidence: EvidenceKind, index: number, count: number, changes: Partial<Changes> = {}): Member {
  const { canary, stable, at, ...rest } = changes;
  const of = inFlight(index, { policy: { evidence }, ...rest });
  const seen = windows({ from: of.changedAt, count, pods: podsOf(of), canary, stable });
  return { ...of, timeline: read(seen.map((window, minute) => at?.(window, minute, of) ?? window).filter(isThere)) };
}

type Changes = {
  readonly canary: TrafficOf;
  readonly stable: TrafficOf;
  /** What a minute's window is in its place: undefined as it is, `gone` where the provider left it out. */
  readonly at: (window: Window, minute: number, of: Member) => Window | "gone" | undefined;
  readonly release: Parameters<typeof inFlight>[1] extends (infer Of) | undefined
    ? Of extends { readonly release?: infer Release }
      ? Release
      : never
    : never;
} & MemberChanges;

function isThere(window: Window | "gone"): window is Window {
  return window !== "gone";
}

function stageAfter(of: Member, minutes: number): Stage {
  return stageOf(of, of.changedAt + minutes * MINUTE, 0);
}

/** A stage's kind, and what it waits for or ends with. */
function told(of: Member, minutes: number): string {
  const stage = stageAfter(of, minutes);
  if (stage.kind === "syncing") return `syncing ${stage.why.kind}`;
  if (stage.kind === "baking") return `baking until ${(stage.until - of.changedAt) / MINUTE}`;
  if (stage.kind === "failed") return `failed: ${stage.aborting.reason}`;
  return stage.kind;
}

const few = (window: Window): Window => ({
  ...window,
  pods: { ...window.pods, canary: [{ image: NEW, ready: 1, total: 3 }] },
});
const blind = (window: Window): Window => ({ ...window, pods: {} });
const other = (window: Window): Window => ({
  ...window,
  pods: { ...window.pods, canary: [{ image: OLD, ready: 3, total: 3 }] },
});

describe("evidence bake", () => {
  it.each<readonly [string, Member, number, string]>([
    ["pods ready for the bake time, no sample of a request", run("bake", 1, 12), 12, "passed"],
    [
      "and requests counted, none of them the canary's",
      run("bake", 1, 12, { stable: [900, 1], canary: [0, 0] }),
      12,
      "passed",
    ],
    ["a bake that is not over", run("bake", 1, 4), 4, `baking until ${BAKE}`],
    ["a bake whose last windows are not read yet", run("bake", 1, 8), 11, "measuring"],
    ["no window", run("bake", 1, 0), 12, "syncing noWindow"],
    ["nothing known of the pods", run("bake", 1, 12, { at: blind }), 12, "syncing noPods"],
    ["pods of another version", run("bake", 1, 12, { at: other }), 12, "syncing pods"],
    ["too few pods", run("bake", 1, 12, { at: few }), 12, "syncing pods"],
    ["the provider down", { ...run("bake", 1, 0), timeline: unavailable("refused") }, 12, "syncing providerDown"],
    [
      "a window in which fewer were ready",
      run("bake", 1, 12, { at: (window, minute) => (minute === 5 ? few(window) : undefined) }),
      12,
      "baking until 16",
    ],
    [
      "a window in which nothing is known of them",
      run("bake", 1, 12, { at: (window, minute) => (minute === 5 ? blind(window) : undefined) }),
      12,
      "baking until 16",
    ],
    [
      "a window that is missing",
      run("bake", 1, 12, { at: (_, minute) => (minute === 5 ? "gone" : undefined) }),
      12,
      "baking until 16",
    ],
    [
      "fewer ready a while ago",
      run("bake", 1, 17, { at: (window, minute) => (minute === 5 ? few(window) : undefined) }),
      17,
      "passed",
    ],
    [
      "a canary that fails what requests it gets",
      run("bake", 1, 4, { canary: [20, 10] }),
      4,
      "failed: the canary fails more requests than is healthy",
    ],
    [
      "the same before its pods are ready",
      run("bake", 1, 4, { canary: [20, 10], at: few }),
      4,
      "failed: the canary fails more requests than is healthy",
    ],
    [
      "one request, which failed",
      run("bake", 1, 12, { canary: (minute) => (minute === 3 ? [1, 1] : [0, 0]) }),
      12,
      "measuring",
    ],
    [
      "one failed request among many",
      run("bake", 1, 12, { canary: (minute) => [20, minute === 3 ? 1 : 0] }),
      12,
      "passed",
    ],
    ["errors left out by a person", run("bake", 1, 12, { canary: [20, 10], release: { skips: [SKIP] } }), 12, "passed"],
    ["errors left out, and pods not as long ready", run("bake", 1, 8, { release: { skips: [SKIP] } }), 11, "measuring"],
    [
      "errors that are above the limit left out, and pods not as long ready",
      run("bake", 1, 8, { canary: [20, 10], release: { skips: [SKIP] } }),
      11,
      "measuring",
    ],
  ])("between two weights: %s", (_, of, minutes, expected) => {
    expect(told(of, minutes)).toBe(expected);
  });

  it.each<readonly [string, Member, number, string]>([
    ["a bump that has landed", measured(waiting({ policy: { evidence: "bake" } }), { count: 3 }), 3, "passed"],
    [
      "a bump that has landed, nothing known of the pods",
      measured(waiting({ policy: { evidence: "bake" } }), { count: 3, pods: {} }),
      3,
      "syncing noPods",
    ],
    ["the canary warm, no sample of a request", run("bake", 0, 3), 3, "passed"],
    [
      "the canary warm, stable without a ready pod",
      run("bake", 0, 3, { at: (window) => ({ ...window, pods: { ...window.pods, stable: [] } }) }),
      3,
      "measuring",
    ],
    ["the canary warm, stable failing", run("bake", 0, 3, { stable: [100, 50], canary: [0, 0] }), 3, "measuring"],
    ["promoted", run("bake", 4, 12), 12, "passed"],
    [
      "promoted, stable without pods, as git has it",
      run("bake", 4, 12, { manifest: { stable: workload("stable", NEW, 0) } }),
      12,
      "measuring",
    ],
    [
      "promoted, stable's pods rolling",
      run("bake", 4, 12, {
        at: (window, minute) =>
          minute < 6
            ? { ...window, pods: { ...window.pods, stable: [{ image: OLD, ready: 10, total: 10 }] } }
            : undefined,
      }),
      12,
      "baking until 16",
    ],
    [
      "promoted, stable failing",
      run("bake", 4, 5, { stable: [100, 50] }),
      5,
      "failed: stable fails more requests on the new version than is healthy",
    ],
    ["drained, no sample of a request", run("bake", 5, 3), 3, "passed"],
    ["drained, a request to the canary", run("bake", 5, 3, { canary: [1, 0], stable: [9, 0] }), 3, "syncing draining"],
    ["drained, nothing known of the pods", run("bake", 5, 3, { at: blind }), 3, "syncing noPods"],
    ["drained, one window", run("bake", 5, 1), 1, "syncing noWindow"],
  ])("%s", (_, of, minutes, expected) => {
    expect(told(of, minutes)).toBe(expected);
  });

  it("gives the image back at weight 0 although no request is counted", () => {
    const aborting = { by: "gate", who: undefined, reason: "errors" } as const;
    const of = run("bake", 2, 3, { release: { aborting }, at: blind });
    const lowered = { ...of, at: { ...of.at, weight: weight(0) }, manifest: { ...of.manifest, weight: weight(0) } };
    const known = { ...lowered, timeline: run("bake", 2, 3).timeline };
    expect(stageAfter(lowered, 3)).toMatchObject({ kind: "aborting", unseen: { kind: "noPods" } });
    expect(stageAfter(known, 3)).toMatchObject({ kind: "aborting", unseen: undefined });
  });

  /** Minutes of some kind: as wanted, fewer ready, another version, unknown, left out. */
  const LETTERS = "wwwwwwwwwwfoug";
  const AS: Readonly<Record<string, (window: Window) => Window | "gone">> = {
    w: (window) => window,
    f: few,
    o: other,
    u: blind,
    g: () => "gone",
  };

  it.each<EvidenceKind>(["bake", "health"])(
    "passes only what was ready without a break for the bake time (%s)",
    (evidence) => {
      const letters = fc.string({ unit: fc.constantFrom(...Array.from(LETTERS)), maxLength: 30 });
      const traffic = fc.constantFrom<TrafficOf>(undefined, [0, 0], [3, 0], [50, 0], [500, 2]);
      fc.assert(
        fc.property(letters, traffic, fc.integer({ min: 1, max: 4 }), (said, canary, index) => {
          const of = run(evidence, index, said.length, {
            canary,
            stable: [500, 2],
            at: (window, minute) => AS[said.charAt(minute)]?.(window),
          });
          const stage = stageAfter(of, 200);
          const isBaked = new RegExp(`w{${BAKE},}$`).test(said);
          if (evidence === "bake") expect(stage.kind === "passed").toBe(isBaked);
          else expect(stage.kind === "passed" && !isBaked).toBe(false);
        }),
        { numRuns: 500 },
      );
    },
  );
});

const HEALTHY = [400, 4] as const;

describe("evidence health", () => {
  it.each<readonly [string, Member, number, string]>([
    [
      "proven below the limit, in the share that is committed",
      run("health", 1, 12, { canary: HEALTHY, stable: [7600, 0] }),
      12,
      "passed",
    ],
    ["the same without any sample of stable", run("health", 1, 12, { canary: HEALTHY }), 12, "passed"],
    ["few requests, enough to prove it", run("health", 1, 20, { canary: [5, 0], stable: [95, 0] }), 20, "passed"],
    ["too few requests to prove it", run("health", 1, 12, { canary: [1, 0], stable: [19, 0] }), 12, "measuring"],
    [
      "worse than stable, and below the limit",
      run("health", 1, 12, { canary: [400, 8], stable: [7600, 1] }),
      12,
      "passed",
    ],
    [
      "above the limit",
      run("health", 1, 4, { canary: [400, 60], stable: [7600, 1] }),
      4,
      "failed: the canary fails more requests than is healthy",
    ],
    ["just above the limit", run("health", 1, 12, { canary: [50, 3], stable: [950, 1] }), 12, "measuring"],
    ["no sample of the canary", run("health", 1, 12, { stable: [100, 1] }), 12, "measuring"],
    [
      "no request to the canary, where requests tell the share",
      run("health", 1, 12, { canary: [0, 0], stable: [1000, 1] }),
      12,
      "syncing share",
    ],
    [
      "no request to the canary, and few to stable",
      run("health", 1, 12, { canary: [0, 0], stable: [100, 1] }),
      12,
      "measuring",
    ],
    [
      "nothing known of the pods",
      run("health", 1, 12, { canary: HEALTHY, stable: [7600, 0], at: blind }),
      12,
      "syncing noPods",
    ],
    [
      "fewer pods ready for a while",
      run("health", 1, 12, {
        canary: HEALTHY,
        stable: [7600, 0],
        at: (window, minute) => (minute === 5 ? few(window) : undefined),
      }),
      12,
      "baking until 16",
    ],
    [
      "errors left out by a person",
      run("health", 1, 12, { canary: [0, 0], stable: [9, 0], release: { skips: [SKIP] } }),
      12,
      "passed",
    ],
    [
      "promoted, stable proven below the limit",
      run("health", 4, 12, { canary: [50, 0], stable: [50, 0] }),
      12,
      "passed",
    ],
    [
      "promoted, too few requests to prove it",
      run("health", 4, 12, { canary: [2, 0], stable: [2, 0] }),
      12,
      "measuring",
    ],
    [
      "promoted, stable failing",
      run("health", 4, 4, { canary: [50, 0], stable: [50, 25] }),
      4,
      "failed: stable fails more requests on the new version than is healthy",
    ],
    ["the canary warm, stable healthy", run("health", 0, 3, { canary: [0, 0], stable: [50, 0] }), 3, "passed"],
    ["the canary warm, no request to stable", run("health", 0, 3, { canary: [0, 0], stable: [0, 0] }), 3, "measuring"],
  ])("%s", (_, of, minutes, expected) => {
    expect(told(of, minutes)).toBe(expected);
  });

  it("judges each step by its own requests: good ones before outweigh no bad ones", () => {
    const good = windows({ from: landingOf(1), count: 20, canary: [5000, 5], stable: [95000, 95] });
    const of = run("health", 2, 3, { canary: [100, 40], stable: [300, 1] });
    const since = of.timeline.kind === "read" ? of.timeline.value : [];
    expect(told({ ...of, timeline: read([...good, ...since]) }, 3)).toContain("failed");
  });

  it("says in what a change was seen", () => {
    const by = (of: Member) => {
      const seen = seenOf(of);
      return seen.kind === "live" ? seen.by : seen.kind;
    };
    expect(by(run("health", 1, 12, { canary: HEALTHY, stable: [7600, 0] }))).toBe("share");
    expect(by(run("health", 1, 3, { canary: [5, 0], stable: [95, 0] }))).toBe("pods");
    expect(by(run("bake", 1, 3, { canary: HEALTHY, stable: [7600, 0] }))).toBe("pods");
    expect(by(run("bake", 5, 3))).toBe("pods");
    expect(by(run("bake", 5, 3, { canary: [0, 0], stable: [95, 0] }))).toBe("quiet");
  });
});

describe("the words of what is not compared", () => {
  it.each<readonly [string, Member, number, string]>([
    [
      "bake, passed",
      run("bake", 1, 12),
      12,
      "Passed: bake: 3 of 3 canary pods of 1.42.0 ready for 12 min, no requests compared",
    ],
    ["bake, baking", run("bake", 1, 4), 4, "Baking until 12:30 UTC; 3 of 3 canary pods of 1.42.0 ready for 4 min"],
    ["bake, unread", run("bake", 1, 8), 11, "Waiting: 3 of 3 canary pods of 1.42.0 ready for 8 min"],
    [
      "bake, no stable",
      run("bake", 0, 3, { at: (window) => ({ ...window, pods: { ...window.pods, stable: [] } }) }),
      3,
      "Waiting: 0 of 1 stable pods of 1.41.0 ready",
    ],
    [
      "bake, leaning",
      run("bake", 1, 12, { canary: (minute) => (minute === 3 ? [1, 1] : [0, 0]) }),
      12,
      "Waiting: canary fails 100% of its requests, 5% is the limit",
    ],
    [
      "bake, failed",
      run("bake", 1, 4, { canary: [20, 10] }),
      4,
      "Failed: canary errors 50% on 1.42.0, 5% is the limit; taking 1.42.0 back",
    ],
    [
      "health, passed",
      run("health", 1, 12, { canary: HEALTHY, stable: [7600, 0] }),
      12,
      "Passed: health: canary errors 1% on 1.42.0, 5% is the limit; 3 of 3 canary pods of 1.42.0 ready for 12 min, not compared with stable",
    ],
    [
      "health, baking",
      run("health", 1, 4, { canary: HEALTHY, stable: [7600, 0] }),
      4,
      "Baking until 12:30 UTC; errors are below the limit so far",
    ],
    [
      "health, too little",
      run("health", 1, 12, { canary: [1, 0], stable: [19, 0] }),
      12,
      "Waiting: 63 more canary requests, about 63 min at this traffic",
    ],
    [
      "health, undecided",
      run("health", 1, 121, { canary: (minute) => [minute % 2, 0], stable: [19, 0] }),
      121,
      "Undecided by 14:20 UTC: cannot be decided by errors at this traffic; 15 more canary requests, about 30 min at this traffic",
    ],
  ])("%s", (_, of, minutes, title) => {
    expect(titleOf(of, stageAfter(of, minutes))).toBe(title);
  });

  it("says on the check what is not proven, and on the plan what is asked", () => {
    for (const evidence of ["bake", "health"] as const) {
      const of = run(evidence, 1, 12, { canary: HEALTHY, stable: [7600, 0] });
      const check = gateCheck({
        kind: "reportGate",
        member: of,
        stage: stageAfter(of, 12),
        number: 4813,
        headSha: commit("e"),
      });
      expect(check.conclusion).toBe("success");
      expect(check.summary).toContain(`This target is judged by ${evidence}: `);
      expect(check.text).toContain(`"evidence": "${evidence}"`);
      expect(check.text).toContain("stay ready");
      expect(check.text).not.toContain("no more requests than stable");
      const baking = stageAfter(inFlight(1, { policy: { evidence } }), 1);
      expect(missingList(of, baking).join()).toContain("stay ready");
    }
  });

  it("is the same plan for every kind of evidence", () => {
    expect(run("bake", 1, 1).plan).toEqual(planOf(POLICY, 10));
  });
});
