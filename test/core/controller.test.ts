import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { withController } from "../../src/core/controller.ts";
import type { Liveness } from "../../src/core/live.ts";
import type { StepKind } from "../../src/core/plan.ts";
import { PHASES, type Phase } from "../../src/core/window.ts";
import { seenText } from "../../src/render/seen.ts";
import { unseenText } from "../../src/render/waiting.ts";
import { MINUTE, NOON, windows } from "../support/member.ts";
import { rolloutInFlight } from "../support/rollout-member.ts";

const SHARE: Liveness = { kind: "live", since: NOON, by: "share", share: 0.05, deviates: false };
const PODS: Liveness = { ...SHARE, by: "pods", share: undefined };
const ASSUMED: Liveness = { ...PODS, by: "assumed" };
const MISSING: Liveness = {
  kind: "unseen",
  why: { kind: "share", observed: 0, wanted: 0.05, requests: 900, split: "pending" },
};
const ALIKE: Liveness = { kind: "unseen", why: { kind: "alike" } };
const BLIND: Liveness = { kind: "unseen", why: { kind: "noPods", arm: "stable" } };

const LETTERS: Readonly<Record<string, readonly Phase[]>> = {
  c: ["Completed"],
  p: ["Paused"],
  g: ["Progressing"],
  i: ["InvalidSpec"],
  a: ["Abort"],
  t: ["Timeout"],
  e: ["Error"],
  x: ["Progressing", "Paused"],
};

/** What the controller says at the end of each minute, a letter each, `-` for nothing; what stands before the bar was before the landing. */
function told(letters: string): { readonly changedAt: number; readonly timeline: ReturnType<typeof windows> } {
  const before = letters.indexOf("|");
  const from = NOON - before * MINUTE;
  const each = letters.replace("|", "").split("");
  const timeline = windows({ from, count: each.length }).map((window, index) => {
    const phases = LETTERS[each[index] ?? ""];
    return phases === undefined ? window : { ...window, phases };
  });
  return { changedAt: NOON, timeline };
}

/** In what it is seen, what the controller says beside it, and since which minute; or why it is not. */
function outcome(seen: Liveness): string {
  if (seen.kind === "live") return [seen.by, seen.phase ?? "-", (seen.since - NOON) / MINUTE].join(" ");
  const { why } = seen;
  return why.kind === "controller" ? [why.phase, why.wanted ?? "never"].join(", not ") : why.kind;
}

describe("what the Argo Rollouts controller says of a change", () => {
  it.each<readonly [string, readonly [StepKind | undefined, Liveness], string, string]>([
    ["nothing", ["shift", SHARE], "|---", "share - 0"],
    ["a pause at the weight that the share shows", ["shift", SHARE], "p|ppp", "share Paused 0"],
    ["that it is on its way, where the share is there", ["shift", SHARE], "p|ppg", "share Progressing 0"],
    ["the same, where pods alone show it", ["shift", PODS], "p|ppg", "Progressing, not Paused"],
    ["a pause, where pods alone show it", ["shift", PODS], "p|gpp", "pods Paused 0"],
    ["the same, where nothing does", ["shift", ASSUMED], "p|gpp", "assumed Paused 0"],
    ["two things: its replicas disagree", ["shift", SHARE], "p|ppx", "share - 0"],
    ["two things, where pods alone show it", ["shift", PODS], "p|ppx", "Progressing, not Paused"],
    ["that nothing is under way", ["shift", SHARE], "p|ppc", "Completed, not Paused"],
    ["a pause at a weight that is not there", ["shift", MISSING], "p|ppp", "share"],
    ["that it does not act on what it was given", ["shift", SHARE], "p|pi", "InvalidSpec, not never"],
    ["the same, whatever is missing", ["shift", MISSING], "p|pi", "InvalidSpec, not never"],
    ["the same of a bump that has not begun", [undefined, PODS], "c|i", "InvalidSpec, not never"],
    ["that somebody has aborted in the cluster", ["shift", MISSING], "p|pa", "Abort, not never"],
    ["that pods do not come", ["shift", MISSING], "p|gt", "Timeout, not never"],
    ["that it cannot make pods", ["begin", SHARE], "c|e", "Error, not never"],
    ["refusals that are over", ["shift", SHARE], "p|ipp", "share Paused 0"],
    ["a refusal before the change", ["shift", SHARE], "i|ppp", "share Paused 0"],
    ["whatever else of a beginning", ["begin", SHARE], "c|cp", "share Paused 0"],
    ["completion of what the pods show", ["promote", PODS], "p|pgc", "pods Completed 0"],
    ["that it is not complete yet", ["promote", PODS], "p|pgg", "Progressing, not Completed"],
    ["that it was, and a pod started again", ["promote", PODS], "p|pcg", "pods Progressing 0"],
    ["a pause that does not end", ["promote", PODS], "p|pp", "Paused, not Completed"],
    ["the same, which outweighs what is missing", ["promote", MISSING], "p|pp", "Paused, not Completed"],
    ["completion of what nothing else tells", ["promote", ALIKE], "p|pgc", "controller Completed 2"],
    ["the same, where pods are not known", ["promote", BLIND], "p|cc", "controller Completed 0"],
    ["completion that was there before", ["promote", ALIKE], "c|cc", "alike"],
    ["completion again, of a version that was never paused", ["promote", ALIKE], "c|cgc", "alike"],
    ["completion, where the pods contradict it", ["promote", MISSING], "p|pgc", "share"],
  ])("%s", (_, [step, seen], letters, expected) => {
    expect(outcome(withController(seen, { step, ...told(letters) }))).toBe(expected);
  });

  it("makes nothing live but a promotion, and changes nothing where it says nothing", () => {
    const letters = fc.string({ unit: fc.constantFrom(...Object.keys(LETTERS), "-"), maxLength: 8 });
    const steps = fc.constantFrom<StepKind | undefined>(undefined, "begin", "shift", "rest");
    const reasons = fc.constantFrom(MISSING, ALIKE, BLIND);
    fc.assert(
      fc.property(letters, letters, steps, reasons, (before, after, step, seen) => {
        const { kind } = withController(seen, { step, ...told(`${before}|${after}`) });
        expect(kind).toBe("unseen");
        const mute = after.replace(/./g, "-");
        for (const one of [SHARE, PODS, seen])
          expect(withController(one, { step, ...told(`${before}|${mute}`) })).toEqual(one);
      }),
    );
  });
});

describe("the controller's word", () => {
  const of = rolloutInFlight(2);

  it("is named where it keeps a change from being live", () => {
    for (const phase of PHASES) {
      const text = unseenText({ kind: "controller", phase, wanted: undefined }, of);
      expect(text).toBe(`the Argo Rollouts controller reports ${phase}`);
    }
    expect(unseenText({ kind: "controller", phase: "Paused", wanted: "Completed" }, of)).toBe(
      "the Argo Rollouts controller reports Paused, and the committed steps end in Completed",
    );
  });

  it("is named beside what shows the change, and alone", () => {
    const since = new Date(of.changedAt).toISOString();
    expect(seenText({ by: "share", since, share: 0.25, phase: "Paused" }, of)).toBe(
      "Seen live since 12:40 UTC in the requests, of which 25% went to the canary; the Argo Rollouts controller reports Paused",
    );
    expect(seenText({ by: "controller", since, phase: "Completed" }, of)).toBe(
      "Seen live since 12:40 UTC by the Argo Rollouts controller alone, which reports Completed",
    );
  });
});
