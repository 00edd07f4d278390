import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Answer, Fall, Outcome } from "../../src/core/action.ts";
import type { CommandError } from "../../src/core/commands.ts";
import { name } from "../../src/core/names.ts";
import type { Member } from "../../src/core/snapshot.ts";
import { stageOf, type Stage } from "../../src/core/stage.ts";
import type { Aborting } from "../../src/core/state.ts";
import { weight } from "../../src/core/weight.ts";
import { fallCheck, gateCheck, planCheck } from "../../src/render/check.ts";
import { abortWaits, noteComment, replyComment } from "../../src/render/comment.ts";
import { summaryComment } from "../../src/render/summary.ts";
import { fallMessage, mergeMessage, offerMessage, stepMessage } from "../../src/render/commit.ts";
import { missingList } from "../../src/render/missing.ts";
import { fallPull, offerPull } from "../../src/render/pull.ts";
import { LONGEST_TITLE, titleOf } from "../../src/render/title.ts";
import { proposalOf } from "../../src/core/proposal.ts";
import { commit, HEAD, inFlight, member, NEW, NOON, templateOf, workload, version } from "../support/member.ts";
import { nodes, parse, words, wordsOf } from "../support/markdown.ts";
import { says } from "../support/speech.ts";
import { STAGES } from "../support/stages.ts";

/** What a page may be made of where others' words stand in it: nothing that runs, calls, hides or leads elsewhere. */
function isHarmless(markdown: string): void {
  const all = nodes(parse(markdown));
  const html = all.filter(({ type }) => type === "html").map(({ value }) => value);
  expect(
    html.every(
      (tag) =>
        [
          "<details><summary>The plan</summary>",
          "<details><summary>The record, for machines</summary>",
          "</details>",
        ].includes(tag ?? "") || tag?.startsWith("<details><summary>The plan of checkout") === true,
    ),
  ).toBe(true);
  expect(
    all.filter(({ type }) =>
      ["image", "imageReference", "linkReference", "definition", "footnoteReference"].includes(type),
    ),
  ).toEqual([]);
  expect(all.filter(({ type }) => ["heading", "blockquote", "thematicBreak"].includes(type))).toEqual([]);
  // An address may be a link, as itself; a link under other words may not.
  for (const link of all.filter(({ type }) => type === "link")) expect(link.url).toContain(wordsOf(link));
  const prose = all
    .filter(({ type }) => type === "text")
    .map(({ value }) => value ?? "")
    .join(" ");
  expect(prose).not.toMatch(/@[\p{L}\p{N}_-]|\bGH-\d/iu);
  expect(prose).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b]/u);
}

function isOneLine(title: string): void {
  expect(Array.from(title).length).toBeLessThanOrEqual(LONGEST_TITLE);
  expect(title).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e]/u);
}

function trailersOf(body: string): readonly string[] {
  return body.split("\n").filter((line) => line.startsWith("Tidegate-"));
}

const at = (place: keyof typeof STAGES): Member => STAGES[place].of;

/** Every stage into which somebody's words come. */
function stagesWith(said: string): readonly (readonly [Member, Stage])[] {
  const edit = { commit: commit("9"), by: said, at: NOON };
  const hold = { target: member().target, by: said, comment: 7, closed: undefined, at: undefined, reason: said };
  const override = { by: said, comment: 7, commit: undefined, reach: "full" } as const;
  const skip = { gate: "errors", by: said, comment: 7, reason: said } as const;
  const { of: fine, now } = STAGES.passed;
  const passed = stageOf(fine, now, 0);
  const { step, word } = passed.kind === "passed" ? passed : expect.fail("It has passed.");
  const aborting: Aborting = { by: "person", who: said, reason: said };
  const held = (because: Extract<Stage, { readonly kind: "held" }>["because"]): Stage => ({
    kind: "held",
    step,
    because,
    under: { kind: "passed", step, word },
  });
  const merged: Member = { ...fine, merger: said, edit, refusal: { reason: said, until: now } };
  const stages: readonly Stage[] = [
    held({ kind: "hold", hold }),
    held({ kind: "hold", hold: { ...hold, closed: 12 } }),
    held({ kind: "pushed", edit }),
    held({ kind: "unreadable", what: said }),
    { kind: "passed", step, word: { ...word, override } },
    { kind: "paced", step, until: now, by: { kind: "turn" }, word: { ...word, skips: [skip] } },
    { kind: "refused", step, until: now, reason: said, word: { ...word, skips: [skip] } },
    { kind: "failed", aborting, verdict: undefined },
    { kind: "aborting", aborting, unseen: { kind: "providerDown", reason: said } },
    { kind: "blocked", block: { image: NEW, template: undefined, commit: undefined, by: "person", reason: said } },
  ];
  const handmade = (
    ["weight lowered to one of the plan", "weight raised to one of the plan", "stable changed by hand"] as const
  ).map((place) => {
    const of = { ...at(place), edit };
    return [of, stageOf(of, STAGES[place].now, 0)] as const;
  });
  return [...stages.map((stage) => [merged, stage] as const), ...handmade];
}

function fallsWith(said: string): readonly (readonly [Member, Fall])[] {
  const aborting: Aborting = { by: "person", who: said, reason: said };
  const block = { image: NEW, template: undefined, commit: commit("b"), by: "person", reason: said } as const;
  return [
    [inFlight(2), { kind: "abort", aborting, verdict: undefined }],
    [inFlight(4), { kind: "lower", aborting }],
    [at("being taken back"), { kind: "takeBack", aborting }],
    [at("weight lowered to one of the plan"), { kind: "adopt", by: said, what: said }],
    [at("weight raised to one of the plan"), { kind: "adopt", by: said, what: said }],
    [at("weight without a release"), { kind: "toZero", by: said, from: weight(5) }],
    [at("at rest, the version blocked"), { kind: "retry", by: said, block }],
    [
      member(),
      { kind: "rollback", by: said, to: { image: version("1.40.0"), template: templateOf(NEW), commit: commit("2") } },
    ],
  ];
}

function errorsWith(said: string): readonly CommandError[] {
  return [
    { kind: "unexpectedArgument", command: "resume", argument: said },
    { kind: "unknownArgument", command: "promote", argument: said, allowed: ["step", "full"] },
  ];
}

describe("what people write", () => {
  it("does nothing in the gate's check, and its title stays one line", () => {
    fc.assert(
      fc.property(words, (said) => {
        for (const [of, stage] of stagesWith(said)) {
          isOneLine(titleOf(of, stage));
          for (const clause of missingList(of, stage)) expect(clause).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e]/u);
          const {
            summary,
            text = "",
            actions,
          } = gateCheck({ kind: "reportGate", member: of, stage, number: 4813, headSha: HEAD });
          isHarmless(summary);
          isHarmless(text);
          expect(JSON.stringify(actions)).not.toContain(said.length > 30 ? said : "\u0000");
        }
      }),
      { numRuns: 30 },
    );
  });

  it("does nothing in a commit that is merged at once, and adds no trailer", () => {
    fc.assert(
      fc.property(words, (said) => {
        for (const [of, fall] of fallsWith(said)) {
          const { title, body } = fallMessage(of, fall);
          isOneLine(title);
          expect(trailersOf(body).length).toBeLessThanOrEqual(5);
          expect(new Set(trailersOf(body).map((line) => line.split(":")[0])).size).toBe(trailersOf(body).length);
          isHarmless(fallPull(of, fall).body);
          isHarmless(fallCheck(of, fall, HEAD).summary);
          isHarmless(abortWaits(of, fall, said, [said]).replace(/^@\S+$/m, ""));
        }
      }),
      { numRuns: 50 },
    );
  });

  it("does nothing in the messages of a step and of an offer", () => {
    fc.assert(
      fc.property(words, (said) => {
        const of = inFlight(1);
        const step = of.plan.steps[2] ?? expect.fail("There is a third step.");
        const override = { by: said, comment: 7, commit: undefined, reach: "step" } as const;
        const skip = { gate: "errors", by: said, comment: 7, reason: said } as const;
        const { body } = mergeMessage({
          kind: "merge",
          member: of,
          step,
          number: 1,
          headSha: HEAD,
          verdict: undefined,
          override,
          skips: [skip],
        });
        expect(body.match(/^Tidegate-Merged: .*$/gm)).toEqual(["Tidegate-Merged: override"]);
        const change =
          proposalOf(of, HEAD, { holds: [], heard: 7, override, skips: [skip] }) ?? expect.fail("A step is to come.");
        expect(trailersOf(stepMessage(of, step, change).body).length).toBeLessThanOrEqual(6);
        const orphan = { ...at("weight without a release"), edit: { commit: commit("9"), by: said, at: NOON } };
        isHarmless(offerPull(orphan).body);
        isOneLine(offerPull(orphan).title);
        expect(offerMessage(orphan).body).not.toContain("\u202e");
      }),
      { numRuns: 50 },
    );
  });

  it("does nothing in replies, notes and summaries", () => {
    fc.assert(
      fc.property(words, (said) => {
        const outcomes: readonly Outcome[] = [
          { kind: "done", verb: "resume", note: `the branch is built anew without ${said}` },
          { kind: "nothingTo", verb: "promote", why: `${said} has promoted it already` },
          { kind: "denied", verb: "abort", why: `\`/abort\` for checkout is for ${said}` },
          { kind: "told", verb: "why" },
          { kind: "told", verb: "plan" },
          ...errorsWith(said).map((error): Outcome => ({ kind: "mistaken", error })),
        ];
        const answers: readonly Answer[] = stagesWith(said).map(([of, stage]) => ({ member: of, stage, outcomes }));
        isHarmless(replyComment({ kind: "reply", comment: says({ verb: "help" }, { login: said }), answers }));
        isHarmless(replyComment({ kind: "reply", comment: says({ verb: "help" }), answers: answers.slice(0, 1) }));
        isHarmless(noteComment({ kind: "closed", by: said }));
        isHarmless(noteComment({ kind: "letGo", service: said }));
        const release = inFlight(5).at.release ?? expect.fail("It is in flight.");
        const aborting: Aborting = { by: "person", who: said, reason: said };
        const skip = { gate: "errors", by: said, comment: 7, reason: said } as const;
        isHarmless(
          summaryComment({
            kind: "summarise",
            service: name("checkout"),
            pull: 4812,
            parts: [1, 2].map(() => ({
              member: { ...member(), merger: said },
              stage: { kind: "resting" },
              release: { ...release, aborting, skips: [skip] },
            })),
          }),
        );
      }),
      { numRuns: 20 },
    );
  });

  it("does nothing in the plan's check", () => {
    fc.assert(
      fc.property(words, (said) => {
        const expedite = { label: said, weights: [weight(50)], bakeMs: 0 };
        const block = { image: NEW, template: undefined, commit: undefined, by: "person", reason: said } as const;
        const of = member({ policy: { expedite, secondBump: "queue" }, state: { blocked: [block] } });
        const to = { ...of.manifest, canary: workload("canary", NEW) };
        const under = { ...at("weight lowered to another"), edit: { commit: commit("9"), by: said, at: NOON } };
        const check = planCheck({
          number: 4900,
          headSha: HEAD,
          labels: [said],
          fromFork: true,
          trespasses: [said],
          beyond: {
            besides: [{ path: said, line: 1, what: said }],
            unsteered: [said],
            unfollowed: [{ path: said, line: 1, what: said }],
            doubtful: [{ path: said, line: 1, what: said }],
            uncompared: said,
          },
          reaches: [
            { kind: "bump", member: of, to, ahead: [] },
            { kind: "bump", member: under, to, ahead: [], unfit: said },
            { kind: "unreadable", member: of, problem: said },
            { kind: "refused", service: said, problems: [said] },
          ],
          reconfigured: {
            problems: [said],
            replanned: [{ member: of, policy: { ...of.policy, bakeMs: 0 }, plan: of.plan }],
          },
        });
        expect(check.conclusion).toBe("failure");
        isOneLine(check.title);
        isHarmless(check.summary);
        isHarmless(check.text ?? "");
      }),
      { numRuns: 50 },
    );
  });
});
