import { expect, it } from "vitest";
import { pathsOf } from "../../src/sandbox/fleet.ts";
import type { VersionFault } from "../../src/sandbox/cluster/traffic.ts";
import { PUBLIC_URL } from "../support/story-bot.ts";
import { landBump, openBump, untilRest, untilStep } from "../support/story-plot.ts";
import {
  checkOn,
  conclusionOf,
  leafOf,
  liveOf,
  mergedSteps,
  openSteps,
  gateOf,
  saidOn,
  stepOf,
  weightsInGit,
} from "../support/story-reads.ts";
import { imageOf, REPO } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

const OLD = imageOf("payments", "1.0.0");
const BAD = imageOf("payments", "2.0.0");
const faulty = (fault: VersionFault) => new Map([[BAD, fault]]);

it.concurrent(
  "a bad bump is rolled back, its image blocked, and a bot's re-push of it starts nothing",
  UNHURRIED,
  told({ services: ["payments"], faults: faulty({ kind: "errorRatio", ratio: 10 }) }, async (story) => {
    const pull = await landBump(story, { service: "payments", version: "2.0.0" });
    await untilRest(story, "payments");

    const steps = mergedSteps(story, "payments");
    expect(steps.map(leafOf)).toEqual(["0-warmup", "1-5", "abort", "take-back"]);
    const [abort] = steps
      .filter((step) => leafOf(step) === "abort")
      .map(({ state }) => (state.kind === "merged" ? state.sha : ""));
    expect(await story.weight("payments", abort)).toBe(0);
    expect(await story.file(pathsOf("payments").canary, abort)).toContain(BAD);
    expect(await weightsInGit(story, "payments")).toEqual([0, 5, 0]);
    expect(liveOf(story, "payments")).toEqual({ weight: 0, canary: [], stable: [OLD] });
    expect(await story.file(pathsOf("payments").canary)).toContain(OLD);
    const { blocked } = await story.state("payments");
    expect(blocked).toEqual([expect.objectContaining({ image: BAD, by: "gate" })]);
    expect(saidOn(story, pull.number).map(({ body }) => body)).toEqual([
      expect.stringContaining("payments 2.0.0 was taken back in prod"),
    ]);
    const gates = story.github.pulls(REPO).map((one) => checkOn(story, one, "tidegate/gate"));
    const failed = gates.find((run) => run !== undefined && conclusionOf(run) === "failure");
    const [chart] = failed?.output.images ?? [];
    expect(chart?.alt).toMatch(/^payments in prod\. Failed requests .* Evidence: regression .* \(\d+ blocks\)/);
    const picture = await fetch((chart?.image_url ?? "").replace(PUBLIC_URL, new URL(story.webhooks).origin));
    expect([picture.status, picture.headers.get("content-type")]).toEqual([200, "image/svg+xml; charset=utf-8"]);

    const again = await openBump(story, { service: "payments", version: "2.0.0" });
    await story.settle();
    const plan = checkOn(story, again, "tidegate/plan");
    expect(plan && conclusionOf(plan)).not.toBe("success");
    await story.github.mergePull({ repo: REPO, user: "renovate", number: again.number, method: "squash" });
    await story.pass(20_000);
    expect(openSteps(story, "payments")).toEqual([]);
    expect(mergedSteps(story, "payments")).toHaveLength(steps.length);
    expect(liveOf(story, "payments")).toEqual({ weight: 0, canary: [], stable: [OLD] });

    await landBump(story, { service: "payments", version: "2.0.1" });
    await untilStep(story, "payments", "1-5");
  }),
);

it.concurrent(
  "stable that fails on the new version is restored first, under an unchanged weight; then the weight goes to 0, then the image back",
  UNHURRIED,
  told({ services: ["payments"], config: { waves: "[{ targets: [prod], steps: [50], bake: 2s }]" } }, async (story) => {
    await landBump(story, { service: "payments", version: "2.0.0" });
    await story.until("payments is promoted", () =>
      mergedSteps(story, "payments").some((step) => leafOf(step) === "2-promote"),
    );
    story.faults.set(BAD, { kind: "addedErrors", rate: 0.5 });
    await untilRest(story, "payments");

    const steps = mergedSteps(story, "payments");
    expect(steps.map(leafOf).slice(2)).toEqual(["2-promote", "abort", "lower", "take-back"]);
    const told = await Promise.all(
      steps.slice(2).map(async ({ state }) => {
        const at = state.kind === "merged" ? state.sha : "";
        const { stable, canary } = pathsOf("payments");
        const versionIn = (text: string) => /image: \S+:(\S+)/.exec(text)?.[1];
        return [
          await story.weight("payments", at),
          versionIn(await story.file(stable, at)),
          versionIn(await story.file(canary, at)),
        ];
      }),
    );
    expect(told).toEqual([
      [50, "2.0.0", "2.0.0"],
      [50, "1.0.0", "2.0.0"],
      [0, "1.0.0", "2.0.0"],
      [0, "1.0.0", "1.0.0"],
    ]);
    const restored = story.cluster
      .changes()
      .findIndex(
        ({ weights, images }) => weights["payments-canary"] === 0 && images["payments"]?.includes(BAD) === true,
      );
    expect(restored).toBe(-1);
    expect(liveOf(story, "payments")).toEqual({ weight: 0, canary: [], stable: [OLD] });
  }),
);

it.concurrent(
  "a canary that never becomes ready keeps the weight at 0 until, after the deadline, a person takes it back",
  UNHURRIED,
  told(
    { services: ["payments"], faults: faulty({ kind: "neverReady" }), config: { deadline: "8s" } },
    async (story) => {
      await landBump(story, { service: "payments", version: "2.0.0" });
      await untilStep(story, "payments", "1-5");
      await story.pass(5_000);
      expect(gateOf(story, "payments")).toEqual({
        conclusion: undefined,
        title: "Syncing: 0 of 1 canary pods ready on 2.0.0",
      });

      await story.pass(5_000);
      const { conclusion, title } = gateOf(story, "payments");
      expect(conclusion).toBe("action_required");
      expect(title).toMatch(/^Not seen live by .*: 0 of 1 canary pods ready on 2\.0\.0$/);
      expect(checkOn(story, stepOf(story, "payments"), "tidegate/gate")?.output.summary).toContain("/abort");
      expect(await story.weight("payments")).toBe(0);

      story.github.comment({
        repo: REPO,
        user: "ben",
        number: stepOf(story, "payments")?.number ?? 0,
        body: "/abort it does not start",
      });
      await untilRest(story, "payments");
      expect(mergedSteps(story, "payments").map(leafOf)).toEqual(["0-warmup", "abort", "take-back"]);
      expect(liveOf(story, "payments")).toEqual({ weight: 0, canary: [], stable: [OLD] });
      expect((await story.state("payments")).blocked).toEqual([
        expect.objectContaining({ image: BAD, by: "person", reason: "it does not start" }),
      ]);
    },
  ),
);
