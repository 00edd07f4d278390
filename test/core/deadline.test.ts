import { describe, expect, it } from "vitest";
import { unavailable } from "../../src/core/reading.ts";
import type { Member } from "../../src/core/snapshot.ts";
import { stageOf } from "../../src/core/stage.ts";
import { nextOf } from "../../src/render/next.ts";
import { titleOf } from "../../src/render/title.ts";
import { inFlight, landingOf, measured, MINUTE, POLICY, stepPull } from "../support/member.ts";
import { says } from "../support/speech.ts";

const ABORT = { ...POLICY, onDeadline: "abort" } as const;
const THIN = { count: 130, canary: [1, 0], stable: [19, 0] } as const;
const GONE = { count: 130, canary: [0, 0], stable: [1000, 5] } as const;

function undecided(policy: Partial<typeof POLICY>, traffic: Parameters<typeof measured>[1] = THIN): Member {
  return measured(inFlight(1, { policy }), traffic);
}

function stands(of: Member, minutes: number): { readonly kind: string; readonly reason?: string } {
  const stage = stageOf(of, of.changedAt + minutes * MINUTE, 0);
  return stage.kind === "failed" ? { kind: stage.kind, reason: stage.aborting.reason } : { kind: stage.kind };
}

describe("what becomes of a step that is undecided at its deadline", () => {
  it.each<[string, Member, number, { readonly kind: string; readonly reason?: string }]>([
    ["it waits before", undecided(ABORT), 119, { kind: "measuring" }],
    ["it is held for a person", undecided({ onDeadline: "hold" }), 125, { kind: "measuring" }],
    ["it is taken back", undecided(ABORT), 120, { kind: "failed", reason: "undecided by the deadline" }],
    [
      "it is taken back where it was never seen live",
      undecided(ABORT, GONE),
      120,
      { kind: "failed", reason: "not seen live by the deadline" },
    ],
    [
      "it is held while the provider is down",
      { ...undecided(ABORT), timeline: unavailable("connection refused") },
      500,
      { kind: "syncing" },
    ],
    ["a draft is somebody's hold", { ...undecided(ABORT), pull: stepPull({ draft: true }) }, 500, { kind: "held" }],
    [
      "what somebody has just said is heard first",
      { ...undecided(ABORT), heard: [says({ verb: "promote", reach: "step" }, { id: 7 })] },
      500,
      { kind: "measuring" },
    ],
    [
      "stable on the new version is held",
      measured(inFlight(4, { policy: ABORT }), { count: 130, canary: [1, 0], stable: [1, 0] }),
      500,
      { kind: "measuring" },
    ],
  ])("%s", (_, of, minutes, stage) => {
    expect(stands(of, minutes)).toEqual(stage);
  });

  it("is never a pass, however late", () => {
    expect(stands(undecided(ABORT), 100_000).kind).toBe("failed");
    expect(stands(undecided({ onDeadline: "hold" }), 100_000).kind).toBe("measuring");
  });

  it("is said beforehand, and in the end", () => {
    const of = undecided(ABORT);
    const said = (minutes: number) => {
      const stage = stageOf(of, landingOf(1) + minutes * MINUTE, 0);
      return `${titleOf(of, stage)}. ${nextOf(of, stage)}`;
    };
    expect(said(60)).toMatch(/past .* 1\.42\.0 is taken back\./);
    expect(said(125)).toMatch(/^Failed: undecided by the deadline; taking 1\.42\.0 back\./);
    const absent = undecided(ABORT, GONE);
    expect(nextOf(absent, stageOf(absent, landingOf(1) + 5 * MINUTE, 0))).toMatch(
      /Not live by .*, 1\.42\.0 is taken back\./,
    );
  });
});
