import { expect, it } from "vitest";
import { pathsOf } from "../../src/sandbox/fleet.ts";
import { rolloutPathsOf } from "../../src/sandbox/rollout-fleet.ts";
import { edit, openBump, untilStep } from "../support/story-plot.ts";
import { checkOn, gateOf, liveOf, mergedSteps, planOf } from "../support/story-reads.ts";
import { openChange, rolloutWorld, TILL } from "../support/rollout-story.ts";
import type { Story } from "../support/story.ts";
import { told, UNHURRIED } from "./told.ts";

const CHECKOUT = "checkout";
const { route } = pathsOf(CHECKOUT);
const APPLICATION = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: checkout, namespace: argocd }
spec:
  project: default
  destination: { namespace: shop }
  source: { repoURL: https://git.example.com/shop, path: apps/checkout, directory: { recurse: true } }
  ignoreDifferences:
    - { group: networking.istio.io, kind: VirtualService, jqPathExpressions: [".spec.http[].route[].weight"] }
  syncPolicy: { automated: {}, syncOptions: [RespectIgnoreDifferences=true] }
`;
const SCALER = `apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: { name: checkout, namespace: shop }
spec:
  scaleTargetRef: { name: checkout-canary }
`;

async function pushed(story: Story, files: Readonly<Record<string, string>>): Promise<void> {
  await story.push("ana", files, "Change what releases go by");
  await story.settle();
}

function summaryOf(story: Story, pull: Parameters<typeof planOf>[1]): string {
  return checkOn(story, pull, "tidegate/plan")?.output.summary ?? "";
}

it.concurrent(
  "a release does not begin where Istio would answer 503 for its canary, says what else to settle, and begins when that is mended",
  UNHURRIED,
  told({ kinds: { [CHECKOUT]: "istioSubsets" } }, async (story) => {
    const rule = await story.file(route);
    const broken = rule.replace("labels: { track: canary }", "labels: { track: next }");
    await pushed(story, { [route]: broken, "clusters/checkout.yaml": APPLICATION, "scaling/checkout.yaml": SCALER });
    const pull = await openBump(story, { service: CHECKOUT, version: "1.1.0" });
    await story.settle();
    const plan = planOf(story, pull);
    expect(plan.conclusion).toBe("action_required");
    const where =
      /apps\/checkout\/tidegate\/route\.yaml:\d+: the subset canary takes pods with track: next, and canary's have track: canary/;
    expect(plan.title).toMatch(/^checkout in prod would not begin: /);
    expect(plan.title).toMatch(where);
    const summary = summaryOf(story, pull);
    expect(summary).toContain("line 9 of clusters/checkout.yaml: the Application checkout ignores");
    expect(summary).toContain("a weight in git would never be applied; take that out");
    expect(summary).toContain("line 1 of scaling/checkout.yaml: the ScaledObject checkout scales checkout-canary");

    await story.github.mergePull({ repo: story.repo, user: "renovate", number: pull.number, method: "squash" });
    await untilStep(story, CHECKOUT, "0-warmup");
    await story.until("it is held", () => gateOf(story, CHECKOUT).title.startsWith("Held: "));
    expect(gateOf(story, CHECKOUT).title).toMatch(where);
    await story.pass(3_000);
    expect([mergedSteps(story, CHECKOUT), liveOf(story, CHECKOUT).weight]).toEqual([[], 0]);

    await edit(story, "ana", route, () => rule);
    await untilStep(story, CHECKOUT, "1-5");
    expect(mergedSteps(story, CHECKOUT)).toHaveLength(1);
  }),
);

it.concurrent(
  "a Rollout whose steps are its people's is left alone, with what to write; paused, its plan says that nothing would follow",
  UNHURRIED,
  told(rolloutWorld("claimed"), async (story) => {
    const { rollout } = rolloutPathsOf({ name: TILL, form: "claimed" });
    const rested = await story.file(rollout);
    const analysed = rested.replace("- pause: {}", "- analysis: { templates: [{ templateName: errors }] }");
    await pushed(story, { [rollout]: analysed });
    const pull = await openChange(story, "claimed", "1.1.0");
    const { conclusion, title } = planOf(story, pull);
    expect(conclusion).toBe("success");
    expect(title).toMatch(/^Merging starts nothing: cannot read till: apps\/till\/rollout\.yaml:\d+: found .*analysis/);
    expect(summaryOf(story, pull)).toContain("tidegate claim says what to write");
    await pushed(story, { [rollout]: rested.replace("spec:\n", "spec:\n  paused: true\n") });
    const next = await openChange(story, "claimed", "1.2.0");
    expect(planOf(story, next).conclusion).toBe("success");
    expect(summaryOf(story, next)).toContain(
      "line 7 of apps/till/rollout.yaml: the Rollout till is paused (spec.paused): its controller takes no step",
    );
  }),
);
