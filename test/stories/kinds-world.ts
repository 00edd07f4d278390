import type { RouteKind } from "../../src/sandbox/fleet-routes.ts";
import type { Pull } from "../../src/sandbox/github/store.ts";
import { openBump, say } from "../support/story-plot.ts";
import { liveOf, openSteps, stepOf } from "../support/story-reads.ts";
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

/** So many releases at once, in seconds, are more than GitHub takes of one App: with its limits some of them would wait a minute for others. */
export const ALL_KINDS = {
  services: SERVICES,
  kinds: KINDS,
  limits: { pointsPerMinute: 100_000, contentPerMinute: 10_000, contentPerHour: 10_000 },
} as const;

/** One step before the promotion. */
export const SHORT = { waves: "[{ targets: [prod], steps: [25], bake: 2s }]" } as const;

const LONG_MS = 240_000;

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

/** Opens a bump of every service, and merges them; gives them as they were opened, in the order of `SERVICES`. */
export async function landAll(story: Story, version: string): Promise<readonly Pull[]> {
  const pulls: Pull[] = [];
  for (const service of SERVICES) pulls.push(await openBump(story, { service, version }));
  await story.settle();
  for (const { number } of pulls)
    await story.github.mergePull({ repo: REPO, user: "renovate", number, method: "squash" });
  await story.settle();
  return pulls;
}

/** Whether something is so of a service. */
export type Reading = (story: Story, service: string) => boolean | Promise<boolean>;

/** The open step is this one. */
export function isAtStep(leaf: string): Reading {
  return (story, service) => stepOf(story, service)?.leaf === leaf;
}

/** The cluster sends this share of the traffic to the canary. */
export function isLiveAt(weight: number): Reading {
  return (story, service) => liveOf(story, service).weight === weight;
}

/** Git has the canary at this weight. */
export function weighs(weight: number): Reading {
  return async (story, service) => (await story.weight(service)) === weight;
}

/**
 * Waits until something has been so of every service, and does what is to be done then with each of them at once: one may have gone on
 * long before another comes there.
 */
export async function asEach(
  story: Story,
  what: string,
  isThere: Reading,
  then: (service: string, index: number) => Promise<void> = async () => {},
): Promise<void> {
  const awaited = new Set(SERVICES);
  const come = async () => {
    for (const [index, service] of SERVICES.entries()) {
      if (!awaited.has(service) || !(await isThere(story, service))) continue;
      awaited.delete(service);
      await then(service, index);
    }
    return awaited.size === 0;
  };
  await story.until(`${what}, of each`, come, LONG_MS);
}

/** Waits until nothing of any service is under way, in git or in the cluster. */
export async function untilAllRest(story: Story): Promise<void> {
  await story.until(
    "all rest",
    async () => {
      const states = await Promise.all(SERVICES.map((service) => story.state(service)));
      const isOver = states.every(({ targets }) => targets["prod"]?.release === undefined);
      const [head] = await story.github.log(REPO, "HEAD");
      const isQuiet = SERVICES.every((service) => openSteps(story, service).length === 0);
      return isOver && isQuiet && story.cluster.snapshot().revision === head?.sha;
    },
    LONG_MS,
  );
  // Pods come and go a moment after their manifests.
  await story.pass(3_000);
}

/** Says the same on each of the pull requests. */
export async function sayOnAll(story: Story, user: string, pulls: readonly Pull[], body: string): Promise<void> {
  for (const { number } of pulls) await say(story, user, number, body);
}
