import { expect, it } from "vitest";
import { BESIDE_ROLLOUTS } from "../../src/sandbox/cluster/application.ts";
import type { RolloutService } from "../../src/sandbox/rollout-fleet.ts";
import { ROUTINGS } from "../../src/sandbox/rollout-routes.ts";
import { asEach, landOnAll, ofEach, runs, sharesOf, stepsOf, untilAllRest } from "../support/rollout-fleet-story.ts";
import { rolloutOf } from "../support/rollout-story.ts";
import type { Pull } from "../../src/sandbox/github/store.ts";
import { checkOn, leafOf, mergedSteps, stepOf } from "../support/story-reads.ts";
import { say } from "../support/story-plot.ts";
import type { Story } from "../support/story.ts";
import { imageOf } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

const NAMES = {
  nginx: "ledger",
  istio: "mailer",
  istioSubsets: "news",
  gateway: "orders",
  alb: "parcels",
  pods: "press",
} as const;
/** A Rollout for each way to split its traffic, in both forms. */
const SERVICES = ROUTINGS.map((routing, index) =>
  rolloutOf(NAMES[routing], index % 2 === 0 ? "claimed" : "owned", routing),
);

/** Argo CD leaves alone what the controller writes, and GitHub takes what several releases at once need. */
const WORLD = {
  services: [],
  requests: "byRole",
  policy: () => BESIDE_ROLLOUTS,
  limits: { pointsPerMinute: 100_000, contentPerMinute: 10_000, contentPerHour: 10_000 },
  config: { waves: "[{ targets: [prod], steps: [30], bake: 2s }]" },
} as const;

/** The weights that the plan of a pull request prints, step by step. */
function plannedOn(story: Story, bump: Pull): readonly string[] {
  const text = checkOn(story, bump, "tidegate/plan")?.output.text ?? "";
  return [...text.matchAll(/^\| \d\. \w+ \| ([^|]+) \|/gm)].map(([, weight = ""]) => weight);
}

/** Pods come and go one after the other: between what the plan prints there are other shares, which the law of live shares looks at. */
function isPassed({ routing }: RolloutService, share: number): boolean {
  return routing === "pods" && ![0, 25, 100].includes(share);
}

function isAt(story: Story, leaf: string): boolean {
  return SERVICES.some(({ name }) => stepOf(story, name)?.leaf === leaf);
}

it.concurrent(
  "an Argo Rollout is promoted behind every router and by its pods, whenever the bot is started anew",
  UNHURRIED,
  told({ ...WORLD, rollouts: SERVICES }, async (story) => {
    const bumps = await landOnAll(story, SERVICES, "1.1.0");
    expect(bumps.map((bump) => plannedOn(story, bump))).toEqual(
      SERVICES.map(({ routing }) => ["0%", routing === "pods" ? "30%, by pods 25%" : "30%", "100%", "0%"]),
    );
    await story.until("one of them is in the middle of its weight", () => isAt(story, "2-promote"));
    await story.restart(() => story.pass(3_000));
    await story.until("one of them runs out", () => isAt(story, "3-rest"));
    await story.restart(() => story.pass(3_000));
    await untilAllRest(story, SERVICES);
    const all = <T>(value: T) => ofEach(SERVICES, () => value);
    const leaves = ["0-begin", "1-30", "2-promote", "3-rest"];
    expect(await ofEach(SERVICES, ({ name }) => mergedSteps(story, name).map(leafOf))).toEqual(await all(leaves));
    expect(await ofEach(SERVICES, (one) => stepsOf(story, one))).toEqual(
      await all(["0 0", "0 30", "30 100 1s", "0 0"]),
    );
    expect(await ofEach(SERVICES, (one) => sharesOf(story, one).filter((share) => !isPassed(one, share)))).toEqual({
      ...(await all([0, 30, 100, 0])),
      press: [0, 25, 100, 0],
    });
    expect(await ofEach(SERVICES, (one) => runs(story, one))).toEqual(
      await ofEach(SERVICES, ({ name }) => {
        const image = imageOf(name, "1.1.0");
        return { phase: "Completed", stable: image, current: image };
      }),
    );
    expect(await ofEach(SERVICES, async ({ name }) => (await story.state(name)).targets["prod"]?.stable)).toEqual(
      await ofEach(SERVICES, ({ name }) => imageOf(name, "1.1.0")),
    );
  }),
);

/** Before which step each is taken back, by a word or by its gate, and the share that is live by then. */
const BACK = [
  { service: rolloutOf("mailer", "claimed", "istio"), leaf: "2-promote", live: 30 },
  { service: rolloutOf("news", "owned", "istioSubsets"), leaf: "gate", live: 30 },
  { service: rolloutOf("orders", "claimed", "gateway"), leaf: "3-rest", live: 30 },
  { service: rolloutOf("press", "owned", "pods"), leaf: "gate", live: 25 },
  { service: rolloutOf("print", "claimed", "pods"), leaf: "1-30", live: 0 },
  { service: rolloutOf("proof", "owned", "pods"), leaf: "3-rest", live: 25 },
] as const;
const ROLLOUTS = BACK.map(({ service }) => service);
const BY_GATE = BACK.filter(({ leaf }) => leaf === "gate").map(({ service }) => service.name);

it.concurrent(
  "an Argo Rollout is taken back behind every router and by its pods, at whatever step",
  UNHURRIED,
  told(
    {
      ...WORLD,
      rollouts: ROLLOUTS,
      faults: new Map(BY_GATE.map((name) => [imageOf(name, "1.1.0"), { kind: "errorRatio", ratio: 10 }])),
    },
    async (story) => {
      await landOnAll(story, ROLLOUTS, "1.1.0");
      await asEach(story, BACK, {
        what: "its step is there",
        isThere: ({ service, leaf, live }) =>
          leaf === "gate" ||
          (stepOf(story, service.name)?.leaf === leaf && Math.max(...sharesOf(story, service)) >= live),
        act: async ({ service: { name }, leaf }) => {
          if (leaf !== "gate") await say(story, "ana", stepOf(story, name)?.number, "/abort we saw something");
        },
      });
      await untilAllRest(story, ROLLOUTS);
      const merged = await ofEach(ROLLOUTS, ({ name }) => mergedSteps(story, name).map(leafOf));
      expect(merged).toEqual({
        mailer: ["0-begin", "1-30", "abort", "take-back"],
        news: ["0-begin", "1-30", "abort", "take-back"],
        orders: ["0-begin", "1-30", "2-promote", "abort", "lower", "take-back"],
        press: ["0-begin", "1-30", "abort", "take-back"],
        print: ["0-begin", "abort", "take-back"],
        proof: ["0-begin", "1-30", "2-promote", "abort", "lower", "take-back"],
      });
      for (const { service, live } of BACK) {
        const shares = sharesOf(story, service);
        expect([service.name, shares.at(-1), shares.includes(live)]).toEqual([service.name, 0, true]);
        expect((await stepsOf(story, service)).at(-1)).toBe("0 0");
        const image = imageOf(service.name, "1.0.0");
        expect(runs(story, service)).toEqual({ phase: "Completed", stable: image, current: image });
        const { blocked } = await story.state(service.name);
        expect(blocked.map(({ by }) => by)).toEqual([BY_GATE.includes(service.name) ? "gate" : "person"]);
      }
    },
  ),
);
