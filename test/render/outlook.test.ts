import { describe, expect, it } from "vitest";
import type { Image } from "../../src/core/image.ts";
import type { Manifest } from "../../src/core/manifest.ts";
import { name } from "../../src/core/names.ts";
import type { BumpPull, Member, Reach } from "../../src/core/snapshot.ts";
import type { Aborting } from "../../src/core/state.ts";
import { planFor, type EvidenceKind, type Policy } from "../../src/core/plan.ts";
import { weight } from "../../src/core/weight.ts";
import { planCheck, unconcernedCheck } from "../../src/render/check.ts";
import { HEAD, inFlight, member, MINUTE, NEW, OLD, version, waiting, workload } from "../support/member.ts";
import { SEASON } from "../support/seasons.ts";
import { pod, rollout, rolloutInFlight } from "../support/rollout-member.ts";
import { STAGES } from "../support/stages.ts";

const NEXT = version("1.43.0");
const EXPEDITE = { label: "hotfix", weights: [weight(50)], bakeMs: 2 * MINUTE } as const;
const ABORTING: Aborting = { by: "gate", who: undefined, reason: "errors" };

type Pulled = Partial<BumpPull> & {
  readonly of?: Member;
  readonly to?: typeof NEXT;
  readonly ahead?: readonly number[];
};

function reachOf({ of = member(), to = NEXT, ahead = [] }: Pulled): Reach {
  return { kind: "bump", member: of, to: { ...of.manifest, canary: workload("canary", to) }, ahead };
}

function check(pulled: Pulled = {}) {
  const { of: _of, to: _to, ahead: _ahead, ...rest } = pulled;
  return planCheck({
    number: 4900,
    headSha: HEAD,
    labels: [],
    fromFork: false,
    trespasses: [],
    beyond: { besides: [], unsteered: [], unfollowed: [], doubtful: [], uncompared: undefined },
    reaches: [reachOf(pulled)],
    ...rest,
  });
}

const by = (secondBump: "supersede" | "queue" | "batch", of: Member = inFlight(2)): Member => ({
  ...of,
  policy: { ...of.policy, secondBump, expedite: EXPEDITE },
});
const atZero = inFlight(0);
const backAt25 = inFlight(2, { release: { aborting: ABORTING } });
const backAtZero = inFlight(0, { release: { aborting: ABORTING } });
const PROMOTED_BACK = rolloutInFlight(4, {
  at: { weight: weight(0) },
  release: { aborting: ABORTING },
  manifest: { flagger: "back", canary: pod(OLD), stable: { ...pod(OLD), deployment: name("checkout-primary") } },
});

describe("what a target is judged on", () => {
  const judged = (evidence: EvidenceKind, target = "prod") => member({ target: name(target), policy: { evidence } });

  it.each<[EvidenceKind, string, string]>([
    ["compare", "tolerates 1.25 times stable's; it blocks at most 1% of good releases", "no more requests than stable"],
    ["health", "proven to fail less than 5% of its own requests", "nothing is compared with stable"],
    ["bake", "waits for ready pods and for time", "No requests are compared"],
  ])("%s is said, and what it does not prove", (evidence, gate, unproven) => {
    const { summary, text } = check({ of: judged(evidence) });
    expect(summary).toContain(gate);
    expect(`${summary}${text}`).toContain(unproven);
    expect(summary).not.toContain("In prod: ");
  });

  it.each(["compare", "bake"] as const)("is its own past besides, under %s, where that is configured", (evidence) => {
    const { summary } = check({ of: member({ policy: { evidence, seasonal: [SEASON] } }) });
    expect(summary).toContain("What is unusual for its time in the service's errors fails a step as well.");
  });

  it("is said of each target where they differ", () => {
    const reaches = [judged("bake", "staging"), judged("compare"), judged("compare", "prod-eu")].map((of) =>
      reachOf({ of }),
    );
    const { summary } = check({ reaches });
    expect(summary).toContain("In staging: The gate waits for ready pods");
    expect(summary).toContain("In prod, prod-eu: The gate compares error rates");
  });
});

describe("a further bump", () => {
  it.each<[string, Pulled, ReturnType<typeof check>["conclusion"], string]>([
    ["at rest", {}, "success", "Merging starts checkout in prod, 1.41.0 → 1.43.0: 7 steps, about 56 min"],
    [
      "supersede, with traffic",
      { of: by("supersede") },
      "action_required",
      "Merging this ends 1.42.0 of checkout in prod at 25%: its weight goes to 0 first, then 1.43.0 starts",
    ],
    [
      "supersede, at weight 0",
      { of: by("supersede", atZero) },
      "success",
      "Merging ends 1.42.0, which is at weight 0, and starts checkout in prod, 1.41.0 → 1.43.0: 7 steps, about 56 min",
    ],
    [
      "supersede, before the first step",
      { of: by("supersede", waiting()) },
      "success",
      "Merging replaces 1.42.0, which has not started, and starts checkout in prod, 1.41.0 → 1.43.0: 7 steps, about 56 min",
    ],
    [
      "supersede, while the weight in git is higher than the state's",
      { of: by("supersede", { ...atZero, manifest: { ...atZero.manifest, weight: weight(5) } }) },
      "action_required",
      "Merging this ends 1.42.0 of checkout in prod at 5%: its weight goes to 0 first, then 1.43.0 starts",
    ],
    [
      "supersede, on the way back with traffic",
      { of: by("supersede", backAt25) },
      undefined,
      "checkout in prod is taking 1.42.0 back at 25%: wait until that is over",
    ],
    [
      "supersede, on the way back at weight 0",
      { of: by("supersede", backAtZero) },
      "success",
      "Merging ends 1.42.0, which is at weight 0, and starts checkout in prod, 1.41.0 → 1.43.0: 7 steps, about 56 min",
    ],
    [
      "supersede, on the way back of a Canary at weight 0",
      { of: by("supersede", { ...backAtZero, manifest: { ...backAtZero.manifest, flagger: "back" } }) },
      undefined,
      "checkout in prod is taking 1.42.0 back at 0%: wait until that is over",
    ],
    [
      "supersede, on the way back of a Canary from its promotion",
      { of: by("supersede", PROMOTED_BACK) },
      undefined,
      "checkout in prod is taking 1.42.0 back at 0%: wait until that is over, and mend checkout-primary first where its pods are not ready: at another version Flagger would send it all of the traffic and take the others away",
    ],
    [
      "queue, at rest",
      { of: by("queue", member()) },
      "success",
      "Merging starts checkout in prod, 1.41.0 → 1.43.0: 7 steps, about 56 min",
    ],
    [
      "queue, in flight",
      { of: by("queue") },
      undefined,
      "checkout in prod is queued behind 1.42.0 (at 25%, about 39 min)",
    ],
    [
      "queue, in flight and behind others",
      { of: by("queue"), ahead: [12, 13] },
      undefined,
      "checkout in prod is queued behind 1.42.0 (at 25%, about 39 min), #\u206012 and #\u206013",
    ],
    [
      "queue, behind another at rest",
      { of: by("queue", member()), ahead: [12] },
      undefined,
      "checkout in prod is queued behind #\u206012",
    ],
    [
      "queue, behind many",
      { of: by("queue", member()), ahead: [1, 2, 3, 4, 5, 6, 7] },
      undefined,
      "checkout in prod is queued behind #\u20601, #\u20602, #\u20603, #\u20604 and 3 more",
    ],
    [
      "queue, before the first step of another",
      { of: by("queue", waiting()) },
      undefined,
      "checkout in prod is queued behind 1.42.0 (about to start)",
    ],
    [
      "queue, on the way back",
      { of: by("queue", backAtZero) },
      undefined,
      "checkout in prod is taking 1.42.0 back at 0%: wait until that is over",
    ],
    [
      "batch, in flight",
      { of: by("batch") },
      undefined,
      "checkout in prod waits for 1.42.0 (at 25%, about 39 min); then this and all that wait with it start as one release",
    ],
    [
      "batch, at rest, whoever waits",
      { of: by("batch", member()), ahead: [12] },
      "success",
      "Merging starts checkout in prod, 1.41.0 → 1.43.0: 7 steps, about 56 min",
    ],
    [
      "batch, while others gather",
      { of: by("batch", waiting()) },
      "success",
      "Merging starts checkout in prod, 1.41.0 → 1.43.0: 7 steps, about 56 min",
    ],
    [
      "a hotfix in a queue",
      { of: by("queue"), ahead: [12], labels: ["hotfix"] },
      "action_required",
      "Merging this ends 1.42.0 of checkout in prod at 25%: its weight goes to 0 first, then 1.43.0 starts",
    ],
    [
      "a hotfix at rest",
      { of: by("batch", member()), labels: ["other", "hotfix"] },
      "success",
      "Merging starts checkout in prod, 1.41.0 → 1.43.0 by the plan of hotfixes: 5 steps, about 16 min",
    ],
    [
      "what takes the release back",
      { of: by("queue"), to: OLD, ahead: [12] },
      "success",
      "Merging takes the release of checkout in prod back to 1.41.0",
    ],
  ])("%s", (_, pulled, conclusion, title) => {
    expect(check(pulled)).toMatchObject({ name: "tidegate/plan", conclusion, title });
  });

  it("shows the plan that it gets, whichever the one under way follows", () => {
    const under = {
      ...by("supersede", atZero),
      planName: "expedite" as const,
      plan: { steps: inFlight(0).plan.steps.slice(0, 2) },
    };
    expect(check({ of: under }).summary).toContain("5% → 25% → 50%");
    expect(check({ of: under, labels: ["hotfix"] }).summary).toContain("| 50% |");
  });

  it.each<[string, Pulled, string]>([
    ["ends", { of: by("supersede") }, "end it with `/abort` on its step; the check turns green at weight 0."],
    [
      "queued",
      { of: by("queue"), ahead: [12] },
      "when the service rests and the older pull requests are merged or closed.",
    ],
    ["queued, with a way past", { of: by("queue") }, "The label `hotfix` makes it a hotfix, which waits in no queue"],
    [
      "batched",
      { of: by("batch", member()) },
      "when no further bump has landed for 5 min; those that land until then join it.",
    ],
    ["a hotfix", { of: by("queue", member()), labels: ["hotfix"] }, "The label `hotfix` asks for the plan of hotfixes"],
  ])("says what helps, %s", (_, pulled, text) => {
    expect(check(pulled).summary).toContain(text);
  });
});

describe("what stands in the way", () => {
  it("names the way past a block", () => {
    const block = { image: NEXT, template: undefined, commit: undefined, by: "gate", reason: "errors" } as const;
    expect(check({ of: member({ state: { blocked: [block] } }) })).toMatchObject({
      conclusion: "action_required",
      title:
        "1.43.0 was taken back for checkout in prod (errors): merging it starts no release, unless somebody says /retry here first",
    });
    expect(check({ of: member({ state: { blocked: [block] } }) }).summary).toContain("`/retry` here lifts the block");
  });

  it.each<[keyof typeof STAGES, string]>([
    [
      "weight without a release",
      "checkout in prod is held: 5% of the traffic goes to the canary without a release, and merging this would put 1.43.0 under it",
    ],
    ["weight lowered to another", "checkout in prod is held: the weight was lowered from 25% to 3% by Ben"],
    [
      "the bump's commit gone",
      "checkout in prod is held: the commit bbbbbbbbbb that brought 1.42.0 is not on the tracked branch any more",
    ],
  ])("%s", (place, title) => {
    expect(check({ of: STAGES[place].of })).toMatchObject({ conclusion: "action_required", title });
  });

  it("is not red where nothing can be read: what mends it must be free to land", () => {
    const refused: Reach = { kind: "refused", service: "checkout", problems: ["state.yaml:3: no weight."] };
    expect(check({ reaches: [refused] })).toMatchObject({
      conclusion: "success",
      title: "Merging starts nothing: cannot read checkout: state.yaml:3: no weight",
    });
  });

  it("lists all of it, worst first", () => {
    const found = check({ of: by("queue"), ahead: [12], trespasses: [".tidegate/services/checkout.yaml"] });
    expect(found.conclusion).toBe("failure");
    expect(found.title).toBe(
      "Only Tidegate writes .tidegate/services/checkout.yaml: take that change out; and 1 more in the way",
    );
    expect(found.summary.indexOf("- Only Tidegate writes")).toBeLessThan(
      found.summary.indexOf("- checkout in prod is queued"),
    );
  });

  it("names a bump that is mixed with other changes", () => {
    const of = member();
    const canary = { ...workload("canary", NEXT), besides: "other" };
    const found = check({ reaches: [{ kind: "bump", member: of, to: { ...of.manifest, canary }, ahead: [] }] });
    expect(found.title).toBe(
      "Merging starts checkout in prod, 1.41.0 → 1.43.0 with other changes of its pod template: 7 steps, about 56 min",
    );
    expect(found.summary).toContain("Besides the image this changes other parts of the pod template");
    expect(check().summary).not.toContain("Besides the image");
  });

  it("names a release of the pod template alone", () => {
    const reach: Reach = {
      kind: "bump",
      member: member(),
      to: { ...member().manifest, canary: { ...workload("canary", OLD), template: "0123456789abcdef" } },
      ahead: [],
    };
    const { title, summary } = check({ reaches: [reach] });
    expect(title).toBe("Merging starts checkout in prod, a new pod template for 1.41.0: 7 steps, about 56 min");
    expect(summary).toContain("Where the image stays the same, the change of the pod template is a release of its own");
    expect(NEW).not.toBe(OLD);
  });

  it.each<readonly [string, Partial<Policy>, Partial<Manifest>, string | undefined]>([
    [
      "the promotion",
      {},
      { ratio: { replicas: 10, surge: 0 } },
      "Pods make the share of checkout in prod and checkout in prod-us, and those of both versions run one image: only the Argo Rollouts controller's own metrics can show the promotion, so have `rollout_info` scraped before this is merged, say `observe: assumed` for the target, or bring the change with a new image.",
    ],
    [
      "the promotion by Flagger",
      {},
      { flagger: "rest" },
      "Both Deployments of checkout in prod and checkout in prod-us run one image before and after Flagger promotes: nothing shows the promotion, so the last step waits for a person, who merges it once the Canary has `Succeeded`; or say `observe: assumed` for the target, or bring the change with a new image.",
    ],
    [
      "the promotion of what an autoscaler scales",
      {},
      { scaled: true },
      "Git does not say how many pods checkout in prod and checkout in prod-us has, and those of both versions run one image: only",
    ],
    [
      "that the old pods have gone of what an autoscaler scales",
      {},
      { scaled: true, blueGreen: true },
      "the last step waits for a person, who merges it once `scaleDownDelaySeconds` are over; or bring the change with a new image.",
    ],
    [
      "the weights that health sees",
      { evidence: "health" },
      {},
      "With `evidence: health` the weights of checkout in prod and checkout in prod-us show in pods, and those of both versions run one image: none would be seen to run, so say `observe: assumed` for the target, or bring the change with a new image.",
    ],
    [
      "the weights that are only baked",
      { evidence: "bake" },
      {},
      "none would be seen to run, so bring the change with a new image.",
    ],
    ["nothing, where requests tell", {}, {}, undefined],
    ["nothing, where it is assumed", { assumedAfterMs: MINUTE }, { ratio: { replicas: 10, surge: 0 } }, undefined],
  ])("says once which steps of a Rollout that keeps its image would stay unseen: %s", (_, policy, more, sentence) => {
    const reachIn = (target: string, image: Image): Reach => {
      const of = rollout({ target: name(target), policy });
      const canary = { ...pod(image), template: "0123456789abcdef" };
      return { kind: "bump", member: of, to: { ...of.manifest, canary, ...more }, ahead: [] };
    };
    const reaches = (image: Image) => [reachIn("prod", image), reachIn("prod-us", image)];
    const { summary, conclusion } = check({ reaches: reaches(OLD) });
    expect(conclusion).toBe("success");
    expect(summary.match(/run one image/g)?.length).toBe(sentence === undefined ? undefined : 1);
    expect(summary).toContain(sentence ?? "");
    expect(check({ reaches: reaches(NEXT) }).summary).not.toContain("run one image");
  });
});

describe("what else it does", () => {
  const besides = (count: number) =>
    Array.from({ length: count }, (_, at) => ({
      path: "apps/checkout/app.yaml",
      line: at + 1,
      what: "replicas: *spec*",
    }));
  const beyond = { besides: [], unsteered: [], unfollowed: [], doubtful: [], uncompared: undefined };

  it("is nothing where it does nothing else", () => {
    expect(check().summary).not.toMatch(/also|looked into/);
  });

  it("lists twenty changes, and how many more there are", () => {
    const { summary, conclusion } = check({ beyond: { ...beyond, besides: besides(23) } });
    expect(conclusion).toBe("success");
    expect(summary).toContain(
      "It also changes what is no image, in files of what it bumps:\n\n- line 1 of apps/checkout/app.yaml: replicas: \\*spec\\*\n",
    );
    expect(summary).toContain("- line 20 of apps/checkout/app.yaml: replicas: \\*spec\\*\n- and 3 more\n");
  });

  it.each([
    [["web in prod"], "merging deploys at once: web in prod."],
    [["api in prod", "web in dev", "web in prod"], "merging deploys at once: api in prod, web in dev and web in prod."],
    [Array.from({ length: 12 }, (_, at) => `s${at} in prod`), "s8 in prod, s9 in prod and 2 more."],
  ])("says which services it bumps that are not steered: %j", (unsteered, words) => {
    expect(check({ beyond: { ...beyond, unsteered } }).summary).toContain(words);
  });

  it("says which clusters would not follow it by themselves", () => {
    const unfollowed = [{ path: "clusters/prod.yaml", line: 3, what: "the Kustomization apps is suspended" }];
    const { summary, conclusion } = check({ beyond: { ...beyond, unfollowed } });
    expect(conclusion).toBe("success");
    expect(summary).toContain(
      "would wait until they do:\n\n- line 3 of clusters/prod.yaml: the Kustomization apps is suspended\n",
    );
  });

  it("says what is to be settled before its release is relied on", () => {
    const doubtful = [{ path: "apps/checkout/route.yaml", line: 9, what: "no DestinationRule of checkout is seen" }];
    const { summary, conclusion } = check({ beyond: { ...beyond, doubtful } });
    expect(conclusion).toBe("success");
    expect(summary).toContain(
      "relied on:\n\n- line 9 of apps/checkout/route.yaml: no DestinationRule of checkout is seen\n",
    );
  });

  it("says why its release would not begin, and until when it would wait", () => {
    const unfit = "apps/checkout/rule.yaml:8: no subset canary of checkout.";
    const reaches = [{ ...reachOf({}), unfit }];
    const { title, summary, conclusion } = check({ reaches });
    expect([conclusion, title]).toEqual([
      "action_required",
      "checkout in prod would not begin: apps/checkout/rule.yaml:8: no subset canary of checkout",
    ]);
    expect(summary).toContain("It would wait at weight 0 until that is mended");
  });

  it("says in full what is too long for the title", () => {
    const problem = `apps/till/rollout.yaml:29: found ${'"x" '.repeat(60)}; tidegate claim says what to write.`;
    const service = "till";
    const { title, summary } = check({ reaches: [{ kind: "refused", service, problems: [problem] }] });
    expect(title).not.toContain("tidegate claim");
    expect(summary).toContain("tidegate claim says what to write.");
    const unreadable = check({ reaches: [{ kind: "unreadable", member: member(), problem }] });
    expect(unreadable.summary).toContain("tidegate claim says what to write.");
  });

  it("says that it did not look into everything", () => {
    expect(check({ beyond: { ...beyond, uncompared: "the repository has too many files" } }).summary).toContain(
      "Not all of its files were looked into: the repository has too many files.",
    );
  });
});

describe("what concerns nobody", () => {
  it.each(["tidegate/plan", "tidegate/gate"] as const)("%s lets it pass, with no opinion", (name) => {
    const check_ = unconcernedCheck({ headSha: HEAD, checks: [name] }, name);
    expect(check_).toMatchObject({ name, headSha: HEAD, conclusion: "neutral", actions: [] });
    expect(check_.title).toContain("Nothing here concerns");
  });
});

describe("a bump that reaches several targets", () => {
  it("lists them by wave, and says how long all of them take and what to expect of the gates", () => {
    const reaches = ["prod-us", "staging", "prod-eu"].map((target): Reach => {
      const index = target === "staging" ? 0 : 1;
      const policy = { wave: { index, of: 2, targets: [target] } };
      return { ...reachOf({ of: member({ target: name(target), policy }) }) };
    });
    const { title, summary } = check({ reaches });
    expect(title).toBe("Merging starts checkout, 1.41.0 → 1.43.0, in 3 targets: 2 waves, about 111 min");
    const order = ["checkout · wave 1/2 staging", "checkout · wave 2/2 prod-us", "checkout · wave 2/2 prod-eu"];
    expect(order.map((row) => summary.indexOf(row))).toEqual(
      order.map((row) => summary.indexOf(row)).toSorted((a, b) => a - b),
    );
    expect(summary).toContain("A wave begins when the one before is done: wave 1/2 56 min, then wave 2/2 56 min");
    expect(summary).toContain("0.01 in wave 1/2 (1 member), 0.02 in wave 2/2 (2 members), at most 0.03 in all.");
  });
});

describe("a change of the configuration", () => {
  const asking = (of: Member, changes: Partial<Policy>) => {
    const policy = { ...of.policy, ...changes };
    return { member: of, policy, plan: planFor(policy, of.at, of.manifest) };
  };
  const otherSteps = { weights: [weight(10), weight(40)], bakeMs: 20 * MINUTE };

  it.each<[string, NonNullable<BumpPull["reconfigured"]>, ReturnType<typeof check>["conclusion"], string]>([
    [
      "that changes nothing",
      { problems: [], replanned: [] },
      "success",
      "This configuration can be used, and changes nothing for what is there",
    ],
    [
      "with other steps, at rest",
      { problems: [], replanned: [asking(member(), otherSteps)] },
      "success",
      "This configuration can be used: releases of 1 member go otherwise once it is merged",
    ],
    [
      "with other steps, under way",
      { problems: [], replanned: [asking(inFlight(2), otherSteps)] },
      "action_required",
      "Merging this holds 1.42.0 of checkout in prod at 25%: the plan has 40% where the state has 25%; the steps were changed under way",
    ],
    [
      "with another bake, under way",
      { problems: [], replanned: [asking(inFlight(2), { bakeMs: 20 * MINUTE })] },
      "success",
      "This configuration can be used: releases of 1 member go otherwise once it is merged",
    ],
    [
      "that cannot be used",
      { problems: ["tidegate.yml:3: has no steps.", "tidegate.yml:9: names prod a second time"], replanned: [] },
      "failure",
      "This configuration cannot be used: tidegate.yml:3: has no steps; and 1 more in the way",
    ],
    [
      "of others, for which it changes nothing",
      { problems: [], replanned: [], elsewhere: [] },
      "success",
      "What other repositories extend is understood, and changes nothing for those that are known",
    ],
    [
      "of others, that go otherwise",
      {
        problems: [],
        replanned: [],
        elsewhere: [{ repo: "acme/shop", otherwise: ["cart in prod", "till in prod"], problems: [], loosened: [] }],
      },
      "success",
      "What other repositories extend is understood: releases of 2 members in 1 repository go otherwise once it is merged",
    ],
    [
      "of others, that one could not use",
      {
        problems: [],
        replanned: [],
        elsewhere: [
          { repo: "acme/shop", otherwise: [], problems: ["org.yml:3: deadline does not fit."], loosened: [] },
        ],
      },
      "failure",
      "Merging this stops releases of acme/shop: org.yml:3: deadline does not fit",
    ],
    [
      "that asks for less than is enforced",
      { problems: [], loosened: ["tidegate.yml:3: bake is 1m, and org.yml:2 allows at least 5m."], replanned: [] },
      "failure",
      "This configuration asks for less than is enforced: tidegate.yml:3: bake is 1m, and org.yml:2 allows at least 5m",
    ],
  ])("%s", (_, reconfigured, conclusion, title) => {
    expect(check({ reaches: [], reconfigured })).toMatchObject({ conclusion, title });
  });

  it("says how releases go now, and how they would", () => {
    const replanned = [
      asking(member(), otherSteps),
      asking(member({ target: name("staging") }), { deadlineMs: 60 * MINUTE }),
    ];
    const { summary } = check({ reaches: [], reconfigured: { problems: [], replanned } });
    expect(summary).toContain(
      "| checkout in prod | 5% → 25% → 50%, 10 min each, `evidence: compare` | 10% → 40%, 20 min each, `evidence: compare` |",
    );
    expect(summary).toMatch(/\| checkout in staging \| .* \| the same, with other settings \|/);
  });

  it("beside a bump leaves the title to the release", () => {
    const { title, summary } = check({ reconfigured: { problems: [], replanned: [asking(member(), otherSteps)] } });
    expect(title).toMatch(/^Merging starts checkout in prod, /);
    expect(summary).toContain("10% → 40%");
  });
});
