import { describe, expect, it } from "vitest";
import { sha } from "../../src/core/names.ts";
import { stageOf } from "../../src/core/stage.ts";
import { buttonsOf, LONGEST_DESCRIPTION, LONGEST_LABEL, MOST_BUTTONS } from "../../src/render/buttons.ts";
import { gateCheck, type Check } from "../../src/render/check.ts";
import { missingList } from "../../src/render/missing.ts";
import { nextOf } from "../../src/render/next.ts";
import { titleOf } from "../../src/render/title.ts";
import { MINUTE } from "../support/member.ts";
import { STAGES, type Staged } from "../support/stages.ts";

const HEAD = sha("e".repeat(40));

const ALL = Object.entries(STAGES).map(([place, staged]) => ({ place, ...staged, stage: stageFor(staged) }));

function stageFor({ of, now, kind }: Staged) {
  return stageOf(of, now, kind === "paced" ? now + MINUTE : 0);
}

function checkOf({ of, stage }: (typeof ALL)[number]): Check {
  return gateCheck({ kind: "reportGate", member: of, stage, number: 4813, headSha: HEAD });
}

function pageOf(one: (typeof ALL)[number]): string {
  const { place, of, stage } = one;
  const { conclusion, actions } = checkOf(one);
  const missing = missingList(of, stage).map((what) => `- ${what}\n`);
  const buttons = actions.map(({ label }) => `[${label}]`).join(" ");
  return [
    `## ${place}`,
    `${titleOf(of, stage)} (${conclusion ?? "in progress"})`,
    ...(missing.length === 0 ? [] : [missing.join("").trimEnd()]),
    nextOf(of, stage),
    ...(buttons === "" ? [] : [buttons]),
  ].join("\n\n");
}

describe("what is said of every stage", () => {
  it("reads aloud", async () => {
    await expect(`${ALL.map(pageOf).join("\n\n")}\n`).toMatchFileSnapshot("../golden/words/stages.md");
  });

  it.each(ALL)("$place: a title of one line, a list that begins with what it names, and no neutral check", (one) => {
    const { of, stage } = one;
    const title = titleOf(of, stage);
    expect(Array.from(title).length).toBeLessThanOrEqual(255);
    expect(title).not.toMatch(/[\n!`]/);
    for (const clause of missingList(of, stage)) expect(clause).not.toMatch(/[\n!`]|\.$/);
    const { conclusion, summary } = checkOf(one);
    expect(conclusion).not.toBe("neutral");
    if (conclusion === "action_required") expect(missingList(of, stage)).not.toEqual([]);
    if (missingList(of, stage).length > 1) expect(summary).toContain("What is missing, nearest first:");
  });

  it.each(ALL)("$place: buttons only where the check is completed and waits for somebody", (one) => {
    const { conclusion, actions } = checkOf(one);
    expect(actions.length).toBeLessThanOrEqual(MOST_BUTTONS);
    expect(new Set(actions.map(({ identifier }) => identifier)).size).toBe(actions.length);
    if (conclusion === undefined || conclusion === "failure") expect(actions).toEqual([]);
    if (conclusion === "action_required" && one.stage.kind !== "blocked") expect(actions.length).toBeGreaterThan(0);
    for (const { label, description } of actions) {
      expect(label.length).toBeLessThanOrEqual(LONGEST_LABEL);
      expect(description.length).toBeLessThanOrEqual(LONGEST_DESCRIPTION);
    }
  });

  it("offers the gate's override where only a person can decide", () => {
    const { of } = STAGES.measuring;
    const stage = stageOf(of, of.changedAt + 121 * MINUTE, 0);
    expect(buttonsOf(stage).map(({ identifier }) => identifier)).toEqual(["promote", "hold", "abort"]);
  });
});

describe("a step that a person merged", () => {
  const { of, now } = STAGES.baking;
  const report = (merger: string | undefined) => {
    const merged = { ...of, merger };
    return gateCheck({
      kind: "reportGate",
      member: merged,
      stage: stageOf(merged, now, 0),
      number: 4813,
      headSha: HEAD,
    });
  };

  it("is named on the next one", () => {
    expect(report("ana").summary).toContain(
      "The newest step was merged by hand by ana, before its gate had said so: an override.",
    );
    expect(report(undefined).summary).not.toContain("by hand");
    expect(report("ana").externalId).not.toBe(report(undefined).externalId);
  });
});
