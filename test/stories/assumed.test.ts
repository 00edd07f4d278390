import { expect, it } from "vitest";
import { landBump, untilRest, untilWeight } from "../support/story-plot.ts";
import { checkOn, leafOf, liveOf, livePath, mergedSteps, weightsInGit } from "../support/story-reads.ts";
import { imageOf } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

const KIND = { services: ["payments"], kinds: { payments: "istioSubsets" } } as const;

it.concurrent(
  "where nothing shows the pods behind the subsets of one host, they count as there after a time, and the checks say so",
  UNHURRIED,
  told(
    {
      ...KIND,
      unscraped: ["kube_"],
      config: {
        targets: "[{ name: prod, metrics: prod, observe: assumed, delay: 3s }]",
        waves: "[{ targets: [prod], steps: [50], bake: 2s }]",
      },
    },
    async (story) => {
      await landBump(story, { service: "payments", version: "1.1.0" });
      await untilWeight(story, "payments", 50);
      await untilRest(story, "payments");
      const titles = mergedSteps(story, "payments").map((step) => {
        const words = checkOn(story, step, "tidegate/gate")?.output.title ?? "";
        return [leafOf(step), /\(([^()]*assumed[^()]*)\)$/.exec(words)?.[1]];
      });
      expect(titles).toEqual([
        ["0-warmup", "assumed live, nothing shows it"],
        ["1-50", "assumed live, nothing shows it"],
        ["2-promote", "its pods are assumed, nothing shows them"],
        ["3-drain", "assumed live, nothing shows it"],
        ["4-rest", "assumed live, nothing shows it"],
      ]);
      expect(await weightsInGit(story, "payments")).toEqual([0, 50, 0]);
      expect((await livePath(story, "payments")).shares).toEqual([0, 50, 0]);
      expect(liveOf(story, "payments")).toEqual({ weight: 0, canary: [], stable: [imageOf("payments", "1.1.0")] });
    },
  ),
);
