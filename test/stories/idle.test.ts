import { expect, it } from "vitest";
import { pathsOf } from "../../src/sandbox/fleet.ts";
import type { Call } from "../../src/sandbox/github/store.ts";
import { openBump, say, setWeight } from "../support/story-plot.ts";
import { checkOn, conclusionOf, gateOf, openSteps, stepOf } from "../support/story-reads.ts";
import { imageOf, REPO } from "../support/story-world.ts";
import type { Story } from "../support/story.ts";
import { told, UNHURRIED } from "./told.ts";

const FLYING = ["baking", "held", "closed", "draft", "refused", "pushed"] as const;
const OTHERS = ["resting", "diverged", "orphan", "blocked", "unreadable", "proposed"] as const;
const SECOND = 1_000;
const SWEEP_S = 3;
/** Calls that one sweep may cost beside the pages of open pull requests. */
const BUDGET = 5;
const PER_PAGE = 100;

/** New versions of services, pushed at once. */
async function bumped(story: Story, services: readonly string[], version: string): Promise<void> {
  const texts = await Promise.all(
    services.map(async (name) => {
      const { canary } = pathsOf(name);
      const text = await story.file(canary);
      return [canary, text.replace(/image: \S+/, `image: ${imageOf(name, version)}`)] as const;
    }),
  );
  await story.push("ana", Object.fromEntries(texts), `Use ${version}`);
  await story.settle();
}

/** Every service comes into the state that its name says. */
async function setOut(story: Story): Promise<void> {
  const blocked = pathsOf("blocked");
  await story.push(
    "ana",
    {
      [blocked.state]: (await story.file(blocked.state)).replace(
        "blocked: []",
        `blocked: [{ image: "${imageOf("blocked", "1.1.0")}", by: gate, reason: "it failed" }]`,
      ),
    },
    "Block 1.1.0",
  );
  await bumped(story, [...FLYING, "blocked"], "1.1.0");
  const isUp = (name: string) => stepOf(story, name)?.leaf === "2-50";
  await story.until("all are on their way", () => FLYING.every(isUp), 600 * SECOND);
  // What is said in the second of a landing may have been meant for what landed.
  await story.pass(2 * SECOND);
  const number = (name: string) => stepOf(story, name)?.number ?? 0;
  const by = { repo: REPO, user: "ben" } as const;
  await say(story, "ben", number("held"), "/hold the shop is busy");
  await story.github.editPull({ ...by, number: number("closed"), state: "closed" });
  story.github.convertToDraft({ ...by, number: number("draft") });
  const branch = stepOf(story, "pushed")?.head.branch ?? "";
  await story.github.push({ ...by, branch, files: { "NOTE.md": "# Note\n" }, message: "Note" });
  await setWeight(story, "ben", "orphan", 25);
  const { stable } = pathsOf("diverged");
  const { state } = pathsOf("unreadable");
  await story.push("ben", { [stable]: (await story.file(stable)).replace(":1.0.0", ":0.9.0") }, "Change stable");
  await story.push("ben", { [state]: "version: [\n" }, "Spoil the state");
  await openBump(story, { service: "proposed", version: "1.1.0" });
  await openBump(story, { service: "baking", version: "1.2.0" });
  story.github.configure(REPO, { approvals: 1 });
  await say(story, "bo", number("baking"), "/status");
  await say(story, "ana", number("refused"), "/promote");
}

/** The calls of each sweep, from one to the next; git's own are none of the API's. */
function sweeps(calls: readonly Call[]): readonly (readonly Call[])[] {
  const api = calls.filter(({ route }) => !route.startsWith("/{owner}/{repo}.git/"));
  const starts = api.flatMap(({ route }, index) => (route === "/app/installations" ? [index] : []));
  return starts.slice(0, -1).map((start, index) => api.slice(start, starts[index + 1]));
}

const isWrite = ({ method }: Call): boolean => method !== "GET";
const isReport = ({ route }: Call): boolean => route.includes("/check-runs");
const hasWrites = (calls: readonly Call[]): boolean => calls.some(isWrite);

it.concurrent(
  "a sweep in which nothing has changed costs five calls and the pages of open pull requests, whatever is in flight",
  UNHURRIED,
  told(
    {
      services: [...FLYING, ...OTHERS],
      sweepSeconds: SWEEP_S,
      settings: { requiredChecks: [] },
      config: {
        waves: "[{ targets: [prod], steps: [25, 50], bake: 3h }]",
        deadline: "4h",
        measure: "{ window: 20s, settle: 500ms }",
      },
    },
    async (story) => {
      await setOut(story);
      await story.pass(45 * SECOND);
      const titles = FLYING.map((name) => `${name}: ${gateOf(story, name).title}`);
      expect(titles).toEqual([
        expect.stringMatching(/^baking: (?:Baking|Syncing)/),
        expect.stringMatching(/^held: Held by ben/),
        "closed: ",
        expect.stringMatching(/^draft: Held while .* is a draft/),
        expect.stringMatching(/^refused: Overridden by ana; GitHub does not let it be merged/),
        expect.stringMatching(/^pushed: Held: ben pushed/),
      ]);
      expect(openSteps(story, "orphan")).toHaveLength(1);
      const bumps = story.github.pulls(REPO).filter(({ author }) => author.login === "renovate");
      const plans = bumps.map((pull) => checkOn(story, pull, "tidegate/plan"));
      expect(plans.map((plan) => plan && conclusionOf(plan))).toEqual(["success", "action_required"]);

      const before = story.github.calls().length;
      await story.pass(20 * SECOND);
      const all = sweeps(story.github.calls().slice(before));
      const open = story.github.pulls(REPO).filter(({ state }) => state.kind === "open").length;
      const most = BUDGET + Math.ceil(open / PER_PAGE);
      // A measurement that falls due is news, and its numbers are reported; all other sweeps see nothing new.
      const [idle, measuring] = [all.filter((calls) => !hasWrites(calls)), all.filter(hasWrites)];
      expect(idle.length).toBeGreaterThan(3);
      expect(measuring.length).toBeLessThanOrEqual(2);
      expect(measuring.flat().filter(isWrite).every(isReport)).toBe(true);
      // One may coincide with the look that the next measurement is due for.
      const dear = idle.filter((calls) => calls.length > most);
      const told = dear.map((calls) => calls.map(({ method, path }) => `${method} ${path}`));
      expect(told.slice(1)).toEqual([]);
      expect(told[0]?.length ?? 0).toBeLessThanOrEqual(2 * most);
    },
  ),
);
