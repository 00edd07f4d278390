import { expect, it } from "vitest";
import { pathsOf } from "../../src/sandbox/fleet.ts";
import { withWeight } from "../support/route-hands.ts";
import { livePath } from "../support/story-reads.ts";
import { startStory } from "../support/story.ts";
import { imageOf, REPO } from "../support/story-world.ts";
import { trespasses } from "./laws.ts";
import { UNHURRIED } from "./told.ts";

it(
  "the law of the default branch finds every path and key that is neither a bump nor Tidegate's",
  UNHURRIED,
  async () => {
    const story = await startStory();
    const { canary, route } = pathsOf("checkout");
    const push = async (path: string, change: (text: string) => string) => {
      const text = await story.file(path);
      await story.github.push({
        repo: REPO,
        user: "ana",
        branch: "main",
        files: { [path]: change(text) },
        message: "Change",
      });
      return trespasses(story);
    };
    try {
      expect(
        await push(canary, (text) => text.replace(/image: \S+/, `image: ${imageOf("checkout", "1.1.0")}`)),
      ).toEqual([]);
      const found = [
        await push("README.md", (text) => `${text}More.\n`),
        await push(canary, (text) => text.replace("replicas: 0", "replicas: 1")),
        await push(canary, (text) => text.replace(" # Tidegate's", "")),
        await push(route, (text) => text.replace("weight: 0", "weight: 1")),
      ];
      expect(found.map((all) => all.length)).toEqual([1, 2, 3, 4]);
      expect(found.at(-1)?.map((one) => one.replace(/^\w+ Change: /, ""))).toEqual([
        "apps/checkout/tidegate/route.yaml",
        expect.stringContaining("apps/checkout/deployment.yaml"),
        "apps/checkout/deployment.yaml: 0.spec.replicas",
        "README.md",
      ]);
    } finally {
      await story.close();
    }
  },
);

it("the law of live shares finds what git never said, and what it says no longer", UNHURRIED, async () => {
  const story = await startStory();
  const set = async (weight: number) => {
    const { route } = pathsOf("checkout");
    await story.push("ana", { [route]: withWeight(await story.file(route), "checkout", weight) }, `Send ${weight}%`);
    await story.pass(3_000);
  };
  const place = { namespace: "shop", name: "checkout" };
  try {
    await set(5);
    await set(25);
    expect(await livePath(story, "checkout")).toEqual({
      place: "checkout",
      kind: "HTTPRoute",
      shares: [0, 5, 25],
      strays: [],
      restarts: [],
      excess: 0,
      dip: 0,
    });
    story.cluster.edit("HTTPRoute", place, (route) => ({
      ...route,
      spec: {
        rules: [
          {
            backendRefs: [
              { name: "checkout", weight: 60 },
              { name: "checkout-canary", weight: 40 },
            ],
          },
        ],
      },
    }));
    await story.pass(1_000);
    story.cluster.edit("HTTPRoute", place, (route) => ({
      ...route,
      spec: {
        rules: [
          {
            backendRefs: [
              { name: "checkout", weight: 90 },
              { name: "checkout-canary", weight: 10 },
            ],
          },
        ],
      },
    }));
    await story.pass(1_000);
    const { strays, excess, dip } = await livePath(story, "checkout");
    expect([excess, dip]).toEqual([15, 15]);
    expect(strays.map((stray) => stray.replace(/ at \d+/, ""))).toEqual([
      "checkout had 40%, of 25% in git",
      "checkout had 10%, of 25% in git",
    ]);
  } finally {
    await story.close();
  }
});
