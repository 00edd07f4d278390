import { expect, it } from "vitest";
import { decide } from "../../src/core/decide.ts";
import { repoName } from "../../src/core/names.ts";
import { unavailable } from "../../src/core/reading.ts";
import type { Member } from "../../src/core/snapshot.ts";
import { abortsIn, newsOfLanding, newsOfReply, standingsOf } from "../../src/reconcile/standings.ts";
import { inFlight, landingOf, measured, member, MINUTE, NOON } from "../support/member.ts";
import { snapshotOf } from "../support/snapshot.ts";
import { says } from "../support/speech.ts";

const KEY = { installation: 7, repo: repoName("acme/gitops") };
const AT_FIVE = inFlight(1);
const FINE = measured(AT_FIVE, { count: 20, canary: [500, 2], stable: [9500, 47] });
const FAILS = measured(AT_FIVE, { count: 4, canary: [500, 40], stable: [9500, 47] });
/** So few requests that nothing can be decided. */
const FEW = measured(AT_FIVE, { count: 125, canary: [1, 0], stable: [19, 0] });

function standings(of: Member, now: number, landed = 0) {
  const snapshot = snapshotOf([of]);
  return standingsOf(snapshot, { actions: decide(snapshot, now), landed, now });
}

it.each<[string, Member, number, Partial<ReturnType<typeof standings>>]>([
  ["rests", member(), NOON, { stages: new Map([["resting", 1]]), releases: 0, oldestStep: undefined }],
  [
    "bakes",
    FINE,
    landingOf(1) + 5 * MINUTE,
    {
      stages: new Map([["baking", 1]]),
      verdicts: new Map([["pass", 1]]),
      releases: 1,
      oldestStep: landingOf(1),
      overdue: 0,
    },
  ],
  [
    "is blind",
    { ...AT_FIVE, timeline: unavailable("connection refused") },
    landingOf(1) + MINUTE,
    { stages: new Map([["syncing", 1]]), blind: 1, overdue: 0 },
  ],
  [
    "fails",
    FAILS,
    landingOf(1) + 4 * MINUTE,
    { stages: new Map([["failed", 1]]), verdicts: new Map([["fail", 1]]), abortsWaiting: 1 },
  ],
  [
    "is undecided past its deadline",
    FEW,
    landingOf(1) + 125 * MINUTE,
    { stages: new Map([["measuring", 1]]), verdicts: new Map([["wait", 1]]), overdue: 1 },
  ],
])("a member that %s is counted so", (_, of, now, expected) => {
  expect(standings(of, now)).toMatchObject(expected);
});

it("no abort waits that is in git", () => {
  expect(standings(FAILS, landingOf(1) + 4 * MINUTE, 1).abortsWaiting).toBe(0);
});

it("tells of what was merged, and on whose word", () => {
  const merge = decide(snapshotOf([FINE]), landingOf(1) + 20 * MINUTE).find(({ kind }) => kind === "merge");
  const abort = decide(snapshotOf([FAILS]), landingOf(1) + 4 * MINUTE).find(({ kind }) => kind === "land");
  expect(merge?.kind === "merge" && newsOfLanding(KEY, merge)).toEqual({
    kind: "stepped",
    key: KEY,
    step: "shift",
    on: "gate",
    members: 1,
  });
  expect(abort?.kind === "land" && newsOfLanding(KEY, abort)).toEqual({
    kind: "landed",
    key: KEY,
    what: "abort",
    by: "gate",
    members: 1,
  });
  expect(abort && abortsIn([abort])).toBe(1);
  expect(merge && abortsIn([merge])).toBe(0);
});

it("tells of each command of a comment once, and of no text of its author's", () => {
  const mistake = { kind: "unknownCommand", word: "frezze", didYouMean: "hold" } as const;
  const heard = [{ ...says({ verb: "why" }), commands: [{ verb: "why" }, mistake, { verb: "why" }] as const }];
  const actions = decide(snapshotOf([{ ...FINE, heard }]), landingOf(1) + 5 * MINUTE);
  const reply = actions.find(({ kind }) => kind === "reply");
  expect(reply?.kind === "reply" && newsOfReply(reply)).toEqual([
    { kind: "heard", verb: "why", outcome: "told" },
    { kind: "heard", verb: "unknown", outcome: "mistaken" },
  ]);
});
