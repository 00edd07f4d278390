import { injector, type Aim, type Rule } from "../../src/sandbox/github/injector.ts";
import type { FaultName } from "../../src/sandbox/github/fault-catalogue.ts";
import { openSteps } from "../support/story-reads.ts";
import { REPO } from "../support/story-world.ts";
import type { Story } from "../support/story.ts";
import { UNHURRIED } from "./told.ts";

export const GOOD = { service: "checkout", version: "1.1.0" } as const;
/** Long windows: where GitHub makes the bot wait for minutes, few looks are needed to get through them. */
const MEASURE = { measure: "{ window: 15s, settle: 500ms }", deadline: "3h" };
export const SHORT = { waves: "[{ targets: [prod], steps: [25], bake: 30s }]", ...MEASURE };
export const SLOW = { waves: "[{ targets: [prod], steps: [25, 50], bake: 2h }]", ...MEASURE };
export const STEPS = ["0-warmup", "1-25", "2-promote", "3-drain", "4-rest"];
export const MINUTE = 60_000;
export const LONG = 60 * MINUTE;
/** Minutes go by while GitHub is unwell. */
export const PATIENT = { timeout: 2 * UNHURRIED.timeout } as const;
/** Looks may fail in these stories; how they end is what is asked. */
export const failures = /A look failed/;

export const OPEN: Aim = { method: "POST", route: "/pulls" };
export const MERGE: Aim = { method: "PUT", route: "/pulls/{number}/merge" };
export const PUSH: Aim = { method: "POST", route: "/git-receive-pack" };
export const REPORTS: readonly Aim[] = [
  { method: "POST", route: "/check-runs" },
  { method: "PATCH", route: "/check-runs/{id}" },
];
export const WORDS: readonly Aim[] = [
  { method: "POST", route: "/issues/{number}/comments" },
  { method: "PATCH", route: "/issues/comments/{id}" },
  { method: "POST", route: "/issues/comments/{id}/reactions" },
];

/** Some faults, and what they are called together. */
export type Kind = readonly [name: string, faults: readonly FaultName[]];

/** Lets requests meet faults; how often they did is what it gives. */
export function inject(story: Story, rules: readonly Rule[]): () => number {
  const { hook, tally } = injector(rules, () => 0);
  story.github.setFaults(hook);
  return () => tally().reduce((sum, { times }) => sum + times, 0);
}

/** Lets GitHub be well, and everything come to its end: what has not been told yet is. */
export async function rest(story: Story): Promise<void> {
  story.github.setFaults(undefined);
  await story.until(
    "the cluster is at git's head",
    async () => {
      const { targets } = await story.state("checkout");
      const isOver = Object.values(targets).every(({ release: one }) => one === undefined);
      const [head] = await story.github.log(REPO, "main");
      return isOver && openSteps(story, "checkout").length === 0 && story.cluster.snapshot().revision === head?.sha;
    },
    LONG,
  );
  await story.pass(MINUTE);
}
