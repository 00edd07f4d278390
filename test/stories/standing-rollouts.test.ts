import { describe, expect, it } from "vitest";
import { BESIDE_ROLLOUTS } from "../../src/sandbox/cluster/application.ts";
import type { VersionFault } from "../../src/sandbox/cluster/traffic.ts";
import { realGit } from "../support/git.ts";
import type { LayoutService } from "../support/layout-files.ts";
import {
  CAN_KUSTOMIZE,
  landLayoutBumps,
  openLayoutBump,
  renderedWorld,
  untilLayoutsRest,
  withVersion,
} from "../support/layout-story.ts";
import { applicationText, kustomizationText, serviceText } from "../support/layout-texts.ts";
import type { Files } from "../support/opt-in-ground.ts";
import { mergeByHand, say } from "../support/story-plot.ts";
import { checkOn, leafOf, mergedSteps, planOf } from "../support/story-reads.ts";
import { BOT, imageOf, REPO, type StoryOptions } from "../support/story-world.ts";
import type { Story } from "../support/story.ts";
import { told, UNHURRIED } from "./told.ts";

/** The version stands in an overlay. */
const TILL: LayoutService = { name: "till", layout: "kustomize", targets: ["prod"], bumps: "overlay" };
const OVERLAY = "apps/till/prod/kustomization.yaml";
const ROLLOUT = "apps/till/base/rollout.yaml";

/** A Rollout of people's behind an Ingress, with a plan of theirs. */
const TEXT = `apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata:
  name: till # ours
spec:
  replicas: 4
  selector:
    matchLabels: { app: till }
  template:
    metadata:
      labels: { app: till }
    spec:
      containers:
        - name: till
          image: registry.example.com/shop/till:1.0.0
  strategy:
    canary:
      canaryService: till-canary
      stableService: till
      trafficRouting:
        nginx:
          stableIngress: till
      steps:
        # A fifth first.
        - setWeight: 20
        - pause: { duration: 5m }
        - setWeight: 60
        - pause: {}
`;
const INGRESS = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: till
spec:
  ingressClassName: nginx
  rules:
    - host: till.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend: { service: { name: till, port: { number: 80 } } }
`;
const BEFORE: Files = new Map(
  Object.entries({
    "apps/till/base/kustomization.yaml": kustomizationText({
      resources: ["rollout.yaml", "services.yaml", "ingress.yaml"],
    }),
    [ROLLOUT]: TEXT,
    "apps/till/base/services.yaml": `${serviceText("till", "app: till")}---\n${serviceText("till-canary", "app: till")}`,
    "apps/till/base/ingress.yaml": INGRESS,
    [OVERLAY]: `${kustomizationText({ namespace: ["prod"], resources: ["../base"] })}images:\n  - name: registry.example.com/shop/till\n    newTag: "1.0.0" # bumped by a bot\n`,
    "clusters/till-prod.yaml": applicationText({ name: "till-prod", target: "prod", path: "apps/till/prod" }),
  }),
);

/** The same base for two targets. */
const TWO: LayoutService = { ...TILL, targets: ["dev", "prod"] };
const DEV = "apps/till/dev/kustomization.yaml";
const OF_TWO: Files = new Map([
  ...BEFORE,
  [DEV, (BEFORE.get(OVERLAY) ?? "").replaceAll("prod", "dev")],
  ["clusters/till-dev.yaml", (BEFORE.get("clusters/till-prod.yaml") ?? "").replaceAll("prod", "dev")],
]);
const WAVES = "[{ targets: [dev], steps: [50], bake: 2s }, { targets: [prod], steps: [50], bake: 2s }]";

const WORLD: StoryOptions = {
  requests: "byRole",
  policy: () => BESIDE_ROLLOUTS,
  config: { waves: "[{ targets: [prod], steps: [50], bake: 2s }]" },
};
const NEW = imageOf("till", "1.1.0");
const FAILING: VersionFault = { kind: "errorRatio", ratio: 10 };

function optOf({ github }: Story, verb: "in" | "out") {
  const branch = `tidegate/opt-${verb}/till`;
  const [pull, second] = github
    .pulls(REPO)
    .filter(({ author, head }) => author.login === BOT && head.branch === branch);
  if (pull === undefined || second !== undefined) throw new Error(`There is not one pull request of ${branch}.`);
  return pull;
}

async function mergeOpt(story: Story, verb: "in" | "out"): Promise<void> {
  story.byHand.add(await mergeByHand(story, "ana", optOf(story, verb).number));
  await story.pass(10_000);
}

async function treeOf(story: Story): Promise<ReadonlyMap<string, string>> {
  const { out } = await realGit(story.github.gitDir(REPO), "ls-tree", "-r", "--name-only", "main");
  const paths = out.split("\n");
  return new Map(await Promise.all(paths.map(async (path) => [path, await story.file(path)] as const)));
}

function running({ cluster }: Story) {
  const { phase, stable } = cluster.snapshot().rollouts.find(({ name }) => name === "till") ?? {};
  return { phase, stable };
}

function shares({ cluster }: Story): readonly number[] {
  return cluster.liveShares("prod", "till").map(({ share }) => Math.round(share));
}

describe.skipIf(!CAN_KUSTOMIZE)("a Rollout that is there (skipped without kustomize and kubectl)", () => {
  it.concurrent.each([
    {
      title: "promoted where the version is good",
      faults: new Map<string, VersionFault>(),
      steps: ["0-begin", "1-50", "2-promote", "3-rest"],
      version: "1.1.0",
      seen: [0, 50, 100, 0],
    },
    {
      title: "taken back where it fails its gate",
      faults: new Map([[NEW, FAILING]]),
      steps: ["0-begin", "1-50", "abort", "take-back"],
      version: "1.0.0",
      seen: [0, 50, 0],
    },
  ])(
    "is opted in by a comment that names no template; a bump is $title, and opting out gives the tree back",
    UNHURRIED,
    ({ faults, steps, version, seen }) =>
      told(renderedWorld(BEFORE, { ...WORLD, faults }), async (story) => {
        const before = await treeOf(story);
        const old = { phase: "Completed", stable: imageOf("till", "1.0.0") };
        expect(running(story)).toEqual(old);
        const bump = await openLayoutBump(story, TILL, "1.1.0");
        await story.settle();
        expect(checkOn(story, bump, "tidegate/plan")?.output.summary).toContain(
          "/opt-in till canary-argo-rollouts-nginx",
        );

        const asked = await say(story, "ana", bump.number, "/opt-in");
        expect(await story.reactions(asked)).toEqual(["+1"]);
        const { body } = optOf(story, "in");
        expect(body).toContain("**Merge it while no version is on its way**");
        expect(body).toContain("merge it while the Rollout is Healthy");
        expect(body).toContain("steps: [20]");
        expect(body).toContain("its weights 60 are not proposed");
        const { conclusion, title } = planOf(story, optOf(story, "in"));
        expect(conclusion).toBe("neutral");
        expect(title).toMatch(/^Have a look before you merge: the version of [0-9a-f]{7} may wait for somebody$/);
        await mergeOpt(story, "in");
        expect([running(story), shares(story)]).toEqual([old, [0]]);

        await mergeByHand(story, "renovate", bump.number);
        await story.until("it begins", () => mergedSteps(story, "till").length > 0);
        await untilLayoutsRest(story, [TILL]);
        expect(mergedSteps(story, "till").map(leafOf)).toEqual(steps);
        expect(shares(story)).toEqual(seen);
        expect(running(story)).toEqual({ phase: "Completed", stable: imageOf("till", version) });

        await say(story, "ana", bump.number, "/opt-out");
        expect(optOf(story, "out").body).toContain("From then on its controller moves a bump by what is written there");
        await mergeOpt(story, "out");
        expect(running(story)).toEqual({ phase: "Completed", stable: imageOf("till", version) });
        expect(shares(story)).toEqual(seen);
        expect(await treeOf(story)).toEqual(
          new Map([...before, [OVERLAY, withVersion(before.get(OVERLAY) ?? "", version)]]),
        );
      })(),
  );

  it.concurrent(
    "in a base of two targets is opted in by a patch in each, goes by a release in one after the other, and gives the tree back",
    UNHURRIED,
    told(renderedWorld(OF_TWO, { ...WORLD, config: { waves: WAVES } }), async (story) => {
      const before = await treeOf(story);
      const asked = await openLayoutBump(story, TWO, "1.0.5");
      await story.settle();
      await say(story, "ana", asked.number, "/opt-in");
      await mergeOpt(story, "in");
      expect(await story.file(ROLLOUT)).toBe(TEXT);
      expect(shares(story)).toEqual([0]);
      await landLayoutBumps(story, [TWO], "1.1.0");
      await story.until("it begins", () => mergedSteps(story, "till").length > 0);
      await untilLayoutsRest(story, [TWO]);
      const leaves = ["0-begin", "1-50", "2-promote", "3-rest"];
      expect(mergedSteps(story, "till").map(leafOf)).toEqual([...leaves, ...leaves]);
      expect(shares(story)).toEqual([0, 50, 100, 0]);
      expect(story.cluster.snapshot().rollouts.map(({ phase, stable }) => ({ phase, stable }))).toEqual(
        Array.from({ length: 2 }, () => ({ phase: "Completed", stable: NEW })),
      );
      await say(story, "ana", asked.number, "/opt-out");
      await mergeOpt(story, "out");
      const bumped = [OVERLAY, DEV].map((path) => [path, withVersion(before.get(path) ?? "", "1.1.0")] as const);
      expect(await treeOf(story)).toEqual(new Map([...before, ...bumped]));
    }),
  );
});
