import { describe, expect, it } from "vitest";
import { decide } from "../../src/core/decide.ts";
import { name } from "../../src/core/names.ts";
import { outlookOf, type Road } from "../../src/core/outlook.ts";
import { stageOf } from "../../src/core/stage.ts";
import { gateCheck } from "../../src/render/check.ts";
import { whyText } from "../../src/render/why-text.ts";
import { whyJson, whysOf } from "../../src/render/why.ts";
import { HEAD, inFlight, measured, MINUTE, SECOND, stepPull } from "../support/member.ts";
import { snapshotOf } from "../support/snapshot.ts";
import { STAGES } from "../support/stages.ts";

const ROAD: Omit<Road, "now"> = { everyMs: MINUTE, sharing: 1 };
/** At 5 % since 12:20, windows of a minute that settle in half of one, bakes of ten: what is left is 25, 50, promotion, weight 0, rest. */
const BAKING = measured(inFlight(1), { count: 8, canary: [500, 2], stable: [9500, 47] });
const NOW = BAKING.changedAt + 8 * MINUTE + 40 * SECOND;

const after = (of: typeof BAKING, road: Partial<Road> = {}) => {
  const now = road.now ?? NOW;
  const outlook = outlookOf(of, stageOf(of, now, 0), { ...ROAD, now, ...road });
  return outlook && [outlook.promotedAt, outlook.overAt].map((at) => at && (at - of.changedAt) / MINUTE);
};

describe("how a release goes on", () => {
  it("is told by its bakes and windows, from what the gate says that it still waits for", () => {
    expect(stageOf(BAKING, NOW, 0).kind).toBe("baking");
    const [promoted = 0, over = 0] = after(BAKING) ?? [];
    // Two further bakes, each with the windows that see the step, then weight 0 after one more, then rest.
    expect(promoted).toBeGreaterThanOrEqual(10 + 2 * 11.5);
    expect(promoted).toBeLessThan(10 + 2 * 12.5);
    expect(over).toBeGreaterThan(promoted + 11.5);
    expect(over).toBeLessThan(promoted + 20);
  });

  it("is slower by as many as take turns in the repository's merges", () => {
    const [alone = 0] = after(BAKING) ?? [];
    const [among = 0] = after(BAKING, { sharing: 30 }) ?? [];
    expect(among).toBeCloseTo(alone + 2 * (30 - 12), -1);
    expect(after(BAKING, { everyMs: 30 * MINUTE })).toEqual(after(BAKING, { sharing: 30 }));
  });

  it("is the same at every look while nothing changes", () => {
    expect(after(BAKING, { now: NOW + 10 * SECOND })).toEqual(after(BAKING));
  });

  it.each(Object.entries(STAGES))("%s: never before now, and the promotion not after the end", (_, { of, now }) => {
    const outlook = outlookOf(of, stageOf(of, now, 0), { ...ROAD, now });
    if (outlook === undefined) return;
    expect(outlook.overAt).toBeGreaterThanOrEqual(now);
    expect(outlook.promotedAt ?? now).toBeGreaterThanOrEqual(now);
    expect(outlook.promotedAt ?? 0).toBeLessThanOrEqual(outlook.overAt);
  });

  it.each([
    "at rest",
    "queued behind an earlier wave",
    "held by a comment",
    "a draft",
    "refused by the rules",
    "canary failing",
    "being taken back",
    "weight lowered to another",
  ] as const)("%s: nothing is promised", (place) => {
    const { of, now } = STAGES[place];
    expect(outlookOf(of, stageOf(of, now, 0), { ...ROAD, now })).toBeUndefined();
  });

  it("is not told where the gate cannot decide, nor where it is past its deadline", () => {
    const { of, now } = STAGES.measuring;
    expect(stageOf(of, now, 0).kind).toBe("measuring");
    expect(
      outlookOf({ ...of, policy: { ...of.policy, deadlineMs: MINUTE } }, stageOf(of, now, 0), { ...ROAD, now }),
    ).toEqual(outlookOf(of, stageOf(of, now, 0), { ...ROAD, now }));
    const late = { ...of, policy: { ...of.policy, deadlineMs: MINUTE } };
    expect(outlookOf(late, stageOf(late, now, 0), { ...ROAD, now })).toBeUndefined();
  });

  it("has no promotion to come once stable has the version", () => {
    const { of, now } = STAGES.promoted;
    const outlook = outlookOf(of, stageOf(of, now, 0), { ...ROAD, now });
    expect(outlook?.promotedAt).toBeUndefined();
  });
});

describe("what is said of it", () => {
  const { of, now } = STAGES.passed;
  const said = (heldBack = {}) => {
    const report = decide(snapshotOf([of], { heldBack }), now).find(({ kind }) => kind === "reportGate");
    if (report?.kind !== "reportGate") throw new Error("It is reported.");
    return report;
  };

  it("is on the check and in its record, and is no reason to write the check again", () => {
    const { summary, text, externalId } = gateCheck(said());
    expect(summary).toMatch(
      /If everything passes at this pace, stable takes 1\.42\.0 at about 1[34]:\d\d UTC, and the release is over at about 1[34]:\d\d UTC\./,
    );
    expect(text).toMatch(/"outlook": \{"promoted":"2026-11-20T1[34]:\d\d:\d\d\.\d{3}Z","over":"/);
    const later = { ...said(), outlook: { promotedAt: now + 1, overAt: now + 2 } };
    expect(gateCheck(later).externalId).toBe(externalId);
  });

  it("goes by how far apart GitHub's limits let merges be", () => {
    const [near, far] = [said().outlook?.overAt ?? 0, said({ mergeEveryMs: 60 * MINUTE }).outlook?.overAt ?? 0];
    expect(far - near).toBeGreaterThan(3 * 60 * MINUTE);
  });

  it("goes by how many releases take turns", () => {
    const other = (n: number) => {
      const target = name(`prod-${n}`);
      const fellow = { ...inFlight(1, { target, policy: { mergeEveryMs: 5 * MINUTE } }) };
      return {
        ...fellow,
        pull: stepPull({ number: 5_000 + n, headSha: HEAD, moves: [target], proposed: fellow.pull?.proposed }),
      };
    };
    const alone = said().outlook?.overAt ?? 0;
    const busy = decide(snapshotOf([of, ...[1, 2, 3, 4].map(other)]), now).find(
      (action) => action.kind === "reportGate" && action.number === of.pull?.number,
    );
    if (busy?.kind !== "reportGate") throw new Error("It is reported.");
    expect((busy.outlook?.overAt ?? 0) - alone).toBeGreaterThan(30 * MINUTE);
  });

  it("is told by `tidegate why`", () => {
    const whys = whysOf(snapshotOf([of]), { now, site: "https://github.example.com", wanted: undefined });
    expect(whyText(whys, 200)).toContain("If everything passes at this pace, stable takes 1.42.0 at about");
    const over = new Date(said().outlook?.overAt ?? 0).toISOString();
    expect(JSON.parse(whyJson(whys))).toMatchObject({ members: [{ record: { outlook: { over } } }] });
  });
});
