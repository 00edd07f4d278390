import { describe, expect, it } from "vitest";
import { decide } from "../../src/core/decide.ts";
import type { HeldBack, HeldBy } from "../../src/core/pacing.ts";
import type { Member } from "../../src/core/snapshot.ts";
import { stageOf } from "../../src/core/stage.ts";
import { missingList } from "../../src/render/missing.ts";
import { recordOf } from "../../src/render/record.ts";
import { titleOf } from "../../src/render/title.ts";
import { whyJson, whysOf } from "../../src/render/why.ts";
import { HEAD, inFlight, MINUTE, SECOND, waiting } from "../support/member.ts";
import { snapshotOf } from "../support/snapshot.ts";
import { STAGES } from "../support/stages.ts";

const { of: PASSED, now: NOW } = STAGES.passed;
const MERGES: HeldBy = { kind: "merges", most: 5, perMs: 5 * MINUTE };
const PUSHES: HeldBy = { kind: "pushes", most: 6, perMs: MINUTE };
const CONTENT: HeldBy = { kind: "content", most: 450, perMs: 60 * MINUTE };
const until = (minutes: number, by: HeldBy) => ({ until: NOW + minutes * MINUTE, by });

const at = (of: Member, heldBack: HeldBack, paceUntil = 0) => stageOf(of, NOW, paceUntil, heldBack);

it.each<[string, HeldBy, string]>([
  ["merges of a repository", MERGES, "at most 5 merges in 5 min into one repository"],
  ["a single merge", { kind: "merges", most: 1, perMs: MINUTE }, "at most 1 merge in 1 min into one repository"],
  ["content", CONTENT, "at most 450 pull requests, merges and comments in 60 min"],
  ["points", { kind: "points", most: 810, perMs: MINUTE }, "at most 810 points of requests in 1 min"],
  ["writes", { kind: "writes", most: 1, perMs: 10 * SECOND }, "at most 1 write in 10 s"],
  [
    "requests",
    { kind: "requests", most: 5_000 },
    "the hour's 5,000 requests are used up but for those kept for aborts",
  ],
  ["a refusal", { kind: "refused" }, "GitHub has refused a request for its rate"],
])("a merge that waits for %s says so in one sentence with the time", (_, by, reason) => {
  const stage = at(PASSED, { merge: until(12, by) });
  expect(titleOf(PASSED, stage)).toBe(`Passed; GitHub's limits: the merge waits until 12:52 UTC, ${reason}`);
  expect(missingList(PASSED, stage)[0]).toBe(`room in GitHub's limits, at 12:52 UTC: ${reason}`);
});

describe("a merge that is due", () => {
  it.each<[string, HeldBack, number, object]>([
    ["the limits alone", { merge: until(2, MERGES) }, 0, { by: { kind: "merges" }, until: NOW + 2 * MINUTE }],
    ["the repository's pace alone", {}, NOW + MINUTE, { by: { kind: "turn" }, until: NOW + MINUTE }],
    [
      "whichever is longer, the limits",
      { merge: until(2, MERGES) },
      NOW + MINUTE,
      { by: { kind: "merges" }, until: NOW + 2 * MINUTE },
    ],
    [
      "whichever is longer, the pace",
      { merge: until(2, MERGES) },
      NOW + 3 * MINUTE,
      { by: { kind: "turn" }, until: NOW + 3 * MINUTE },
    ],
  ])("waits for %s", (_, heldBack, paceUntil, stage) => {
    expect(at(PASSED, heldBack, paceUntil)).toMatchObject({ kind: "paced", ...stage });
  });

  it("waits for nothing that is over, nor for what only pushes and new pull requests wait for", () => {
    expect(at(PASSED, { merge: { until: NOW, by: MERGES } }).kind).toBe("passed");
    expect(at(PASSED, { push: until(2, PUSHES), open: until(2, CONTENT) }).kind).toBe("passed");
  });

  it("is looked at again when it may be sent, and is reported meanwhile as in progress", () => {
    const kinds = decide(snapshotOf([PASSED], { heldBack: { merge: { until: NOW + 20 * SECOND, by: MERGES } } }), NOW);
    expect(kinds.map(({ kind }) => kind)).toEqual(["reportGate", "wakeAt"]);
    expect(kinds[1]).toEqual({ kind: "wakeAt", at: NOW + 20 * SECOND });
  });
});

it("an abort is decided and made whatever is held back", () => {
  const { of, now } = STAGES["canary failing"];
  const heldBack = { merge: until(60, MERGES), push: until(60, PUSHES), open: until(60, CONTENT) };
  const [first] = decide(snapshotOf([of], { heldBack }), now);
  expect(first).toMatchObject({ kind: "land", fall: { kind: "abort" } });
});

describe("a step's pull request", () => {
  const ABSENT: Member = { ...waiting(), pull: undefined };
  it.each<[string, Member, HeldBack, string]>([
    ["waits for a push", ABSENT, { push: until(1, PUSHES) }, "12:41 UTC, at most 6 pushes in 1 min to one repository"],
    [
      "waits for its opening",
      ABSENT,
      { push: until(1, PUSHES), open: until(9, CONTENT) },
      "12:49 UTC, at most 450 pull requests, merges and comments in 60 min",
    ],
  ])("%s, and says so", (_, of, heldBack, when) => {
    const stage = at(of, heldBack);
    expect(titleOf(of, stage)).toBe(`Preparing; GitHub's limits: the step's pull request waits until ${when}`);
    expect(missingList(of, stage)).toHaveLength(2);
  });

  it("that is open and only to be brought up to date waits for no opening", () => {
    const of = inFlight(1);
    const stale = { ...of, pull: of.pull && { ...of.pull, current: false } };
    expect(at(stale, { open: until(9, CONTENT) })).toEqual({ kind: "proposing", step: of.plan.steps[2] });
  });
});

it("is said by `tidegate why`, for people and for machines", () => {
  const whys = whysOf(snapshotOf([PASSED], { heldBack: { merge: until(12, MERGES) } }), {
    now: NOW,
    site: "https://github.example.com",
    wanted: undefined,
  });
  expect(whys.members.map(({ stage, title }) => [stage, title])).toEqual([
    [
      "paced",
      "Passed; GitHub's limits: the merge waits until 12:52 UTC, at most 5 merges in 5 min into one repository",
    ],
  ]);
  const heldBy = { kind: "merges", most: 5, perMs: 300_000, until: new Date(NOW + 12 * MINUTE).toISOString() };
  expect(JSON.parse(whyJson(whys))).toMatchObject({ members: [{ stage: "paced", record: { heldBy } }] });
  expect(recordOf(PASSED, at(PASSED, {}), HEAD).heldBy).toBeUndefined();
});
