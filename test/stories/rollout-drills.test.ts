import { expect, it } from "vitest";
import { BESIDE_ROLLOUTS } from "../../src/sandbox/cluster/application.ts";
import { rolloutPathsOf, type RolloutService } from "../../src/sandbox/rollout-fleet.ts";
import {
  drilled,
  landVersion,
  ofEach,
  runs,
  sharesOf,
  untilAllRest,
  type Scene,
} from "../support/rollout-fleet-story.ts";
import { rolloutOf } from "../support/rollout-story.ts";
import { edit, say } from "../support/story-plot.ts";
import { gateOf, leafOf, mergedSteps, stepOf } from "../support/story-reads.ts";
import type { Story } from "../support/story.ts";
import { imageOf } from "../support/story-world.ts";
import { told, UNHURRIED, type TellOptions } from "./told.ts";

/** Behind each router but NGINX, of which the other stories are, in both forms. */
const SERVICES = [
  rolloutOf("mailer", "owned", "istio"),
  rolloutOf("news", "claimed", "istioSubsets"),
  rolloutOf("orders", "owned", "gateway"),
  rolloutOf("parcels", "claimed", "alb"),
];

const WORLD = {
  services: [],
  rollouts: SERVICES,
  requests: "byRole",
  limits: { pointsPerMinute: 100_000, contentPerMinute: 10_000, contentPerHour: 10_000 },
  config: { waves: "[{ targets: [prod], steps: [30], bake: 2s }]", deadline: "10m" },
  restarts: "some",
} as const;

const STEPS = /setWeight: \d+/g;

/** Writes the two weights of its steps by hand. */
function steer(story: Story, service: RolloutService, weights: readonly [from: number, to: number]): Promise<string> {
  const [first, second] = weights;
  let nth = 0;
  return edit(story, "ana", rolloutPathsOf(service).rollout, (text) =>
    text.replace(STEPS, () => `setWeight: ${nth++ === 0 ? first : second}`),
  );
}

function shareOf(story: Story, service: RolloutService): number {
  return sharesOf(story, service).at(-1) ?? 0;
}

function isBefore(story: Story, { name }: RolloutService, leaf: string): boolean {
  return stepOf(story, name)?.leaf === leaf;
}

function speak(story: Story, { name }: RolloutService, words: string): Promise<number> {
  return say(story, "ana", stepOf(story, name)?.number, words);
}

/** Some virtual milliseconds in which whatever is to happen by itself would. */
const A_WHILE = 6_000;

it.concurrent(
  "an Argo Rollout is held, not followed, changed by hand and superseded behind every router",
  UNHURRIED,
  () => {
    /** The folders that the cluster does not follow. */
    const left = new Set<string>();
    const options: TellOptions = {
      ...WORLD,
      policy: (folder) => ({
        ...BESIDE_ROLLOUTS,
        sync: [...left].some((one) => folder.startsWith(one)) ? "manual" : "automatic",
      }),
    };
    const scenes = (story: Story): readonly Scene[] => [
      {
        what: "its weight is due",
        isThere: (one) => isBefore(story, one, "1-30"),
        act: (one) => speak(story, one, "/hold"),
        afterMs: A_WHILE,
      },
      {
        what: "it is held, and its cluster follows no more",
        isThere: (one) => gateOf(story, one.name).title === "Held by ana" && isBefore(story, one, "1-30"),
        act: async (one) => {
          expect(sharesOf(story, one)).toEqual([0]);
          left.add(`apps/${one.name}`);
          await speak(story, one, "/resume");
        },
      },
      {
        what: "its weight is in git",
        isThere: (one) => isBefore(story, one, "2-promote"),
        act: async () => {},
        afterMs: A_WHILE,
      },
      {
        what: "what is committed is not seen live, and nothing more rises",
        isThere: (one) => gateOf(story, one.name).title.startsWith("Syncing: "),
        act: async (one) => {
          expect(sharesOf(story, one)).toEqual([0]);
          expect(isBefore(story, one, "2-promote")).toBe(true);
          left.delete(`apps/${one.name}`);
        },
      },
      {
        what: "its weight is live",
        isThere: (one) => shareOf(story, one) === 30,
        act: (one) => steer(story, one, [0, 0]),
        afterMs: A_WHILE,
      },
      {
        what: "its weight was lowered by hand",
        isThere: (one) => shareOf(story, one) === 0,
        act: async (one) => {
          expect(gateOf(story, one.name).title).toMatch(/^Held: the weight was lowered from 30% to 0%/);
          await steer(story, one, [0, 30]);
        },
      },
      {
        what: "its weight is live again",
        isThere: (one) => shareOf(story, one) === 30 && isBefore(story, one, "2-promote"),
        act: (one) => landVersion(story, one, "1.2.0"),
      },
    ];
    return told(options, async (story) => {
      for (const one of SERVICES) await landVersion(story, one, "1.1.0");
      await drilled(story, SERVICES, scenes(story));
      await untilAllRest(story, SERVICES);
      const begun = ["0-begin", "1-30"];
      expect(await ofEach(SERVICES, ({ name }) => mergedSteps(story, name).map(leafOf))).toEqual(
        await ofEach(SERVICES, () => [...begun, "abort", "take-back", ...begun, "2-promote", "3-rest"]),
      );
      for (const one of SERVICES) {
        const image = imageOf(one.name, "1.2.0");
        expect(runs(story, one)).toEqual({ phase: "Completed", stable: image, current: image });
        expect(sharesOf(story, one)).toEqual([0, 30, 0, 30, 0, 30, 100, 0]);
      }
    })();
  },
);

/** Before which step each version is taken back; those that the other stories take back elsewhere are left to them. */
const ABORTS: Readonly<Record<string, readonly string[]>> = {
  mailer: ["1-30", "3-rest"],
  news: ["1-30", "3-rest"],
  orders: ["1-30", "2-promote"],
  parcels: ["1-30", "2-promote", "3-rest"],
};
const LIVE: Readonly<Record<string, number>> = { "1-30": 0, "2-promote": 30, "3-rest": 30 };
const AFTER: Readonly<Record<string, readonly string[]>> = {
  "1-30": ["0-begin", "abort", "take-back"],
  "2-promote": ["0-begin", "1-30", "abort", "take-back"],
  "3-rest": ["0-begin", "1-30", "2-promote", "abort", "lower", "take-back"],
};

it.concurrent(
  "an Argo Rollout is taken back behind every router, version after version, before each of its steps",
  UNHURRIED,
  told({ ...WORLD, policy: () => BESIDE_ROLLOUTS }, async (story) => {
    const leafFor = (one: RolloutService, nth: number) => ABORTS[one.name]?.[nth];
    const isResting = async ({ name }: RolloutService) =>
      stepOf(story, name) === undefined && (await story.state(name)).targets["prod"]?.release === undefined;
    const scenes = [0, 1, 2].flatMap((nth): readonly Scene[] => [
      {
        what: "it rests",
        isThere: isResting,
        act: async (one) => {
          if (leafFor(one, nth) !== undefined) await landVersion(story, one, `1.${nth + 1}.0`);
        },
      },
      {
        what: "its step is there",
        isThere: (one) => {
          const leaf = leafFor(one, nth);
          return leaf === undefined || (isBefore(story, one, leaf) && shareOf(story, one) >= (LIVE[leaf] ?? 0));
        },
        act: async (one) => {
          if (leafFor(one, nth) !== undefined) await speak(story, one, "/abort we saw something");
        },
      },
    ]);
    await drilled(story, SERVICES, scenes);
    await untilAllRest(story, SERVICES);
    for (const one of SERVICES) {
      const leaves = ABORTS[one.name] ?? [];
      expect(mergedSteps(story, one.name).map(leafOf)).toEqual(leaves.flatMap((leaf) => AFTER[leaf] ?? []));
      const image = imageOf(one.name, "1.0.0");
      expect(runs(story, one)).toEqual({ phase: "Completed", stable: image, current: image });
      expect(shareOf(story, one)).toBe(0);
      const { blocked } = await story.state(one.name);
      expect(blocked.map((block) => block.image)).toEqual(leaves.map((_, nth) => imageOf(one.name, `1.${nth + 1}.0`)));
    }
  }),
);
