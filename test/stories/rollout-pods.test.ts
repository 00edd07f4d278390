import { expect, it } from "vitest";
import { rolloutPathsOf, type RolloutService } from "../../src/sandbox/rollout-fleet.ts";
import { asEach, landOnAll, openVersion, runs, sharesOf, stepsOf } from "../support/rollout-fleet-story.ts";
import { rolloutOf } from "../support/rollout-story.ts";
import { edit, say } from "../support/story-plot.ts";
import { gateOf, leafOf, mergedSteps, openSteps, planOf, stepOf } from "../support/story-reads.ts";
import { imageOf } from "../support/story-world.ts";
import type { Story } from "../support/story.ts";
import { told, UNHURRIED } from "./told.ts";

const HELD = rolloutOf("ledger", "owned", "pods");
const OVERTAKEN = rolloutOf("mailer", "owned", "pods");
const LOWERED = rolloutOf("news", "claimed", "pods");
const CHANGED = rolloutOf("orders", "claimed", "pods");
const STUCK = rolloutOf("press", "owned", "pods");
const ALL = [HELD, OVERTAKEN, LOWERED, CHANGED, STUCK];

type Scene = {
  readonly service: RolloutService;
  /** The step that is open, and the share that is live, when it happens. */
  readonly leaf: string;
  readonly live: number;
  readonly happens: (story: Story) => Promise<unknown>;
};

const SCENES: readonly Scene[] = [
  {
    service: HELD,
    leaf: "2-50",
    live: 20,
    happens: (story) => say(story, "ana", stepOf(story, HELD.name)?.number, "/hold we look at something"),
  },
  {
    service: OVERTAKEN,
    leaf: "3-promote",
    live: 50,
    happens: async (story) => {
      const next = await openVersion(story, OVERTAKEN, "1.2.0");
      await story.settle();
      const { conclusion, title } = planOf(story, next);
      expect(conclusion).toBe("failure");
      expect(title).toContain("the Rollout would run 1.2.0 straight to 50%: wait until the weight is 0");
      await story.github.mergePull({ repo: story.repo, user: "renovate", number: next.number, method: "squash" });
      await story.settle();
      expect((await stepsOf(story, OVERTAKEN)).at(-1)).toBe("0 0");
    },
  },
  {
    service: LOWERED,
    leaf: "3-promote",
    live: 50,
    happens: (story) =>
      edit(story, "ana", rolloutPathsOf(LOWERED).rollout, (text) => text.replace(/setWeight: \d+/g, "setWeight: 5")),
  },
  {
    service: CHANGED,
    leaf: "2-50",
    live: 20,
    happens: async (story) => {
      await edit(story, "ana", rolloutPathsOf(CHANGED).workload, (text) => text.replace("cpu: 250m", "cpu: 500m"));
      expect((await stepsOf(story, CHANGED)).at(-1)).toBe("0 0");
    },
  },
  {
    service: STUCK,
    leaf: "1-5",
    live: 0,
    happens: async ({ cluster }) =>
      cluster.edit("Rollout", STUCK, (rollout) => ({
        ...rollout,
        spec: { ...(rollout["spec"] as object), paused: true },
      })),
  },
];

it.concurrent(
  "Argo Rollouts by their pods are held, overtaken, lowered, changed and not followed, each in its way",
  UNHURRIED,
  told(
    {
      services: [],
      rollouts: ALL,
      requests: "byRole",
      restarts: "some",
      limits: { pointsPerMinute: 100_000, contentPerMinute: 10_000, contentPerHour: 10_000 },
      config: { waves: "[{ targets: [prod], steps: [5, 50], bake: 2s }]", deadline: "8s" },
    },
    async (story) => {
      await landOnAll(story, ALL, "1.1.0");
      await asEach(story, SCENES, {
        what: "its step is there",
        isThere: ({ service, leaf, live }) =>
          stepOf(story, service.name)?.leaf === leaf && sharesOf(story, service).includes(live),
        act: ({ happens }) => happens(story),
      });
      const steps = (service: RolloutService) => mergedSteps(story, service.name).map(leafOf);
      const isAgain = (service: RolloutService) => steps(service).lastIndexOf("0-begin") > 0;
      await story.until(
        "one is overdue, and two begin again",
        () => gateOf(story, STUCK.name).conclusion !== undefined && [OVERTAKEN, CHANGED].every(isAgain),
      );

      expect(gateOf(story, HELD.name)).toEqual({
        conclusion: "action_required",
        title: "Held by ana: we look at something",
      });
      expect([await stepsOf(story, HELD), sharesOf(story, HELD)]).toEqual([
        ["0 0", "0 5"],
        [0, 20],
      ]);

      expect(steps(OVERTAKEN).slice(0, 6)).toEqual(["0-begin", "1-5", "2-50", "abort", "take-back", "0-begin"]);
      expect((await story.state(OVERTAKEN.name)).targets["prod"]?.release?.image).toBe(
        imageOf(OVERTAKEN.name, "1.2.0"),
      );
      expect(sharesOf(story, OVERTAKEN)).toContain(0);

      expect(gateOf(story, LOWERED.name).title).toMatch(/^Held: the weight was lowered from 50% to 5%/);
      expect(sharesOf(story, LOWERED).at(-1)).toBe(20);

      expect(steps(CHANGED).slice(0, 5)).toEqual(["0-begin", "1-5", "abort", "take-back", "0-begin"]);

      const { conclusion, title } = gateOf(story, STUCK.name);
      expect(conclusion).toBe("action_required");
      expect(title).toMatch(/^Not seen live by .*: 0% of .* went to the canary, 20% is committed/);
      expect([await stepsOf(story, STUCK), sharesOf(story, STUCK)]).toEqual([["0 0", "0 5"], [0]]);
      expect(openSteps(story, STUCK.name).map(leafOf)).toEqual(["2-50"]);
      expect(runs(story, STUCK).stable).toBe(imageOf(STUCK.name, "1.0.0"));
    },
  ),
);
