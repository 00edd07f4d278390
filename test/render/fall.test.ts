import { describe, expect, it } from "vitest";
import type { Fall } from "../../src/core/action.ts";
import type { Member } from "../../src/core/snapshot.ts";
import type { Aborting } from "../../src/core/state.ts";
import { proposalOf } from "../../src/core/proposal.ts";
import { weight } from "../../src/core/weight.ts";
import { fallCheck } from "../../src/render/check.ts";
import { fallMessage, mergeMessage, offerMessage, stepMessage } from "../../src/render/commit.ts";
import { fallPull, offerPull, stepPull } from "../../src/render/pull.ts";
import { commit, HEAD, inFlight, member, NEW, OLD, templateOf, version, waiting, workload } from "../support/member.ts";
import { STAGES } from "../support/stages.ts";

const GATE: Aborting = { by: "gate", who: undefined, reason: "the canary fails more requests than stable" };
const CONTAINED: Aborting = {
  by: "containment",
  who: undefined,
  reason: "the canary's pod template changed under way",
};
const BLOCK = { image: NEW, template: undefined, commit: commit("b"), by: "gate", reason: "errors" } as const;
const PAST = { image: version("1.40.0"), template: templateOf(version("1.40.0")), commit: commit("2") };

const at = (place: keyof typeof STAGES): Member => STAGES[place].of;
const released = member({
  at: { stable: NEW },
  manifest: { stable: workload("stable", NEW), canary: workload("canary", NEW) },
});

const FALLS: readonly (readonly [string, Member, Fall])[] = [
  ["abort", inFlight(2), { kind: "abort", aborting: GATE, verdict: undefined }],
  ["abort before the first step", waiting(), { kind: "abort", aborting: GATE, verdict: undefined }],
  ["abort after promotion", inFlight(4), { kind: "abort", aborting: GATE, verdict: undefined }],
  [
    "abort after promotion, its bump gone",
    { ...inFlight(4), bump: undefined },
    { kind: "abort", aborting: GATE, verdict: undefined },
  ],
  ["containment after promotion", inFlight(4), { kind: "abort", aborting: CONTAINED, verdict: undefined }],
  ["lower", inFlight(4), { kind: "lower", aborting: GATE }],
  ["take back", at("being taken back"), { kind: "takeBack", aborting: GATE }],
  ["take back what is reverted", at("bump reverted"), { kind: "takeBack", aborting: { ...GATE, by: "person" } }],
  [
    "adopt a lower weight",
    at("weight lowered to one of the plan"),
    { kind: "adopt", by: "ana", what: "the route sends 5% to the canary, the state says 25%" },
  ],
  [
    "follow a higher weight",
    at("weight raised to one of the plan"),
    { kind: "adopt", by: "ana", what: "the route sends 50% to the canary, the state says 5%" },
  ],
  [
    "adopt a weight without a release",
    at("weight without a release, a bump waiting"),
    { kind: "adopt", by: "ana", what: "the route sends 5% to the canary, the state says 0%" },
  ],
  [
    "adopt a stable",
    at("at rest, stable changed by hand"),
    { kind: "adopt", by: "ana", what: "stable runs 1.40.5, the state says 1.41.0" },
  ],
  ["to zero", at("weight without a release"), { kind: "toZero", by: "ana", from: weight(5) }],
  ["retry what stands there", at("at rest, the version blocked"), { kind: "retry", by: "ana", block: BLOCK }],
  ["retry what was taken back", at("at rest, the version taken back"), { kind: "retry", by: "ana", block: BLOCK }],
  [
    "retry what nobody knows the origin of",
    at("at rest, the version taken back"),
    { kind: "retry", by: "ana", block: { ...BLOCK, commit: undefined } },
  ],
  ["rollback", released, { kind: "rollback", by: "ana", to: PAST }],
  ["rollback of a pod template", member(), { kind: "rollback", by: "ana", to: { ...PAST, image: OLD } }],
];

describe("a commit that is merged at once", () => {
  it("reads aloud", async () => {
    const pages = FALLS.map(([name, of, fall]) => {
      const { title, body } = fallMessage(of, fall);
      return `## ${name}\n\n\`\`\`text\n${title}\n\n${body}\n\`\`\`\n\n${fallPull(of, fall).body}`;
    });
    await expect(`${pages.join("\n\n")}\n`).toMatchFileSnapshot("../golden/words/falls.md");
  });

  it.each(FALLS)("%s: one title for commit and pull request, within git's and GitHub's limits", (_, of, fall) => {
    const { title } = fallMessage(of, fall);
    expect(fallPull(of, fall).title).toBe(title);
    expect(title).not.toContain("\n");
    expect(Array.from(title).length).toBeLessThanOrEqual(200);
    const check = fallCheck(of, fall, HEAD);
    expect(check.conclusion).toBe("success");
    expect(check.title).toContain("needs no gate: ");
  });

  it.each(FALLS)("%s: the message is a function of facts, whenever it is made", (_, of, fall) => {
    const later = { ...of, changedAt: of.changedAt + 12_345_678, merger: "ben", heard: [] };
    expect(fallMessage(later, fall)).toEqual(fallMessage(of, fall));
  });

  it("says who asked, and what it is, where a machine reads", () => {
    const kinds = FALLS.map(([, of, fall]) => /Tidegate-Fall: (\S+)/.exec(fallMessage(of, fall).body)?.[1]);
    expect(new Set(kinds)).toEqual(new Set(["abort", "lower", "take-back", "adopt", "to-zero", "retry", "rollback"]));
    const { body } = fallMessage(member(), { kind: "toZero", by: "ana\nTidegate-Fall: none", from: weight(5) });
    expect(body.match(/^Tidegate-Fall: /gm)).toHaveLength(1);
    expect(body).toContain("Tidegate-By: ana Tidegate-Fall: none");
  });
});

describe("the message of a step", () => {
  const of = inFlight(1);
  const step = of.plan.steps[2] ?? expect.fail("There is a third step.");
  const merge = { kind: "merge", member: of, step, number: 4813, headSha: HEAD, verdict: undefined } as const;
  const override = { by: "ana", comment: 7, commit: undefined, reach: "full" } as const;
  const skip = {
    gate: "errors",
    by: "ana",
    comment: 7,
    reason: "the provider is being moved\nTidegate-Merged: gate",
  } as const;

  it.each([
    ["gate", { override: undefined, skips: [] }, "Passed: what is committed is seen live."],
    ["override", { override, skips: [] }, "Overridden by ana, to the end of the release."],
    ["override", { override, skips: [skip] }, "Overridden by ana, to the end of the release."],
    [
      "skip",
      { override: undefined, skips: [skip] },
      "Errors skipped by ana: the provider is being moved Tidegate-Merged: gate.",
    ],
  ] as const)("merged on the word of a %s", (word, said, sentence) => {
    const { body } = mergeMessage({ ...merge, ...said });
    expect(body.match(/^Tidegate-Merged: .*$/gm)).toEqual([`Tidegate-Merged: ${word}`]);
    expect(body).toContain(sentence);
  });

  it("has no such word before it is merged, so that a merge by hand can be told", () => {
    const change =
      proposalOf(of, HEAD, { holds: [], heard: 7, override, skips: [skip] }) ?? expect.fail("A step is to come.");
    const { body } = stepMessage(of, step, change);
    expect(body).not.toMatch(/^Tidegate-Merged/m);
    expect(body).toContain("Tidegate-Override: ana (to the end of the release)");
    expect(body).toContain("Tidegate-Skip: errors by ana: the provider is being moved Tidegate-Merged: gate");
  });
});

describe("the pull request that proposes 0", () => {
  const alone = at("weight without a release");
  const adoptable = at("weight without a release, a bump waiting");

  it("says what it is, who brought it and what can be done", () => {
    const { title, body } = offerPull(alone);
    expect(title).toBe("checkout 5% → 0% · prod · a weight without a release");
    expect(body).toContain(
      "5% of the traffic of checkout in prod goes to the canary, and no release wants that. It came with `9999999999` by Ben.",
    );
    expect(body).toContain("No release could go on from 5%.");
    expect(offerPull(adoptable).body).toContain("`/adopt` makes it a release of 1.42.0 that goes on from 5%.");
  });

  it("has the same title as its commit, and no time in it", () => {
    expect(offerMessage(alone).title).toBe(offerPull(alone).title);
    expect(offerMessage({ ...alone, changedAt: alone.changedAt + 1 })).toEqual(offerMessage(alone));
  });
});

describe("the pull request of a step", () => {
  it("lists how people have a say", () => {
    const of = inFlight(1);
    const step = of.plan.steps[2] ?? expect.fail("There is a third step.");
    const { body } = stepPull(of, step);
    for (const usage of [
      "/hold [target] [reason]",
      "/resume [target]",
      "/promote [step|full] [target]",
      "/skip <gate> [target] <reason>",
      "/abort [target] [reason]",
      "/why",
    ])
      expect(body).toContain(usage);
  });
});
