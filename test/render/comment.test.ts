import { describe, expect, it } from "vitest";
import type { Answer, Outcome } from "../../src/core/action.ts";
import { parseCommands } from "../../src/core/command-lines.ts";
import { isCommand, type CommandError } from "../../src/core/commands.ts";
import { name } from "../../src/core/names.ts";
import { stageOf } from "../../src/core/stage.ts";
import type { Aborting } from "../../src/core/state.ts";
import { weight } from "../../src/core/weight.ts";
import {
  abortWaits,
  LONGEST_ANSWERS,
  noteComment,
  reactionTo,
  replyComment,
  replyTopic,
} from "../../src/render/comment.ts";
import { summaryComment } from "../../src/render/summary.ts";
import { MINUTE, NEW, inFlight, member } from "../support/member.ts";
import { says } from "../support/speech.ts";
import { STAGES } from "../support/stages.ts";

const COMMENT = says({ verb: "help" });

function answer(place: keyof typeof STAGES, outcomes: readonly Outcome[], service = "checkout"): Answer {
  const { of: found, now } = STAGES[place];
  const of = { ...found, state: { ...found.state, service: name(service) } };
  return { member: of, stage: stageOf(of, now, 0), outcomes };
}

function reply(...answers: readonly Answer[]): string {
  return replyComment({ kind: "reply", comment: COMMENT, answers });
}

const done = (verb: Extract<Outcome, { readonly kind: "done" }>["verb"], note?: string): Outcome => ({
  kind: "done",
  verb,
  note,
});
const told = (verb: Extract<Outcome, { readonly kind: "told" }>["verb"]): Outcome => ({ kind: "told", verb });

describe("a reply", () => {
  it("reads aloud", async () => {
    const pages = REPLIES.map(([title, answers]) => `## ${title}\n\n${reply(...answers)}`);
    await expect(`${pages.join("\n\n")}\n`).toMatchFileSnapshot("../golden/words/replies.md");
  });

  it.each<[string, Answer, readonly string[]]>([
    ["status", answer("baking", [told("status")]), ["Baking until 12:30 UTC", "The open step is #4813."]],
    ["why", answer("syncing", [told("why")]), ["What is missing, nearest first:", "- bake time, 10 min from then on"]],
    [
      "why of nothing missing",
      answer("passed", [told("why")]),
      ["Nothing is missing.", "Proven: the canary fails less than 2 times as often as stable"],
    ],
    ["plan", answer("baking", [told("plan")]), ["| → 3. weight | 25% |", "10 min live"]],
    [
      "plan at rest",
      answer("at rest", [told("plan")]),
      ["No release is under way (stable runs `registry.example.com/checkout:1.41.0`)"],
    ],
    ["help", answer("baking", [told("help")]), ["- `/rollback [to] [target]`: "]],
    [
      "nothing to do",
      answer("at rest", [{ kind: "nothingTo", verb: "abort", why: "no release is under way" }]),
      ["nothing to do, no release is under way.", "Nothing to release"],
    ],
    [
      "nothing to do, with a command",
      answer("a draft", [{ kind: "nothingTo", verb: "adopt", why: "put it back, or `/abort`" }]),
      ["put it back, or `/abort`."],
    ],
  ])("tells %s", (_, one, parts) => {
    for (const part of parts) expect(reply(one)).toContain(part);
  });

  it.each<[CommandError, string]>([
    [
      { kind: "missingArgument", command: "skip", what: "gate" },
      "`/skip` needs a gate. Write `/skip <gate> [target] <reason>`.",
    ],
    [
      { kind: "missingArgument", command: "skip", what: "reason" },
      "`/skip` needs a reason. Write `/skip <gate> [target] <reason>`.",
    ],
    [
      { kind: "unknownArgument", command: "promote", argument: "everything", allowed: ["step", "full"] },
      "`/promote` takes step or full, not `everything`. Write `/promote [step|full] [target]`.",
    ],
    [
      { kind: "unknownArgument", command: "promote", argument: "ful", allowed: ["step", "full"], didYouMean: "full" },
      "`/promote` takes step or full, not `ful`. Did you mean `/promote full`?",
    ],
    [
      { kind: "unknownCommand", word: "abrot", didYouMean: "abort" },
      "`/abrot` is not a command. Did you mean `/abort`?",
    ],
    [{ kind: "unexpectedArgument", command: "resume", argument: "now" }, "Write `/resume` alone."],
    [{ kind: "tooManyCommands", limit: 10 }, "A comment may hold 10 commands"],
  ])("explains %j, with the list of commands", (error, text) => {
    const said = reply(answer("baking", [{ kind: "mistaken", error }]));
    expect(said).toContain(text);
    expect(said).toContain("- `/why`: ");
  });

  it("explains every mistake that the parser finds", () => {
    const written = [
      "/abrot",
      "/resume now",
      "/skip",
      "/skip errors",
      "/skip $speed x",
      "/promote all",
      "/rollback $x",
    ];
    const errors = parseCommands(written).flatMap((parsed) => (isCommand(parsed) ? [] : [parsed]));
    expect(errors).toHaveLength(7);
    const lines = errors.map((error) => reply(answer("baking", [{ kind: "mistaken", error }])));
    expect(new Set(lines).size).toBe(7);
  });

  it("says once what is the same for all members, and the rest per member", () => {
    const mistaken: Outcome = {
      kind: "mistaken",
      error: { kind: "unknownCommand", word: "abrot", didYouMean: "abort" },
    };
    const said = reply(
      answer("baking", [mistaken, done("hold"), told("status")]),
      answer("passed", [mistaken, done("hold"), told("status")], "cart"),
    );
    expect(said.match(/Did you mean/g)).toHaveLength(1);
    expect(said.match(/- `\/rollback \[to\] \[target\]`/g)).toHaveLength(1);
    expect(said).toContain("**checkout · prod**\n\n- `/hold`: checkout in prod stays where it is.");
    expect(said).toContain("**cart · prod**\n\n- `/hold`: cart in prod stays where it is.");
    expect(said).toContain("**cart · prod · 5%**: Passed");
  });

  it("gives a back-test a comment of its own, with what was found", () => {
    const comment = { ...COMMENT, id: 77, found: "**checkout · prod**: something is to change." };
    const answers = [answer("baking", [told("status"), told("backtest")])];
    const asked = { kind: "reply", comment, answers } as const;
    expect(replyTopic(asked)).toBe("backtest/77");
    expect(replyComment(asked)).toMatch(/- `\/backtest`: see below\.\n[^]*Baking[^]*something is to change\.$/);
  });

  it("says nothing of a back-test that nobody was let ask for", () => {
    const comment = { ...COMMENT, found: "**checkout · prod**: something is to change." };
    const denied: Outcome = { kind: "denied", verb: "backtest", why: "`/backtest` is for others." };
    const asked = { kind: "reply", comment, answers: [answer("baking", [denied])] } as const;
    expect([replyTopic(asked), replyComment(asked)]).toEqual(["replies", "To ana:\n\n- `/backtest` is for others."]);
  });

  it("fits into a comment, whatever it speaks of", () => {
    const why = "x".repeat(5000);
    const outcomes: readonly Outcome[] = Array.from({ length: 10 }, () => ({ kind: "denied", verb: "abort", why }));
    const many = Array.from({ length: 1000 }, (_, index) =>
      answer("baking", [...outcomes, told("plan"), told("help")], `s${index}`),
    );
    const said = reply(...many);
    expect(said.length).toBeLessThanOrEqual(LONGEST_ANSWERS + 5000);
    expect(said).toMatch(/And \d+ more, too many to show here\./);
    expect(said).toContain("- `/rollback [to] [target]`");
  });

  it.each<[readonly Outcome["kind"][], string]>([
    [["done"], "+1"],
    [["told"], "eyes"],
    [["told", "done"], "+1"],
    [["done", "nothingTo"], "confused"],
    [["done", "mistaken", "denied"], "-1"],
    [[], "eyes"],
  ])("reacts to %j with %s", (kinds, reaction) => {
    const outcomes = kinds.map((kind) => ({ kind, verb: "status", why: "", note: undefined, error: undefined }));
    expect(reactionTo(outcomes as unknown as readonly Outcome[])).toBe(reaction);
  });
});

const REPLIES: readonly (readonly [string, readonly Answer[]])[] = [
  ["abort", [answer("baking", [done("abort")])]],
  ["abort, told after the fact", [answer("at rest", [done("abort")])]],
  ["abort of a weight without a release", [answer("weight without a release", [done("abort")])]],
  ["hold, then resume", [answer("baking", [done("hold"), done("resume")])]],
  [
    "resume over somebody's commit",
    [
      answer("somebody's commit on the branch", [
        done("resume", "the branch is built anew without 9999999999 by Ben <b>"),
      ]),
    ],
  ],
  ["promote to the end", [answer("measuring", [done("promote", "to the end of the release")])]],
  ["skip", [answer("measuring", [done("skip")])]],
  ["retry", [answer("at rest, the version blocked", [done("retry", "1.42.0 may start again")])]],
  ["adopt", [answer("weight lowered to one of the plan", [done("adopt", "the release goes on from 5%")])]],
  ["rollback", [answer("at rest", [done("rollback", "stable and canary get 1.40.0 back")])]],
  ["plan of two", [answer("baking", [told("plan")]), answer("passed", [told("plan")], "cart")]],
  ["why", [answer("a draft", [told("why")])]],
];

describe("a note", () => {
  it("tells whoever closed a step what that means", () => {
    expect(noteComment({ kind: "closed", by: "ana" })).toBe(
      "Closed by ana, and that holds the release: no step merges, and the weight stays as it is. Re-open this pull request or say `/resume` here to go on; `/abort` ends the release.",
    );
  });

  it("tells that a service is let go", () => {
    expect(noteComment({ kind: "letGo", service: "checkout" })).toContain(
      "Restore `.tidegate/services/checkout.yaml` to go on",
    );
  });
});

describe("an abort that GitHub does not let in", () => {
  const aborting: Aborting = { by: "gate", who: undefined, reason: "the canary fails more requests than stable" };
  const waits = (page: readonly string[], of = inFlight(2)) =>
    abortWaits(of, { kind: "abort", aborting, verdict: undefined }, "At least 1 approving review is required.", page);

  it("says what is at stake, GitHub's reason and what to do, and calls who is to be called", () => {
    const said = waits(["ana", "acme/on-call"]);
    expect(said.startsWith("@ana @acme/on-call\n\n")).toBe(true);
    expect(said).toContain("Until it is merged, 25% of the traffic of checkout in prod goes on to 1.42.0.");
    expect(said).toContain("The gate failed: the canary fails more requests than stable.");
    expect(said).toContain("GitHub does not let Tidegate merge it: At least 1 approving review is required.");
    expect(said).toContain("Approve and merge this now.");
  });

  it("calls nobody who is no account, and nobody where nobody is named", () => {
    expect(waits(["ana hi", "@ana", "a/b/c", "-x", "x".repeat(50)])).not.toContain("@");
    expect(waits([])).not.toContain("@");
  });

  it("says that nobody is served where the weight is 0", () => {
    expect(waits([], inFlight(0))).toContain("No traffic of checkout in prod goes to the canary");
  });
});

describe("how a release ended", () => {
  const release = { ...(inFlight(5).at.release ?? expect.fail("It is in flight.")), step: 5 };
  const at = member({ at: { stable: NEW }, changedAt: inFlight(0).changedAt + 90 * MINUTE });
  const summary = (changes: Partial<typeof release>, merger?: string) =>
    summaryComment({
      kind: "summarise",
      service: name("checkout"),
      pull: 4812,
      parts: [{ member: { ...at, merger }, stage: { kind: "resting" }, release: { ...release, ...changes } }],
    });

  it("names whose word stood in for a gate's", () => {
    const skip = { gate: "errors", by: "ana", comment: 7, reason: "moving" } as const;
    expect(summary({ skips: [skip] })).toContain("Errors skipped by ana: moving.");
    expect(summary({}, "ben")).toContain("The last step was merged by hand by ben, before its gate had said so.");
    const override = { by: "ana", comment: 7, commit: undefined, reach: "step" } as const;
    expect(summary({ override })).toContain("The last step: Overridden by ana.");
    expect(summary({})).not.toMatch(/by ana|by hand/);
  });

  it("names the way to start what was taken back again", () => {
    const aborting: Aborting = { by: "gate", who: undefined, reason: "errors" };
    expect(summary({ aborting })).toContain("`/retry` lets this one start again.");
    expect(summary({ aborting: { ...aborting, by: "containment" } })).not.toContain("/retry");
    expect(weight(0)).toBe(at.at.weight);
  });
});
