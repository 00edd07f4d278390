import { describe, expect, it } from "vitest";
import { rolloutPlanOf } from "../../src/core/plan.ts";
import { proposalOf } from "../../src/core/proposal.ts";
import type { Member, Reached } from "../../src/core/snapshot.ts";
import type { Aborting } from "../../src/core/state.ts";
import { NO_WEIGHT } from "../../src/core/weight.ts";
import { planCheck } from "../../src/render/check.ts";
import { fallMessage, stepMessage } from "../../src/render/commit.ts";
import { fallPull, stepPull } from "../../src/render/pull.ts";
import { recordOf } from "../../src/render/record.ts";
import { planTable } from "../../src/render/step.ts";
import { NOTHING_BEYOND } from "../../src/reconcile/beyond.ts";
import { commit, HEAD, NEW, OLD, POLICY, version } from "../support/member.ts";
import { pod, rollout, rolloutInFlight, rolloutWaiting, STEPS } from "../support/rollout-member.ts";

const PROMOTED = STEPS.findIndex(({ kind }) => kind === "promote");
const GATE: Aborting = { by: "gate", who: undefined, reason: "the canary fails more requests than stable" };
const FOREIGN: Aborting = { by: "containment", who: undefined, reason: "the canary's pod template changed under way" };

/** Nothing of two workloads: an Argo Rollout has no replicas of ours, no warm-up and no drain. */
const FOREIGN_WORDS = /replicas|warm|drain|canary's pods|Deployment/i;

function stepWords(of: Member): string {
  const step = STEPS[(of.at.release?.step ?? -1) + 1];
  const change = proposalOf(of, HEAD);
  if (step === undefined || change === undefined) throw new Error("A step is to come here.");
  const { title, body } = stepPull(of, step);
  const message = stepMessage(of, step, change);
  return [title, body, message.title, message.body].join("\n\n");
}

describe("the steps of an Argo Rollout, in words", () => {
  it.each([
    ["begin", rolloutWaiting(), "Begins the release of checkout to 1.42.0 at weight 0; no traffic moves."],
    ["first weight", rolloutInFlight(0), "Weight 0% → 5%.\n"],
    ["promotion", rolloutInFlight(PROMOTED - 1), "Lets the Rollout run out to 100%, which makes 1.42.0 stable."],
    [
      "rest",
      rolloutInFlight(PROMOTED),
      "Puts the Rollout's steps back to rest, where a new image makes no pods, and ends the release.",
    ],
  ])("%s", (_, of, sentence) => {
    expect(stepWords(of)).toContain(sentence);
    expect(stepWords(of)).not.toMatch(FOREIGN_WORDS);
  });

  it("have in the plan the share that so many pods come nearest to", () => {
    expect(planTable(rolloutPlanOf(POLICY, { replicas: 4, surge: 0 }), 0, "compare")).toContain("5%, by pods 25%");
    expect(planTable(rolloutPlanOf(POLICY), 0, "compare")).not.toContain("pods");
  });

  it("have no replicas in the record", () => {
    const of = rolloutInFlight(1);
    expect(JSON.stringify(recordOf(of, { kind: "resting" }, HEAD).live.canary)).toBe(JSON.stringify({ image: NEW }));
  });
});

describe("the way back of an Argo Rollout, in words", () => {
  const words = (of: Member, aborting: Aborting, kind: "abort" | "lower" | "takeBack") => {
    const fall = kind === "abort" ? ({ kind, aborting, verdict: undefined } as const) : ({ kind, aborting } as const);
    const { title, body } = fallPull(of, fall);
    return [title, body, fallMessage(of, fall).body].join("\n\n");
  };
  const lowered = { manifest: { weight: NO_WEIGHT }, at: { weight: NO_WEIGHT } };

  it.each([
    [
      "before promotion",
      rolloutInFlight(2),
      "abort",
      "The weight of the canary is 0 from here on; the image goes back when that is seen live.",
    ],
    [
      "the image",
      rolloutInFlight(2, { ...lowered, release: { aborting: GATE } }),
      "takeBack",
      "The canary is back on 1.41.0, which stable runs, and needs no pods of its own.",
    ],
    [
      "from promotion on",
      rolloutInFlight(PROMOTED),
      "abort",
      "The pod template is that of 1.41.0 again, under steps that run out",
    ],
    [
      "the steps",
      rolloutInFlight(PROMOTED, { release: { aborting: GATE }, manifest: { canary: pod(OLD) } }),
      "lower",
      "Stable is seen on 1.41.0, so the weight of the canary goes to 0.",
    ],
    [
      "the end",
      rolloutInFlight(PROMOTED, {
        ...lowered,
        release: { aborting: GATE },
        manifest: { weight: NO_WEIGHT, canary: pod(OLD) },
      }),
      "takeBack",
      "The release is over; the pod template in git is what stable runs.",
    ],
    [
      "what landed under way",
      rolloutInFlight(2, {
        ...lowered,
        release: { aborting: FOREIGN },
        manifest: { weight: NO_WEIGHT, canary: pod(version("1.43.0")) },
      }),
      "takeBack",
      "The release is over; what landed meanwhile stays, at weight 0.",
    ],
  ] as const)("%s", (_, of, kind, sentence) => {
    const said = words(of, of.at.release?.aborting ?? GATE, kind);
    expect(said).toContain(sentence);
    if (kind !== "abort") expect(said).not.toMatch(FOREIGN_WORDS);
  });
});

describe("tidegate/plan of a pull request that changes an Argo Rollout's pod template", () => {
  const check = (member: Reached, to = version("1.43.0")) =>
    planCheck({
      number: 5000,
      headSha: commit("8"),
      labels: [],
      fromFork: false,
      reaches: [{ kind: "bump", member, to: { ...member.manifest, canary: pod(to) }, ahead: [] }],
      trespasses: [],
      beyond: NOTHING_BEYOND,
    });

  it("starts a release from rest, and says its plan", () => {
    const { conclusion, title, text } = check(rollout());
    expect([conclusion, title]).toEqual([
      "success",
      expect.stringMatching(/^Merging starts checkout in prod, 1\.41\.0 → 1\.43\.0: 6 steps/),
    ]);
    expect(text).not.toMatch(FOREIGN_WORDS);
  });

  it("is let through at weight 0, whatever is under way", () => {
    expect(check(rolloutInFlight(0)).conclusion).toBe("success");
  });

  it.each([
    [
      rolloutInFlight(2),
      "1.42.0 of checkout in prod is at 25%, and the Rollout would run 1.43.0 straight to 25%: wait until the weight is 0",
    ],
    [
      rolloutInFlight(PROMOTED),
      "1.42.0 of checkout in prod is being promoted, and the Rollout would run 1.43.0 straight to 100%: wait until the weight is 0",
    ],
    [rolloutInFlight(PROMOTED, { release: { aborting: GATE }, manifest: { canary: pod(OLD) } }), "straight to 100%"],
  ])("fails where the Rollout would run it straight to the weight", (member, words) => {
    const { conclusion, title } = check(member);
    expect(conclusion).toBe("failure");
    expect(title).toContain(words);
  });

  it("takes the release back where it gives back what stable runs, from promotion on as well", () => {
    for (const index of [2, PROMOTED]) {
      const { conclusion, title } = check(rolloutInFlight(index), OLD);
      expect([conclusion, title]).toEqual(["success", "Merging takes the release of checkout in prod back to 1.41.0"]);
    }
  });
});
