import { describe, expect, it } from "vitest";
import { isOver, type Action } from "../../src/core/action.ts";
import { decide } from "../../src/core/decide.ts";
import { name, repoName } from "../../src/core/names.ts";
import { unavailable } from "../../src/core/reading.ts";
import type { HeardComment, Member, Snapshot } from "../../src/core/snapshot.ts";
import { weight } from "../../src/core/weight.ts";
import {
  BUMP,
  HEAD,
  inFlight,
  landingOf,
  measured,
  member,
  MINUTE,
  NEW,
  NOON,
  OLD,
  podsOf,
  stepPull,
  version,
  waiting,
  workload,
} from "../support/member.ts";
import { says } from "../support/speech.ts";

function snapshot(members: readonly Member[], lastMerge?: number): Snapshot {
  return {
    repo: repoName("acme/gitops"),
    branch: "main",
    head: HEAD,
    members,
    refusals: [],
    bumps: [],
    litter: [],
    letGo: [],
    unconcerned: [],
    unheard: 0,
    lastMerge,
  };
}

/** Actions in a word each, with what tells them apart. */
function words(actions: readonly Action[]): readonly string[] {
  return actions.map((action) => {
    if (action.kind === "reportGate") return `report ${action.stage.kind}`;
    if (action.kind === "land") return action.fall.kind;
    if (action.kind === "reply")
      return `reply ${action.answers.flatMap(({ outcomes }) => outcomes.map(({ kind }) => kind)).join()}`;
    return action.kind;
  });
}

function decided(of: Member, now: number): readonly string[] {
  return words(decide(snapshot([of]), now));
}

const HEALTHY = [1000, 5] as const;
const FAILING = [1000, 50] as const;
const QUIET = [0, 0] as const;

/** At 5 % with enough traffic to decide. */
const AT_FIVE = inFlight(1);
const CANARY_FINE = measured(AT_FIVE, { count: 20, canary: [500, 2], stable: [9500, 47] });
const CANARY_FAILS = measured(AT_FIVE, { count: 4, canary: [500, 40], stable: [9500, 47] });

describe("one member, one look", () => {
  it.each<[string, Member, number, readonly string[]]>([
    ["do nothing at rest", member(), NOON, []],
    ["propose the warm-up of a bump that landed", { ...waiting(), pull: undefined }, NOON, ["propose"]],
    [
      "say what the warm-up waits for",
      measured(waiting(), { count: 1, canary: QUIET, stable: HEALTHY }),
      NOON + MINUTE,
      ["report syncing", "wakeAt"],
    ],
    [
      "merge the warm-up once rest is seen",
      measured(waiting(), { count: 3, canary: QUIET, stable: HEALTHY }),
      NOON + 3 * MINUTE,
      ["report passed", "merge"],
    ],
    ["propose the next step when none is open", { ...AT_FIVE, pull: undefined }, landingOf(1), ["propose"]],
    [
      "propose anew when the head is not what it should be",
      { ...AT_FIVE, pull: stepPull({ current: false }) },
      landingOf(1),
      ["propose"],
    ],
    [
      "wait while the provider is down",
      { ...AT_FIVE, timeline: unavailable("connection refused") },
      landingOf(1) + 20 * MINUTE,
      ["report syncing", "wakeAt"],
    ],
    ["wait without a window", AT_FIVE, landingOf(1) + 20 * MINUTE, ["report syncing", "wakeAt"]],
    ["bake", CANARY_FINE, landingOf(1) + 5 * MINUTE, ["report baking", "wakeAt"]],
    ["merge what passed and baked", CANARY_FINE, landingOf(1) + 20 * MINUTE, ["report passed", "merge"]],
    [
      "never pass on no canary traffic",
      measured(AT_FIVE, { count: 20, canary: QUIET, stable: HEALTHY }),
      landingOf(1) + 20 * MINUTE,
      ["report syncing", "wakeAt"],
    ],
    ["abort on a failed gate, the commit first", CANARY_FAILS, landingOf(1) + 4 * MINUTE, ["abort", "report failed"]],
    [
      "abort on a failed gate while it is still syncing",
      measured(AT_FIVE, { count: 4, canary: [500, 40], stable: [9500, 47], pods: {} }),
      landingOf(1) + 4 * MINUTE,
      ["abort", "report failed"],
    ],
    [
      "never promote on a failed gate",
      measured(inFlight(3), { count: 20, canary: FAILING, stable: HEALTHY }),
      landingOf(3) + 20 * MINUTE,
      ["abort", "report failed"],
    ],
    [
      "go back when stable fails on the new version",
      measured(inFlight(4), { count: 4, canary: HEALTHY, stable: [1000, 120] }),
      landingOf(4) + 4 * MINUTE,
      ["abort", "report failed"],
    ],
    [
      "go back when stable is worse than the canary was",
      measured(inFlight(4), { count: 20, canary: [5000, 5], stable: [5000, 100] }),
      landingOf(4) + 20 * MINUTE,
      ["abort", "report failed"],
    ],
    [
      "hold the weight when the canary is promoted and fine",
      measured(inFlight(4), { count: 20, canary: [5000, 25], stable: [5000, 25] }),
      landingOf(4) + 20 * MINUTE,
      ["report passed", "merge"],
    ],
    [
      "rest when the drained canary is quiet",
      measured(inFlight(5), { count: 3, canary: QUIET, stable: HEALTHY }),
      landingOf(5) + 3 * MINUTE,
      ["report passed", "merge"],
    ],
    [
      "leave a blocked version alone",
      member({
        manifest: { canary: workload("canary", NEW) },
        state: { blocked: [{ image: NEW, template: undefined, commit: undefined, by: "gate", reason: "errors" }] },
      }),
      NOON,
      [],
    ],
  ])("%s", (_, of, now, expected) => {
    expect(decided(of, now)).toEqual(expected);
  });
});

describe("containment", () => {
  it("takes back a weight under which another version landed, without blocking it", () => {
    const other = workload("canary", version("1.43.0"), 3);
    const of = measured(inFlight(2, { manifest: { weight: weight(25), canary: other } }), {
      count: 20,
      canary: HEALTHY,
      stable: HEALTHY,
    });
    const [first] = decide(snapshot([of]), landingOf(2) + 20 * MINUTE);
    expect(first).toMatchObject({
      kind: "land",
      change: { weight: 0, canaryTemplate: undefined, state: { blocked: [] } },
    });
  });

  it("leaves stable on a version that was proven, and takes the weight from what came in its place", () => {
    const other = workload("canary", version("1.43.0"), 5);
    const of = inFlight(4, { manifest: { weight: weight(50), canary: other, stable: workload("stable", NEW) } });
    const [first] = decide(snapshot([of]), landingOf(4));
    expect(first).toMatchObject({ kind: "land", change: { weight: 0, stableTemplate: undefined } });
  });

  it("moves nothing where the route and the state disagree", () => {
    const of = measured(inFlight(2, { manifest: { weight: weight(40), canary: workload("canary", NEW, 5) } }), {
      count: 20,
      canary: HEALTHY,
      stable: HEALTHY,
    });
    expect(decided(of, landingOf(2) + 20 * MINUTE)).toEqual(["report diverged", "wakeAt"]);
  });
});

describe("the way back", () => {
  const aborting = { by: "gate", who: undefined, reason: "errors" } as const;
  const lowered = inFlight(2, {
    at: { weight: weight(0) },
    manifest: { weight: weight(0), canary: workload("canary", NEW, 5) },
    release: { aborting },
    pull: undefined,
  });

  it("gives the image back only when weight 0 is seen", () => {
    const at = { ...lowered.at, weight: weight(0), release: lowered.at.release };
    const busy = measured({ ...lowered, at }, { count: 4, canary: HEALTHY, stable: HEALTHY });
    const quiet = measured({ ...lowered, at }, { count: 4, canary: QUIET, stable: HEALTHY });
    expect(decided(busy, landingOf(2) + 4 * MINUTE)).toEqual(["wakeAt"]);
    expect(decide(snapshot([quiet]), landingOf(2) + 4 * MINUTE)).toMatchObject([
      { kind: "land", fall: { kind: "takeBack" }, change: { canaryReplicas: 0, canaryTemplate: { kind: "asAt" } } },
    ]);
  });

  it("restores stable before it lowers the weight, once stable has the new version", () => {
    const failing = measured(inFlight(4), { count: 4, canary: HEALTHY, stable: [1000, 120] });
    expect(decide(snapshot([failing]), landingOf(4) + 4 * MINUTE)[0]).toMatchObject({
      kind: "land",
      change: { weight: 50, stableTemplate: { kind: "asAt" }, canaryTemplate: undefined },
    });
  });

  it("lowers the weight at once when another version came under it meanwhile", () => {
    const of = inFlight(4, {
      release: { aborting },
      manifest: {
        weight: weight(50),
        canary: workload("canary", version("1.43.0"), 5),
        stable: workload("stable", OLD),
      },
      at: { stable: OLD },
    });
    expect(decided({ ...of, timeline: unavailable("connection refused") }, landingOf(4))).toEqual(["lower"]);
  });

  it("lowers the weight when stable is seen on the old version", () => {
    const of = inFlight(4, {
      release: { aborting },
      manifest: { weight: weight(50), canary: workload("canary", NEW, 5), stable: workload("stable", OLD) },
      at: { stable: OLD },
    });
    const rolling = {
      canary: [{ image: NEW, ready: 5, total: 5 }],
      stable: [
        { image: OLD, ready: 4, total: 4 },
        { image: NEW, ready: 6, total: 6 },
      ],
    };
    expect(
      decided(measured(of, { count: 4, canary: HEALTHY, stable: HEALTHY, pods: rolling }), landingOf(4) + 4 * MINUTE),
    ).toEqual(["wakeAt"]);
    expect(
      decided(
        measured(of, { count: 4, canary: HEALTHY, stable: HEALTHY, pods: podsOf(of) }),
        landingOf(4) + 4 * MINUTE,
      ),
    ).toEqual(["lower"]);
  });
});

describe("people", () => {
  const now = landingOf(1) + 5 * MINUTE;
  it.each<[string, readonly HeardComment[], readonly string[]]>([
    ["abort at once", [says({ verb: "abort", reason: "wrong config" })], ["abort", "report failed", "reply done"]],
    ["hold by a commit on the step's branch", [says({ verb: "hold", reason: undefined })], ["propose", "reply done"]],
    ["promote by a commit on the step's branch", [says({ verb: "promote", reach: "step" })], ["propose", "reply done"]],
    ["tell the status", [says({ verb: "status" }, { permission: "read" })], ["report baking", "wakeAt", "reply told"]],
    [
      "deny what the asker may not do",
      [says({ verb: "promote", reach: "step" }, { permission: "read" })],
      ["report baking", "wakeAt", "reply denied"],
    ],
    ["resume nothing", [says({ verb: "resume" })], ["report baking", "wakeAt", "reply nothingTo"]],
    [
      "take the later word",
      [says({ verb: "hold", reason: undefined }), says({ verb: "abort", reason: undefined }, { id: 901 })],
      ["abort", "report failed", "reply done", "reply done"],
    ],
  ])("%s", (_, heard, expected) => {
    expect(decided({ ...CANARY_FINE, heard }, now)).toEqual(expected);
  });

  const proposed = (changes: object) => {
    const { pull } = CANARY_FINE;
    if (pull?.proposed === undefined) throw new Error("The builder opens the next step.");
    return { ...pull, proposed: { ...pull.proposed, ...changes } };
  };
  const hold = { target: name("prod"), by: "ana", comment: 900, closed: undefined, at: undefined, reason: undefined };

  it("never merges while held", () => {
    expect(
      decided({ ...CANARY_FINE, pull: proposed({ holds: [hold], heard: 900 }) }, landingOf(1) + 60 * MINUTE),
    ).toEqual(["report held", "wakeAt"]);
  });

  it("does not hold a release because an earlier one was held to its end", () => {
    const of = waiting({ state: { holds: [hold] } });
    expect(decided(measured(of, { count: 4, canary: QUIET, stable: HEALTHY }), NOON + 5 * MINUTE)).toContain("merge");
  });

  it("aborts a failing canary while held", () => {
    expect(
      decided({ ...CANARY_FAILS, pull: proposed({ holds: [hold], heard: 900 }) }, landingOf(1) + 60 * MINUTE),
    ).toEqual(["abort", "report failed"]);
  });

  it("only answers a comment whose effect is in git", () => {
    const of = {
      ...CANARY_FINE,
      pull: proposed({ holds: [hold], heard: 900 }),
      heard: [says({ verb: "hold", reason: undefined })],
    };
    expect(decided(of, now)).toEqual(["report held", "wakeAt", "reply done"]);
  });

  it("does not promise what it cannot commit yet", () => {
    expect(
      decided({ ...CANARY_FINE, pull: undefined, heard: [says({ verb: "hold", reason: undefined })] }, now),
    ).toEqual(["propose"]);
  });
});

describe("several members", () => {
  it("puts every abort before anything else", () => {
    const actions = words(decide(snapshot([CANARY_FINE, CANARY_FAILS]), landingOf(1) + 20 * MINUTE));
    expect(actions[0]).toBe("abort");
  });

  it("gives a step the checks that the rules ask for before it merges, and other heads theirs last", () => {
    const due = measured(waiting(), { count: 3, canary: QUIET, stable: HEALTHY });
    const step = { headSha: due.pull?.headSha ?? HEAD, checks: ["tidegate/plan"] } as const;
    const other = { headSha: HEAD, checks: ["tidegate/plan", "tidegate/gate"] } as const;
    const actions = decide({ ...snapshot([due]), unconcerned: [other, step] }, NOON + 3 * MINUTE);
    expect(words(actions)).toEqual(["reportUnconcerned", "report passed", "merge", "reportUnconcerned"]);
    expect(actions[0]).toEqual({ kind: "reportUnconcerned", unconcerned: step, stepOf: due });
    expect(actions.at(-1)).toEqual({ kind: "reportUnconcerned", unconcerned: other, stepOf: undefined });
  });

  it("keeps the repository's pace, but never for an abort", () => {
    const now = landingOf(1) + 20 * MINUTE;
    expect(words(decide(snapshot([CANARY_FINE, CANARY_FINE]), now))).toEqual([
      "report passed",
      "merge",
      "report paced",
      "wakeAt",
    ]);
    expect(words(decide(snapshot([CANARY_FINE], now - 1000), now))).toEqual(["report paced", "wakeAt"]);
    expect(words(decide(snapshot([CANARY_FAILS], now - 1000), now))).toEqual(["abort", "report failed"]);
  });

  it("gives the repository's turn to whoever has stood longest, whatever it is called", () => {
    const now = landingOf(1) + 20 * MINUTE;
    const lately = { ...CANARY_FINE, target: name("eu"), changedAt: CANARY_FINE.changedAt + 1 };
    const merged = (...members: readonly Member[]) =>
      decide(snapshot(members), now).flatMap((action) => (action.kind === "merge" ? [action.member.target] : []));
    expect(merged(lately, CANARY_FINE)).toEqual([CANARY_FINE.target]);
    expect(merged(CANARY_FINE, lately)).toEqual([CANARY_FINE.target]);
  });
});

describe("branches that were left behind", () => {
  it("are removed when their release is over, and only those", () => {
    const of = inFlight(2);
    const names = [
      "tidegate/checkout/prod/0123456789/2-25",
      "tidegate/checkout/prod/0123456789/abort",
      `tidegate/checkout/prod/${BUMP.commit.slice(0, 10)}/2-25`,
      "tidegate/checkout/prod/notes/mine",
      "tidegate/checkout/staging/0123456789/2-25",
      "tidegate/checkout-2/prod/0123456789/2-25",
      "tidegate/checkout/prod/0123456789/2-25/more",
      "fix/checkout",
    ];
    expect(names.filter((branch) => isOver(of, branch))).toEqual(names.slice(0, 2));
  });

  it("come last of all", () => {
    const litter = [{ branch: "tidegate/checkout/prod/0123456789/2-25", headSha: HEAD }];
    expect(words(decide({ ...snapshot([CANARY_FAILS]), litter }, landingOf(1) + 20 * MINUTE)).at(-1)).toBe("prune");
  });
});
