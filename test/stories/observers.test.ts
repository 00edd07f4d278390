import { describe, expect, it } from "vitest";
import type { ApplicationPolicy, SyncNotice } from "../../src/sandbox/cluster/application.ts";
import type { SandboxGitHub } from "../../src/sandbox/github/start.ts";
import { landBump, say, untilRest, untilStep } from "../support/story-plot.ts";
import { checkOn, gateOf, leafOf, liveOf, mergedSteps, stepOf, weightsInGit } from "../support/story-reads.ts";
import { imageOf, REPO } from "../support/story-world.ts";
import type { Story } from "../support/story.ts";
import { landChange, liveShares, rolloutWorld, running, TILL, untilTillRests } from "../support/rollout-story.ts";
import { told, UNHURRIED, type TellOptions } from "./told.ts";

const ARGO = "acme-argocd[bot]";
const BUMP = { service: "checkout", version: "1.1.0" } as const;
const CONTEXT = "argocd/checkout";
/** Nobody scrapes what Kubernetes says of pods: the metrics show shares alone. */
const NO_PODS = ["kube_"] as const;

/** A target whose pods nothing shows, and whose deliverer's word is believed. */
function believing(reports: string): Readonly<Record<string, string>> {
  return { targets: `[{ name: prod, metrics: prod, observe: reported, reports: { by: "${ARGO}", ${reports} } }]` };
}

const postStatus = (github: SandboxGitHub, { revision, outcome }: SyncNotice) =>
  github.postStatus({ repo: REPO, user: ARGO, sha: revision, context: CONTEXT, state: outcome });

const reportDeployment = (github: SandboxGitHub, { revision, outcome }: SyncNotice) =>
  github.reportDeployment({ repo: REPO, user: ARGO, sha: revision, environment: "prod-checkout", state: outcome });

/** What the gates of merged steps say of how the change before was seen. */
function seenBy(story: Story, service: string): readonly string[] {
  return mergedSteps(story, service).map((step) => {
    const text = checkOn(story, step, "tidegate/gate")?.output.text ?? "";
    return /^(?:Seen|Reported|Assumed) live .*$/m.exec(text)?.[0] ?? "";
  });
}

async function headOf({ github }: Story): Promise<readonly [head: string, before: string]> {
  const [head, before] = await github.log(REPO, "main");
  return [head?.sha ?? "", before?.sha ?? ""];
}

/** Somebody says what became of a commit, and the bot looks again. */
async function posted(story: Story, user: string, sha: string, state: "success" | "failure"): Promise<void> {
  await story.github.postStatus({ repo: REPO, user, sha, context: CONTEXT, state });
  await story.pass(2_000);
}

describe("where the metrics know no pods, the word of the tool that delivers", () => {
  it.concurrent("counts if it is its own, a success, and of a commit that carries the change", UNHURRIED, () => {
    let sync: ApplicationPolicy["sync"] = "automatic";
    const options: TellOptions = {
      services: ["checkout"],
      config: believing('status: "argocd/{service}"'),
      unscraped: NO_PODS,
      notify: postStatus,
      policy: () => ({ sync }),
    };
    return told(options, async (story) => {
      sync = "manual";
      await landBump(story, BUMP);
      await untilStep(story, "checkout", "0-warmup");
      await story.pass(3_000);
      const missing = `Syncing: nothing shows the change, and ${ARGO} has not reported it (status ${CONTEXT})`;
      expect(gateOf(story, "checkout").title).toBe(missing);

      const [head, before] = await headOf(story);
      await posted(story, "ben", head, "success");
      await posted(story, ARGO, before, "success");
      expect(gateOf(story, "checkout").title).toBe(missing);
      await posted(story, ARGO, head, "failure");
      const failed = `Syncing: ${ARGO} reports failure for ${head.slice(0, 10)} at `;
      expect(gateOf(story, "checkout").title.slice(0, failed.length)).toBe(failed);
      expect(mergedSteps(story, "checkout")).toEqual([]);

      sync = "automatic";
      await untilRest(story, "checkout");
      expect(await weightsInGit(story, "checkout")).toEqual([0, 5, 25, 50, 0]);
      expect(liveOf(story, "checkout")).toEqual({ weight: 0, canary: [], stable: [imageOf("checkout", "1.1.0")] });
      const said = seenBy(story, "checkout");
      expect(said).toHaveLength(7);
      for (const sentence of said)
        expect(sentence).toMatch(
          /^(?:Reported live since [\d: -]+ UTC|Seen live since .*; the pods are reported) by acme-argocd\[bot\]: success for [0-9a-f]{10} at /,
        );
      expect(said[2]).toMatch(
        /^Seen live since .* of which \d+(?:\.\d+)?% went to the canary; the pods are reported by acme-argocd/,
      );
    })();
  });

  it.concurrent(
    "may be that of a deployment, is asked for while it is waited for and not again, and lets a failing version go back",
    UNHURRIED,
    told(
      {
        services: ["checkout"],
        config: believing('deployment: "{target}-{service}"'),
        faults: new Map([[imageOf("checkout", "1.1.0"), { kind: "errorRatio", ratio: 20 }]]),
        unscraped: NO_PODS,
        notify: reportDeployment,
      },
      async (story) => {
        await landBump(story, BUMP);
        await untilStep(story, "checkout", "1-5");
        await say(story, "ana", stepOf(story, "checkout")?.number, "/hold");
        await story.pass(4_000);
        const asked = () => story.github.calls().filter(({ route }) => route.includes("/deployments")).length;
        const before = asked();
        expect(before).toBeGreaterThan(0);
        await story.pass(6_000);
        expect(asked()).toBe(before);
        await say(story, "ana", stepOf(story, "checkout")?.number, "/resume");
        await untilRest(story, "checkout");
        expect(mergedSteps(story, "checkout").map(leafOf)).toEqual(["0-warmup", "1-5", "abort", "take-back"]);
        expect(seenBy(story, "checkout")[1]).toMatch(/\(deployment to prod-checkout\)\.$/);
        expect(liveOf(story, "checkout")).toMatchObject({ weight: 0, stable: [imageOf("checkout", "1.0.0")] });
      },
    ),
  );
});

describe("the Argo Rollouts controller", () => {
  it.concurrent(
    "is named beside what shows a weight, and where it pauses at a promotion that should run out",
    UNHURRIED,
    told(rolloutWorld("owned"), async (story) => {
      await landChange(story, "owned", "1.1.0");
      await story.until("50% is live", () => liveShares(story).at(-1) === 50);
      const pause = (paused: boolean) =>
        story.cluster.edit("Rollout", { namespace: "shop", name: TILL }, (rollout) => ({
          ...rollout,
          spec: { ...(rollout["spec"] as object), paused },
        }));
      pause(true);
      await untilStep(story, TILL, "5-rest");
      await story.pass(4_000);
      expect(gateOf(story, TILL).title).toBe(
        "Syncing: the Argo Rollouts controller reports Paused, and the committed steps end in Completed",
      );
      expect(running(story).phase).toBe("Paused");
      pause(false);
      await untilTillRests(story);
      expect(running(story)).toEqual({ phase: "Completed", images: [imageOf(TILL, "1.1.0")] });
      const said = seenBy(story, TILL);
      expect(said.slice(2, 5).every((one) => one.endsWith("; the Argo Rollouts controller reports Paused."))).toBe(
        true,
      );
      expect(said[5]).toMatch(/; the Argo Rollouts controller reports Completed\.$/);
    }),
  );
});
