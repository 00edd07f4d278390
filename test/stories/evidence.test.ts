import { expect, it } from "vitest";
import { pathsOf } from "../../src/sandbox/fleet.ts";
import type { ProviderFault } from "../../src/sandbox/cluster/provider.ts";
import {
  CONFIG,
  checkOn,
  gateOf,
  landBump,
  leafOf,
  mergedSteps,
  stepOf,
  untilStep,
  untilWeight,
} from "../support/story.ts";
import { told, UNHURRIED } from "./told.ts";

const GOOD = { service: "checkout", version: "1.1.0" } as const;

const SILENCES: readonly (readonly [ProviderFault, RegExp])[] = [
  [{ kind: "down" }, /^Waiting: the metrics provider does not answer \(Prometheus cannot be reached/],
  [{ kind: "status", status: 503 }, /^Waiting: the metrics provider does not answer \(Prometheus answered 503/],
  [{ kind: "notNumbers" }, /^Waiting: the metrics provider does not answer \(.*number/i],
  [{ kind: "malformed" }, /^Waiting: the metrics provider does not answer \(/],
  [{ kind: "partial" }, /^Waiting: the metrics provider does not answer \(/],
  [{ kind: "empty" }, /know no canary pods|no samples|count no requests/],
];

it.concurrent(
  "a provider that is down or answers nonsense never passes a step, the check says so, and when it is back the release goes on",
  UNHURRIED,
  told({ config: { deadline: "30m" } }, async (story) => {
    await landBump(story, GOOD);
    await untilStep(story, "checkout", "2-25");
    for (const [fault, title] of SILENCES) {
      story.prometheus.setFault(fault);
      await story.pass(2_500);
      const gate = gateOf(story, "checkout");
      expect([fault.kind, gate.conclusion, await story.weight("checkout")]).toEqual([fault.kind, undefined, 5]);
      expect(gate.title).toMatch(title);
    }
    story.prometheus.setFault({ kind: "none" });
    await untilWeight(story, "checkout", 25);
  }),
);

const { state, canary, route } = pathsOf("checkout");

const SPOILT: readonly (readonly [path: string, (text: string) => string, title: RegExp])[] = [
  [
    state,
    (text) => text.replace("weight: 5", "weight: lots"),
    /^Cannot read checkout: \.tidegate\/services\/checkout\.yaml:\d+.*weight/,
  ],
  [
    state,
    (text) => `${text}surprise: 1\n`,
    /^Cannot read checkout: \.tidegate\/services\/checkout\.yaml:\d+.*surprise/,
  ],
  [CONFIG, (text) => text.replace("bake:", "bak:"), /^Cannot read checkout: \.github\/tidegate\.yml:\d+.*bak/],
  [
    canary,
    (text) => text.replace("kind: Deployment", "kind: [Deployment"),
    /^Cannot read checkout: apps\/checkout\/deployment\.yaml:\d+/,
  ],
  [
    route,
    (text) => text.replace("weight: 5", "weight: five"),
    /^Cannot read checkout: apps\/checkout\/tidegate\/route\.yaml:\d+/,
  ],
];

it.concurrent(
  "a state, a configuration or a manifest that cannot be read stops its service, with file and line on the open step; mended, it goes on",
  UNHURRIED,
  told(
    { config: { waves: "[{ targets: [prod], steps: [5, 25, 50], bake: 25s }]", deadline: "30m" } },
    async (story) => {
      await landBump(story, GOOD);
      await untilWeight(story, "checkout", 5);
      await untilStep(story, "checkout", "2-25");
      for (const [path, spoil, title] of SPOILT) {
        const text = await story.file(path);
        await story.push("ana", { [path]: spoil(text) }, `Spoil ${path}`);
        await story.pass(2_500);
        const gate = gateOf(story, "checkout");
        expect([path, gate.conclusion, stepOf(story, "checkout")?.leaf]).toEqual([path, "action_required", "2-25"]);
        expect(gate.title).toMatch(title);
        expect(checkOn(story, stepOf(story, "checkout"), "tidegate/gate")?.output.summary).toContain(
          "Nothing of checkout moves",
        );
        await story.push("ana", { [path]: text }, `Mend ${path}`);
        await story.settle();
        expect([path, gateOf(story, "checkout").conclusion]).toEqual([path, undefined]);
      }
      expect(mergedSteps(story, "checkout").map(leafOf)).toEqual(["0-warmup", "1-5"]);
      await untilWeight(story, "checkout", 25);
    },
  ),
);
