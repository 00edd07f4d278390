import type { RouteKind } from "../../src/sandbox/fleet-routes.ts";
import type { Pull } from "../../src/sandbox/github/store.ts";
import { openBump, say, untilStep, untilWeight } from "../support/story-plot.ts";
import { openSteps } from "../support/story-reads.ts";
import type { Story } from "../support/story.ts";
import { imageOf, REPO } from "../support/story-world.ts";

/** A service of each kind; what happens to one happens to all of them. */
const KINDS = {
  catalog: "httpRoute",
  checkout: "istio",
  payments: "istioSubsets",
  search: "nginx",
} as const satisfies Readonly<Record<string, RouteKind>>;

export const SERVICES = Object.keys(KINDS);

export const ALL_KINDS = { services: SERVICES, kinds: KINDS } as const;

/** One step before the promotion. */
export const SHORT = { waves: "[{ targets: [prod], steps: [25], bake: 2s }]" } as const;

/** What is so of each service, by its kind. */
export async function ofEach<T>(of: (service: string) => T | Promise<T>): Promise<Readonly<Record<string, T>>> {
  const entries = Object.entries(KINDS).map(async ([service, kind]) => [kind, await of(service)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** The same for every kind. */
export function each<T>(value: T): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.values(KINDS).map((kind) => [kind, value]));
}

/** Every service's image of a version. */
export function eachImage(version: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(KINDS).map(([service, kind]) => [kind, imageOf(service, version)]));
}

/** Opens a bump of every service, and merges them; gives them as they were opened. */
export async function landAll(story: Story, version: string): Promise<readonly Pull[]> {
  const pulls: Pull[] = [];
  for (const service of SERVICES) pulls.push(await openBump(story, { service, version }));
  await story.settle();
  for (const { number } of pulls)
    await story.github.mergePull({ repo: REPO, user: "renovate", number, method: "squash" });
  await story.settle();
  return pulls;
}

export async function untilAllStep(story: Story, leaf: string): Promise<void> {
  for (const service of SERVICES) await untilStep(story, service, leaf);
}

export async function untilAllWeigh(story: Story, weight: number): Promise<void> {
  for (const service of SERVICES) await untilWeight(story, service, weight);
}

/** Waits until nothing of any service is under way, in git or in the cluster. */
export async function untilAllRest(story: Story): Promise<void> {
  await story.until("all rest", async () => {
    const states = await Promise.all(SERVICES.map((service) => story.state(service)));
    const isOver = states.every(({ targets }) => targets["prod"]?.release === undefined);
    const [head] = await story.github.log(REPO, "HEAD");
    const isQuiet = SERVICES.every((service) => openSteps(story, service).length === 0);
    return isOver && isQuiet && story.cluster.snapshot().revision === head?.sha;
  });
  // Pods come and go a moment after their manifests.
  await story.pass(3_000);
}

/** Says the same on each of the pull requests. */
export async function sayOnAll(story: Story, user: string, pulls: readonly Pull[], body: string): Promise<void> {
  for (const { number } of pulls) await say(story, user, number, body);
}
