import { expect, it } from "vitest";
import { pathsOf } from "../../src/sandbox/fleet.ts";
import type { ProviderFault } from "../../src/sandbox/cluster/provider.ts";
import { landBump, openBump, untilStep, untilWeight } from "../support/story-plot.ts";
import { checkOn, conclusionOf, gateOf, leafOf, mergedSteps, openSteps, stepOf } from "../support/story-reads.ts";
import { CONFIG } from "../support/story-world.ts";
import { told, UNHURRIED } from "./told.ts";

const GOOD = { service: "checkout", version: "1.1.0" } as const;

const NO_ANSWER = String.raw`^Waiting: no usable answer from the metrics provider \(Prometheus `;
const SILENCES: readonly (readonly [ProviderFault, RegExp])[] = [
  [{ kind: "down" }, new RegExp(`${NO_ANSWER}cannot be reached`)],
  [{ kind: "status", status: 503 }, new RegExp(`${NO_ANSWER}answered 503`)],
  [{ kind: "notNumbers" }, new RegExp(`${NO_ANSWER}answered with a sample that is not a number\\)$`)],
  [{ kind: "malformed" }, new RegExp(`${NO_ANSWER}answered in a form that is not its documented one\\)$`)],
  [{ kind: "partial" }, new RegExp(`${NO_ANSWER}answered with warnings`)],
  [{ kind: "huge", bytes: 20 * 2 ** 20 }, new RegExp(`${NO_ANSWER}answered with more than`)],
  [{ kind: "empty" }, /^Syncing: the metrics know no canary pods$/],
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
  [state, (text) => text.replace("weight: 5", "weight: lots"), /\.tidegate\/services\/checkout\.yaml:\d+.*weight/],
  [state, (text) => `${text}surprise: 1\n`, /\.tidegate\/services\/checkout\.yaml:\d+.*surprise/],
  [
    state,
    (text) => text.replace("spec.replicas", "spec.paused"),
    /\.tidegate\/services\/checkout\.yaml: spec\.replicas of .* claims does not list it/,
  ],
  [CONFIG, (text) => text.replace("bake:", "bak:"), /\.github\/tidegate\.yml:\d+.*bak/],
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
        const { output } = checkOn(story, stepOf(story, "checkout"), "tidegate/gate") ?? {};
        expect(output?.summary).not.toContain("..");
        expect(output?.summary).toMatch(/Nothing of checkout moves|only watched/);
        // What an earlier look found out is not left standing under a refusal.
        const isRefusal = gate.title.startsWith("Cannot read");
        expect([path, (output?.text ?? "") === ""]).toEqual([path, isRefusal]);
        await story.push("ana", { [path]: text }, `Mend ${path}`);
        await story.settle();
        expect([path, gateOf(story, "checkout").conclusion]).toEqual([path, undefined]);
      }
      expect(mergedSteps(story, "checkout").map(leafOf)).toEqual(["0-warmup", "1-5"]);
      await untilWeight(story, "checkout", 25);
    },
  ),
);

const UNREADABLE: readonly (readonly [path: string, (text: string) => string, title: RegExp])[] = [
  [
    state,
    (text) => text.replace("spec.replicas", "spec.paused"),
    /cannot read checkout.*: \.tidegate\/services\/checkout\.yaml: spec\.replicas of .* claims does not list it/,
  ],
  [CONFIG, (text) => text.replace("bake:", "bak:"), /cannot read checkout.*: \.github\/tidegate\.yml:\d+/],
  [state, (text) => `${text}surprise: 1\n`, /cannot read checkout.*: \.tidegate\/services\/checkout\.yaml:\d+/],
  [
    route,
    (text) => text.replace("weight: 0", "weight: none"),
    /cannot read checkout.*: apps\/checkout\/tidegate\/route\.yaml/,
  ],
];

it.concurrent(
  "a bump of a service that cannot be read is told so, is free to be merged, and starts when that is mended",
  UNHURRIED,
  told({}, async (story) => {
    for (const [path, spoil, title] of UNREADABLE) {
      const text = await story.file(path);
      await story.push("ana", { [path]: spoil(text) }, `Spoil ${path}`);
      const pull = await openBump(story, GOOD);
      await story.settle();
      const plan = checkOn(story, pull, "tidegate/plan");
      expect([path, plan && conclusionOf(plan)]).toEqual([path, "success"]);
      expect(plan?.output.title).toMatch(title);
      await story.push("ana", { [path]: text }, `Mend ${path}`);
      await story.settle();
      const mended = checkOn(story, pull, "tidegate/plan");
      expect([path, mended && conclusionOf(mended)]).toEqual([path, "success"]);
    }
    const config = await story.file(CONFIG);
    await story.push("ana", { [CONFIG]: config.replace("bake:", "bak:") }, "Spoil the configuration");
    await landBump(story, GOOD);
    await story.pass(5_000);
    expect(openSteps(story, "checkout")).toEqual([]);
    await story.push("ana", { [CONFIG]: config }, "Mend the configuration");
    await untilStep(story, "checkout", "1-5");
  }),
);
