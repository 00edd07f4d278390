import { describe, expect, it } from "vitest";
import { CAN_KUSTOMIZE, landLayoutBumps, renderedWorld, untilLayoutsRest } from "../support/layout-story.ts";
import type { LayoutService } from "../support/layout-files.ts";
import { running, served, TILL } from "../support/rollout-story.ts";
import { edit, mergeByHand, untilStep } from "../support/story-plot.ts";
import { gateOf, leafOf, mergedSteps, stepOf } from "../support/story-reads.ts";
import { imageOf } from "../support/story-world.ts";
import type { Story } from "../support/story.ts";
import { fewestPods, ORDERS, readyPods, tillFiles, tillIn, tillOut, unanswered } from "../support/till-handover.ts";
import { told, UNHURRIED } from "./told.ts";

const OLD = imageOf(TILL, "1.0.0");
const NEW = imageOf(TILL, "1.1.0");
const SERVICE: LayoutService = { name: TILL, layout: "kustomize", targets: ["prod"], bumps: "overlay" };
/** What the requests of these stories need of the two to eight pods, as the autoscaler finds. */
const NEEDED = 5;
const MOST = 8;
/** Until an autoscaler has looked, and looked again. */
const TWO_LOOKS = 40_000;
const BEFORE = tillFiles("scaled");

const TEMPLATES = [
  {
    template: "canary-argo-rollouts-nginx",
    given: {},
    config: { waves: "[{ targets: [prod], steps: [50], bake: 2s }]" },
    steps: ["0-begin", "1-50", "2-promote", "3-rest"],
  },
  {
    template: "blue-green-argo-rollouts",
    given: { scaleDownDelaySeconds: "30" },
    config: { waves: "[{ targets: [prod], steps: [0, 100], bake: 2s }]" },
    steps: ["0-begin", "1-promote", "2-rest"],
  },
] as const;

describe.skipIf(!CAN_KUSTOMIZE)(
  "a service with an autoscaler that is opted in to a Rollout (skipped without kustomize and kubectl)",
  () => {
    it.concurrent.each(
      TEMPLATES.flatMap((one) => ORDERS.map((order) => ({ ...one, order: order[0], first: order[1] }))),
    )(
      "has the pods that its requests need throughout, by $template and back: $order",
      ({ template, given, config, first }) =>
        told(renderedWorld(BEFORE, { config }), async (story) => {
          await story.pass(TWO_LOOKS);
          expect(readyPods(story)).toBe(NEEDED);
          const before = unanswered(story);
          const beside = tillIn(BEFORE, template, given);
          const handed = tillIn(beside, template, given);
          const out = tillOut(handed);
          const land = (step: Parameters<typeof fewestPods>[1]["step"]) =>
            fewestPods(story, { step, first, ms: TWO_LOOKS });
          expect(await land([BEFORE, beside])).toBeGreaterThanOrEqual(NEEDED);
          expect(readyPods(story)).toBe(2 * MOST);
          expect(await land([beside, handed])).toBeGreaterThanOrEqual(NEEDED);
          expect(readyPods(story)).toBe(NEEDED);
          expect(await land([handed, out])).toBeGreaterThanOrEqual(NEEDED);
          expect(readyPods(story)).toBe(2 * MOST);
          expect(await land([out, tillOut(out)])).toBeGreaterThanOrEqual(NEEDED);
          expect(readyPods(story)).toBe(NEEDED);
          expect(unanswered(story)).toEqual(before);
        })(),
      UNHURRIED.timeout,
    );

    it.concurrent.each(TEMPLATES)(
      "goes to a new version by $template",
      ({ template, given, config, steps }) =>
        told(renderedWorld(tillIn(tillIn(BEFORE, template, given), template, given), { config }), async (story) => {
          await story.pass(TWO_LOOKS);
          expect(readyPods(story)).toBe(NEEDED);
          await landLayoutBumps(story, [SERVICE], "1.1.0");
          await story.until("it begins", () => mergedSteps(story, TILL).length > 0);
          await untilLayoutsRest(story, [SERVICE]);
          expect(mergedSteps(story, TILL).map(leafOf)).toEqual(steps);
          expect([served(story)[0], served(story).at(-1)]).toEqual([OLD, NEW]);
          expect(running(story)).toEqual({ phase: "Completed", images: [NEW] });
          expect(readyPods(story)).toBe(NEEDED);
        })(),
      UNHURRIED.timeout,
    );

    const [CANARY, BLUE_GREEN] = TEMPLATES;
    const runs = ({ template, given, config }: (typeof TEMPLATES)[number]) =>
      renderedWorld(tillIn(tillIn(BEFORE, template, given), template, given), { config });
    const changeTemplate = (story: Story) =>
      edit(story, "ana", "apps/till/base/deployment.yaml", (text) => `${text}          env: []\n`);

    it.concurrent(
      "goes to another pod template of the same image, by what the controller of a canary says",
      UNHURRIED,
      told(runs(CANARY), async (story) => {
        await story.pass(TWO_LOOKS);
        await changeTemplate(story);
        await story.until("it begins", () => mergedSteps(story, TILL).length > 0);
        await untilLayoutsRest(story, [SERVICE]);
        expect(mergedSteps(story, TILL).map(leafOf)).toEqual(CANARY.steps);
        expect([running(story).phase, readyPods(story)]).toEqual(["Completed", NEEDED]);
      }),
    );

    it.concurrent(
      "leaves it to a person whether the old pods have gone where two colours run the same image",
      UNHURRIED,
      told(runs(BLUE_GREEN), async (story) => {
        await story.pass(TWO_LOOKS);
        await changeTemplate(story);
        await untilStep(story, TILL, "2-rest");
        await story.pass(2 * TWO_LOOKS);
        expect(gateOf(story, TILL).title).toMatch(/stable pods that should be gone are still there/);
        expect([running(story).phase, readyPods(story)]).toEqual(["Completed", NEEDED]);
        await mergeByHand(story, "ana", stepOf(story, TILL)?.number);
        await untilLayoutsRest(story, [SERVICE]);
        expect(mergedSteps(story, TILL).map(leafOf)).toEqual(BLUE_GREEN.steps);
        expect(running(story).phase).toBe("Completed");
      }),
    );
  },
);
