import { describe, expect, it } from "vitest";
import type { Action } from "../../src/core/action.ts";
import { decide } from "../../src/core/decide.ts";
import { name, sha } from "../../src/core/names.ts";
import type { OptAsked, OptChange, OptFound, OptPull, OptStanding } from "../../src/core/opting.ts";
import { landingOf, inFlight, MINUTE } from "../support/member.ts";
import { snapshotOf } from "../support/snapshot.ts";
import { says } from "../support/speech.ts";

const NOW = landingOf(1) + 5 * MINUTE;
const CART = name("cart");

function changeBy(by: string, template: string): OptChange {
  const wish = { verb: "opt-in", service: CART, called: "cart", template, parameters: [], by } as const;
  const files = new Map([["apps/cart/tidegate/canary.yaml", "a"]]);
  return {
    wish,
    base: sha("a".repeat(40)),
    files,
    touched: [],
    targets: [],
    first: [],
    remarks: [],
    proposed: undefined,
  };
}

const CHANGE = changeBy("ana", "canary-istio");
const OTHER = changeBy("ben", "canary-nginx");

function asked(id: number, ...found: readonly OptFound[]): OptAsked {
  const said = found.map((one) => ({ kind: "meant", verb: "opt-in", service: "cart", found: one }) as const);
  return { comment: { id, pull: 12, human: { login: "ana" } }, said };
}

function pull(standing: OptStanding): OptPull {
  return { number: 13, headSha: sha("b".repeat(40)), verb: "opt-in", service: CART, standing };
}

function wordsOf(action: Action): readonly string[] {
  switch (action.kind) {
    case "opt":
      return [`opt ${action.due.change.wish.template}`];
    case "tellDeclined":
      return [`declined ${action.asked.comment.id}`];
    case "reportOpt":
      return [`report ${action.pull.standing.kind}`];
    case "reply": {
      const outcomes = action.answers.flatMap((one) => one.outcomes.map(({ kind }) => kind));
      const found = (action.optings ?? []).map((said) => (said.kind === "meant" ? said.found.kind : said.kind));
      return [`reply ${action.comment.id}: ${[...outcomes, ...found].join(", ")}`];
    }
    default:
      return [];
  }
}

function playedWords(action: Action): readonly string[] {
  switch (action.kind) {
    case "opt":
      return [action.isPlayed ? "opt played" : "opt"];
    case "backtest":
      return [`play ${action.of.kind} ${action.of.kind === "comment" ? action.of.id : action.of.pull}`];
    case "tellPast":
      return [`tell ${action.pull}: ${action.body} ${action.found}`];
    case "reply":
      return [`reply ${action.comment.id}: ${action.comment.found}`];
    default:
      return [];
  }
}

const REFUSED: OptStanding = { kind: "refused", reasons: ["It runs twice."] };
const DUE: OptFound = { kind: "due", change: CHANGE, anew: undefined };
const declined = (isTold: boolean): OptFound => ({ ...DUE, declined: { why: "Rules.", isTold } });
const OPEN: OptFound = { kind: "open", pull: 13 };

describe("opting in", () => {
  it.each<[string, readonly OptAsked[], readonly OptPull[], readonly string[]]>([
    ["is pushed first, and not answered meanwhile", [asked(1, DUE)], [], ["opt canary-istio"]],
    ["tells what is declined, and goes on trying", [asked(1, declined(false))], [], ["opt canary-istio", "declined 1"]],
    ["tells what is declined once", [asked(1, declined(true))], [], ["opt canary-istio"]],
    ["is answered when its pull request is open", [asked(1, OPEN)], [], ["reply 1: open"]],
    ["is answered as a whole", [asked(1, OPEN, DUE)], [], ["opt canary-istio"]],
    ["answers what is refused at once", [asked(1, { kind: "denied", why: "No." })], [], ["reply 1: denied"]],
    [
      "answers others meanwhile",
      [asked(1, DUE), asked(2, { kind: "superseded" })],
      [],
      ["opt canary-istio", "reply 2: superseded"],
    ],
    ["is brought up to date without a word", [], [pull({ kind: "outdated", change: CHANGE })], ["opt canary-istio"]],
    [
      "goes by what is asked for now, not by what was",
      [asked(1, { kind: "due", change: OTHER, anew: 13 })],
      [pull({ kind: "outdated", change: CHANGE })],
      ["opt canary-nginx"],
    ],
    ["says what merging does", [], [pull({ kind: "current", change: CHANGE })], ["report current"]],
    ["leaves what is somebody's", [], [pull({ kind: "foreign", by: "ben", trespasses: [] })], ["report foreign"]],
  ])("%s", (_, comments, pulls, words) => {
    const actions = decide(snapshotOf([], { opting: { asked: comments, pulls, offers: [], waiting: [] } }), NOW);
    expect(actions.flatMap(wordsOf)).toEqual(words);
  });

  it.each([
    ["soon where it is new", true, [{ kind: "wakeAt", at: NOW + 5_000 }]],
    ["when something else happens where it is known", false, []],
  ])("of a pull request that waits to be looked into is told %s", (_, isNew, expected) => {
    const waiting = [{ number: 13, headSha: sha("a".repeat(40)), isNew }];
    expect(decide(snapshotOf([], { opting: { asked: [], pulls: [], offers: [], waiting } }), NOW)).toEqual(expected);
  });

  const { state, target, at, manifest, policy, plan } = inFlight(1);
  const planned = { target, kind: "planned", plan, member: { state, target, at, manifest, policy } } as const;
  const whole: OptChange = { ...CHANGE, targets: [planned] };
  const waiting = (number: number, found?: string): OptPull => {
    return { ...pull({ kind: "current", change: whole }), number, awaits: { body: "Mine.", found } };
  };
  const due = (service: string): OptFound => {
    return { kind: "due", change: { ...whole, wish: { ...whole.wish, service: name(service) } }, anew: undefined };
  };

  it.each<[string, readonly OptAsked[], readonly OptPull[], readonly string[]]>([
    ["is begun where its words wait for it", [], [waiting(13)], ["play opt-in 13"]],
    ["is told there once it is known", [], [waiting(13, "Found.")], ["tell 13: Mine. Found."]],
    ["is not begun of what is not what Tidegate wrote", [], [{ ...waiting(13), standing: REFUSED }], []],
    ["goes with what is opened", [asked(1, due("web"))], [], ["opt played"]],
    ["is nothing where no releases are planned", [asked(1, DUE)], [], ["opt"]],
    [
      "does not go with more than a few at a time",
      [asked(1, ...["a", "b", "c", "d", "e"].map(due))],
      [],
      ["opt played", "opt played", "opt played", "opt played", "opt"],
    ],
    [
      "leaves room for those that wait",
      [asked(1, due("a"))],
      [waiting(10), waiting(11), waiting(12), waiting(13)],
      ["opt", "play opt-in 10", "play opt-in 11", "play opt-in 12", "play opt-in 13"],
    ],
    ["is begun for who asks, and not answered meanwhile", [played(undefined)], [], ["play comment 5"]],
    ["is answered when it is known", [played("Found.")], [], ["reply 5: Found."]],
  ])("what the past says %s", (_, comments, pulls, words) => {
    const actions = decide(snapshotOf([], { opting: { asked: comments, pulls, offers: [], waiting: [] } }), NOW);
    expect(actions.flatMap(playedWords)).toEqual(words);
  });

  function played(found: string | undefined): OptAsked {
    const said = { kind: "played", verb: "backtest", of: [planned.member], found } as const;
    return { comment: { id: 5, pull: 13, human: { login: "ana" } }, said: [said] };
  }

  const heard = says({ verb: "status" }, { id: 7 });

  it.each<[string, OptFound, readonly string[]]>([
    ["waits with the answer of a release", DUE, ["opt canary-istio"]],
    ["is one answer with that of a release", OPEN, ["reply 7: told, open"]],
  ])("that is asked for beside something else %s", (_, found, words) => {
    const members = [{ ...inFlight(1), heard: [heard] }];
    const actions = decide(
      snapshotOf(members, { opting: { asked: [asked(7, found)], pulls: [], offers: [], waiting: [] } }),
      NOW,
    );
    expect(actions.flatMap(wordsOf)).toEqual(words);
  });
});
