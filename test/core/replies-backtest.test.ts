import { describe, expect, it } from "vitest";
import type { Action } from "../../src/core/action.ts";
import { decide } from "../../src/core/decide.ts";
import { name } from "../../src/core/names.ts";
import type { Backtested } from "../../src/core/backtest.ts";
import type { HeardComment, Member } from "../../src/core/snapshot.ts";
import { inFlight, landingOf, MINUTE } from "../support/member.ts";
import { snapshotOf } from "../support/snapshot.ts";
import { says } from "../support/speech.ts";

const NOW = landingOf(1) + 5 * MINUTE;
const ASKED = says({ verb: "backtest" }, { permission: "write" });
const FOUND: HeardComment = { ...ASKED, found: "What the past says." };

const hearing = (target: string, heard: readonly HeardComment[]): Member => ({
  ...inFlight(1, { target: name(target) }),
  heard,
});

/** What is done about comments, in words. */
function about(members: readonly Member[]): readonly string[] {
  return decide(snapshotOf(members), NOW).flatMap(wordsOf);
}

function wordsOf(action: Action): readonly string[] {
  if (action.kind === "reply") {
    const outcomes = action.answers.flatMap((one) => one.outcomes.map(({ kind }) => `${one.member.target} ${kind}`));
    return [`reply: ${outcomes.join(", ")}`];
  }
  if (action.kind !== "backtest") return [];
  const names = (members: readonly Backtested[]) => members.map(({ target }) => target).join(" ");
  return [`backtest: ${names(action.members)}${action.others.length === 0 ? "" : ` not ${names(action.others)}`}`];
}

describe("a comment that asks for a back-test", () => {
  it.each<[string, readonly Member[], readonly string[]]>([
    ["is played first, and not answered meanwhile", [hearing("prod", [ASKED])], ["backtest: prod"]],
    ["is answered when that is over", [hearing("prod", [FOUND])], ["reply: prod told"]],
    ["is one for all whom it speaks to", [hearing("eu", [ASKED]), hearing("us", [ASKED])], ["backtest: eu us"]],
    [
      "is for some of very many",
      ["a", "b", "c", "d", "e", "f"].map((target) => hearing(target, [ASKED])),
      ["backtest: a b c d not e f"],
    ],
    [
      "is for the one that it names",
      ["eu", "us"].map((target) => hearing(target, [says({ verb: "backtest", target: name("us") })])),
      ["backtest: us"],
    ],
    ["names nobody here", [hearing("eu", [says({ verb: "backtest", target: name("us") })])], ["reply: eu nothingTo"]],
    [
      "is by somebody who may not read",
      [hearing("prod", [says({ verb: "backtest" }, { permission: "none" })])],
      ["reply: prod denied"],
    ],
    [
      "holds up no other comment",
      [hearing("prod", [ASKED, says({ verb: "status" }, { id: 901 })])],
      ["backtest: prod", "reply: prod told"],
    ],
    [
      "is answered together with the other commands in it, which are done at once",
      [hearing("prod", [{ ...ASKED, commands: [{ verb: "status" }, { verb: "backtest" }] }])],
      ["backtest: prod"],
    ],
  ])("%s", (_, members, expected) => {
    expect(about(members)).toEqual(expected);
  });

  it("keeps no abort waiting that stands beside it", () => {
    const commands = [{ verb: "backtest" }, { verb: "abort", reason: undefined }] as const;
    const both = { ...says({ verb: "backtest" }), commands };
    const [first] = decide(snapshotOf([hearing("prod", [both])]), NOW);
    expect(first).toMatchObject({ kind: "land", fall: { kind: "abort" } });
  });
});
