import { describe, expect, it } from "vitest";
import { bumpedFile, type LayoutService } from "../support/layout-files.ts";
import { CAN_KUSTOMIZE, landLayoutBumps, renderedWorld, withVersion } from "../support/layout-story.ts";
import type { Files } from "../support/opt-in-ground.ts";
import { previews, running, served, TILL, untilTillRests } from "../support/rollout-story.ts";
import { say, untilStep } from "../support/story-plot.ts";
import { leafOf, mergedSteps, stepOf } from "../support/story-reads.ts";
import { imageOf } from "../support/story-world.ts";
import type { Story } from "../support/story.ts";
import { fewestPods, ORDERS, readyPods, tillFiles, tillIn, tillOut, unanswered } from "../support/till-handover.ts";
import { told, UNHURRIED } from "./told.ts";

const OLD = imageOf(TILL, "1.0.0");
const NEW = imageOf(TILL, "1.1.0");
const REPLICAS = 4;
const SERVICE: LayoutService = { name: TILL, layout: "kustomize", targets: ["prod"], bumps: "overlay" };
const BEFORE = tillFiles();
const TEMPLATE = "blue-green-argo-rollouts";
const FIRST = tillIn(BEFORE, TEMPLATE, { scaleDownDelaySeconds: "30" });
const SECOND = tillIn(FIRST, TEMPLATE, { scaleDownDelaySeconds: "30" });
const OUT = tillOut(SECOND);

function world(options: Parameters<typeof renderedWorld>[1] = {}, bake = "2s") {
  const config = { waves: `[{ targets: [prod], steps: [0, 100], bake: ${bake} }]`, deadline: "2h" };
  return renderedWorld(SECOND, { config, ...options });
}

/** Nothing passes by itself. */
const SLOW = "30m";

const leaves = (story: Story) => mergedSteps(story, TILL).map(leafOf);

/** What opting out, twice, makes of what the repository has. */
async function optedOut(story: Story): Promise<Files> {
  const paths = [...SECOND.keys()];
  const files = new Map(await Promise.all(paths.map(async (path) => [path, await story.file(path)] as const)));
  return tillOut(tillOut(files));
}

/** What people had, with the version that runs. */
function hadOf(version: string): Files {
  return new Map(
    [...BEFORE].map(([path, text]) => [path, path === bumpedFile(SERVICE, "prod") ? withVersion(text, version) : text]),
  );
}

async function untilPreviewed(story: Story): Promise<void> {
  await landLayoutBumps(story, [SERVICE], "1.1.0");
  await untilStep(story, TILL, "1-promote");
  await story.until("it has its pods", () => previews(story, "1.1.0"));
  // What is said in the second of a landing may mean what landed.
  await story.pass(3_000);
}

const stable = async (story: Story) => (await story.state(TILL)).targets["prod"]?.stable;

describe.skipIf(!CAN_KUSTOMIZE)(
  "a service opted in to a blue/green Rollout (skipped without kustomize and kubectl)",
  () => {
    it.concurrent(
      "goes to a new version at once when its pods are proven, and leaves with what people had",
      UNHURRIED,
      told(world(), async (story) => {
        await landLayoutBumps(story, [SERVICE], "1.1.0");
        await untilStep(story, TILL, "2-rest");
        await untilTillRests(story);
        expect(leaves(story)).toEqual(["0-begin", "1-promote", "2-rest"]);
        expect(served(story)).toEqual([OLD, NEW]);
        expect(running(story)).toEqual({ phase: "Completed", images: [NEW] });
        expect(await stable(story)).toBe(NEW);
        expect(await optedOut(story)).toEqual(hadOf("1.1.0"));
      }),
    );

    it.concurrent(
      "is switched back where the version fails with all of the traffic, and leaves with what people had",
      UNHURRIED,
      told(world({ faults: new Map([[NEW, { kind: "addedErrors", rate: 0.2 }]]) }), async (story) => {
        await landLayoutBumps(story, [SERVICE], "1.1.0");
        await story.until("it begins", () => leaves(story).length > 0);
        await untilTillRests(story);
        expect(leaves(story)).toEqual(["0-begin", "1-promote", "abort", "lower", "take-back"]);
        expect(served(story)).toEqual([OLD, NEW, OLD]);
        expect(running(story)).toEqual({ phase: "Completed", images: [OLD] });
        expect((await story.state(TILL)).blocked).toMatchObject([{ image: NEW, by: "gate" }]);
        expect(await optedOut(story)).toEqual(hadOf("1.0.0"));
      }),
    );

    it.concurrent(
      "is taken back by /abort before the switch: no request goes to the version",
      UNHURRIED,
      told(world({}, SLOW), async (story) => {
        await untilPreviewed(story);
        await say(story, "ana", stepOf(story, TILL)?.number, "/abort we saw something");
        await untilTillRests(story);
        expect(leaves(story)).toEqual(["0-begin", "abort", "take-back"]);
        expect(served(story)).toEqual([OLD]);
        expect(running(story)).toEqual({ phase: "Completed", images: [OLD] });
        expect(await optedOut(story)).toEqual(hadOf("1.0.0"));
      }),
    );

    it.concurrent(
      "is switched back by /abort after the switch",
      UNHURRIED,
      told(world({}, SLOW), async (story) => {
        await untilPreviewed(story);
        await say(story, "ana", stepOf(story, TILL)?.number, "/promote");
        await untilStep(story, TILL, "2-rest");
        await story.until("it serves", () => served(story).at(-1) === NEW);
        await story.pass(3_000);
        await say(story, "ana", stepOf(story, TILL)?.number, "/abort we saw something");
        await untilTillRests(story);
        expect(leaves(story)).toEqual(["0-begin", "1-promote", "abort", "lower", "take-back"]);
        expect(served(story)).toEqual([OLD, NEW, OLD]);
        expect(await stable(story)).toBe(OLD);
        expect(await optedOut(story)).toEqual(hadOf("1.0.0"));
      }),
    );
  },
);

const STEPS = [
  [BEFORE, FIRST],
  [FIRST, SECOND],
  [SECOND, OUT],
  [OUT, tillOut(OUT)],
] as const;
const A_WHILE = 8_000;

describe.skipIf(!CAN_KUSTOMIZE)(
  "the steps to a blue/green Rollout and back (skipped without kustomize and kubectl)",
  () => {
    it.concurrent.each(ORDERS)(
      "leave stable's Service all of its pods: %s",
      (_, first) =>
        told(
          renderedWorld(BEFORE, { config: { waves: "[{ targets: [prod], steps: [0, 100], bake: 2s }]" } }),
          async (story) => {
            await story.pass(5_000);
            const before = unanswered(story);
            const pods: number[] = [];
            for (const step of STEPS) pods.push(await fewestPods(story, { step, first, ms: A_WHILE }));
            expect(pods).toEqual(STEPS.map(() => REPLICAS));
            expect(readyPods(story)).toBe(REPLICAS);
            expect(served(story)).toEqual([OLD]);
            expect(unanswered(story)).toEqual(before);
          },
        )(),
      UNHURRIED.timeout,
    );

    it.concurrent(
      "would leave it none in one step: the Deployment's pods would go before the Rollout's are ready",
      UNHURRIED,
      told(renderedWorld(BEFORE, {}), async (story) => {
        await story.pass(5_000);
        expect(await fewestPods(story, { step: [BEFORE, SECOND], first: [], ms: A_WHILE })).toBe(0);
      }),
    );
  },
);
