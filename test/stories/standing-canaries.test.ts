import { describe, expect, it } from "vitest";
import type { VersionFault } from "../../src/sandbox/cluster/traffic.ts";
import { realGit } from "../support/git.ts";
import { running } from "../support/flagger-story.ts";
import type { LayoutService } from "../support/layout-files.ts";
import {
  CAN_KUSTOMIZE,
  openLayoutBump,
  renderedWorld,
  untilLayoutsRest,
  withVersion,
} from "../support/layout-story.ts";
import { applicationText, kustomizationText } from "../support/layout-texts.ts";
import type { Files } from "../support/opt-in-ground.ts";
import { mergeByHand, say } from "../support/story-plot.ts";
import { leafOf, mergedSteps } from "../support/story-reads.ts";
import { BOT, imageOf, REPO, type StoryOptions } from "../support/story-world.ts";
import type { Story } from "../support/story.ts";
import { told, UNHURRIED } from "./told.ts";

/** The version stands in an overlay. */
const TILL: LayoutService = { name: "till", layout: "kustomize", targets: ["prod"], bumps: "overlay" };
const OVERLAY = "apps/till/prod/kustomization.yaml";

const CANARY = `apiVersion: flagger.app/v1beta1
kind: Canary
metadata:
  name: till # ours
spec:
  provider: istio
  targetRef: { apiVersion: apps/v1, kind: Deployment, name: till }
  service: { port: 80, targetPort: 8080 }
  analysis:
    interval: 10s
    threshold: 1
    stepWeights:
      # A fifth first.
      - 20
      - 60
`;
const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: till
spec:
  selector:
    matchLabels: { app: till }
  template:
    metadata:
      labels: { app: till }
    spec:
      containers:
        - name: till
          image: registry.example.com/shop/till:1.0.0
`;
const BEFORE: Files = new Map(
  Object.entries({
    "apps/till/base/kustomization.yaml": kustomizationText({ resources: ["deployment.yaml", "canary.yaml"] }),
    "apps/till/base/deployment.yaml": DEPLOYMENT,
    "apps/till/base/canary.yaml": CANARY,
    [OVERLAY]: `${kustomizationText({ namespace: ["prod"], resources: ["../base"] })}images:\n  - name: registry.example.com/shop/till\n    newTag: "1.0.0" # bumped by a bot\n`,
    "clusters/till-prod.yaml": applicationText({ name: "till-prod", target: "prod", path: "apps/till/prod" }),
  }),
);
const WORLD: StoryOptions = { config: { waves: "[{ targets: [prod], steps: [50], bake: 2s }]" } };
const FAILING: VersionFault = { kind: "addedErrors", rate: 0.2 };

async function mergeOpt(story: Story, verb: "in" | "out"): Promise<string> {
  const branch = `tidegate/opt-${verb}/till`;
  const pull = story.github.pulls(REPO).find(({ author, head }) => author.login === BOT && head.branch === branch);
  if (pull === undefined) throw new Error(`There is no pull request of ${branch}.`);
  story.byHand.add(await mergeByHand(story, "ana", pull.number));
  await story.pass(30_000);
  return pull.body ?? "";
}

async function treeOf(story: Story): Promise<ReadonlyMap<string, string>> {
  const { out } = await realGit(story.github.gitDir(REPO), "ls-tree", "-r", "--name-only", "main");
  return new Map(await Promise.all(out.split("\n").map(async (path) => [path, await story.file(path)] as const)));
}

function shares({ cluster }: Story): readonly number[] {
  return cluster.liveShares("prod", "till").map(({ share }) => Math.round(share));
}

describe.skipIf(!CAN_KUSTOMIZE)("a Canary of Flagger's that is there (skipped without kustomize and kubectl)", () => {
  it.concurrent.each([
    {
      title: "promoted where the version is good",
      faults: new Map<string, VersionFault>(),
      steps: ["0-begin", "1-50", "2-promote", "3-rest"],
      version: "1.1.0",
      phase: "Succeeded",
    },
    {
      title: "taken back where it fails its gate",
      faults: new Map([[imageOf("till", "1.1.0"), FAILING]]),
      steps: ["0-begin", "1-50", "abort", "take-back"],
      version: "1.0.0",
      phase: "Failed",
    },
  ])(
    "is opted in by a comment that names no template; a bump of the overlay is $title, and opting out gives the tree back",
    UNHURRIED,
    ({ faults, steps, version, phase }) =>
      told(renderedWorld(BEFORE, { ...WORLD, faults }), async (story) => {
        const before = await treeOf(story);
        await story.until("Flagger has made it", () => running(story).phase === "Initialized");
        const bump = await openLayoutBump(story, TILL, "1.1.0");
        await story.settle();

        await say(story, "ana", bump.number, "/opt-in");
        const body = await mergeOpt(story, "in");
        expect(body).toContain("merge it while the Canary is Initialized, Succeeded or Failed");
        expect(body).toContain("steps: [20]");
        expect(await story.file(".tidegate/services/till.yaml")).toContain("template: { name: canary-flagger,");
        expect(running(story)).toEqual({ phase: "Initialized", canary: [], primary: ["1.0.0"] });

        await mergeByHand(story, "renovate", bump.number);
        await story.until("it begins", () => mergedSteps(story, "till").length > 0);
        await untilLayoutsRest(story, [TILL]);
        expect(mergedSteps(story, "till").map(leafOf)).toEqual(steps);
        await story.until("no pods of the canary are left", () => running(story).canary.length === 0);
        const after = { phase, canary: [], primary: [version] };
        expect([running(story), shares(story)]).toEqual([after, [0, 50, 0]]);

        await say(story, "ana", bump.number, "/opt-out");
        await mergeOpt(story, "out");
        expect([running(story), shares(story)]).toEqual([after, [0, 50, 0]]);
        expect(await treeOf(story)).toEqual(
          new Map([...before, [OVERLAY, withVersion(before.get(OVERLAY) ?? "", version)]]),
        );
      })(),
  );
});
