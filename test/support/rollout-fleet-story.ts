import { rolloutPathsOf, type RolloutService } from "../../src/sandbox/rollout-fleet.ts";
import type { Pull } from "../../src/sandbox/github/store.ts";
import type { RolloutView } from "../../src/sandbox/cluster/view.ts";
import { stepsText } from "./rollout-story.ts";
import { openSteps } from "./story-reads.ts";
import { imageOf, REPO } from "./story-world.ts";
import type { Story } from "./story.ts";

/** Several releases at once are more than a story of one has time for, virtual milliseconds. */
const LONG_MS = 240_000;

/** What is so of each Rollout, by its name. */
export async function ofEach<T>(
  services: readonly RolloutService[],
  of: (service: RolloutService) => T | Promise<T>,
): Promise<Readonly<Record<string, T>>> {
  const entries = services.map(async (service) => [service.name, await of(service)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** Opens a bump of each, and merges them once their plans are told; gives them as they were opened, in order. */
export async function landOnAll(
  story: Story,
  services: readonly RolloutService[],
  version: string,
): Promise<readonly Pull[]> {
  const pulls: Pull[] = [];
  for (const service of services) pulls.push(await openVersion(story, service, version));
  await story.settle();
  for (const { number } of pulls)
    await story.github.mergePull({ repo: REPO, user: "renovate", number, method: "squash" });
  await story.settle();
  return pulls;
}

/** Opens a pull request that changes the image alone. */
export async function openVersion(story: Story, service: RolloutService, version: string): Promise<Pull> {
  const { name } = service;
  const { workload } = rolloutPathsOf(service);
  const text = (await story.file(workload)).replace(/image: \S+/, `image: ${imageOf(name, version)}`);
  return story.github.openPull({
    repo: REPO,
    user: "renovate",
    branch: `renovate/${name}-${version}-${story.github.pulls(REPO).length}`,
    title: `Update ${name} to ${version}`,
    files: { [workload]: text },
  });
}

/** Opens such a pull request and merges it at once. */
export async function landVersion(story: Story, service: RolloutService, version: string): Promise<void> {
  const { number } = await openVersion(story, service, version);
  await story.settle();
  await story.github.mergePull({ repo: REPO, user: "renovate", number, method: "squash" });
  await story.settle();
}

/** Waits until nothing is under way for any of them, in git or in the cluster. */
export async function untilAllRest(story: Story, services: readonly { readonly name: string }[]): Promise<void> {
  const isResting = async ({ name }: { readonly name: string }) => {
    const { targets } = await story.state(name);
    const isOver = Object.values(targets).every(({ release }) => release === undefined);
    return isOver && openSteps(story, name).length === 0;
  };
  await story.until(
    "all rest",
    async () => {
      const [head] = await story.github.log(REPO, "HEAD");
      const isOver = (await Promise.all(services.map(isResting))).every(Boolean);
      return isOver && story.cluster.snapshot().revision === head?.sha;
    },
    LONG_MS,
  );
  // Pods come and go a moment after their manifests.
  await story.pass(5_000);
}

/**
 * Waits until something has been so of each, and does what is to be done then with that one at once: it may have gone on long before
 * another comes there.
 */
export async function asEach<T>(
  story: Story,
  all: readonly T[],
  scene: {
    readonly what: string;
    readonly isThere: (one: T) => boolean | Promise<boolean>;
    readonly act: (one: T) => Promise<unknown>;
  },
): Promise<void> {
  const awaited = new Set(all);
  const come = async () => {
    for (const one of awaited) {
      if (!(await scene.isThere(one))) continue;
      awaited.delete(one);
      await scene.act(one);
    }
    return awaited.size === 0;
  };
  await story.until(`${scene.what}, of each`, come, LONG_MS);
}

/** The steps as git had them commit by commit, without repeats, oldest first. */
export async function stepsOf(story: Story, service: RolloutService): Promise<readonly string[]> {
  const { rollout } = rolloutPathsOf(service);
  const commits = (await story.github.log(REPO, "HEAD")).toReversed();
  const all = await Promise.all(commits.map(async ({ sha }) => stepsText(await story.file(rollout, sha))));
  return all.filter((steps, index) => steps !== all[index - 1]);
}

/** Every share that the canary had in the cluster, per cent, without repeats. */
export function sharesOf(story: Story, { namespace, name }: RolloutService): readonly number[] {
  return story.cluster.liveShares(namespace, name).map(({ share }) => Math.round(share));
}

/** What the controller says of it now. */
export function runs(story: Story, { name }: RolloutService): Pick<RolloutView, "phase" | "stable" | "current"> {
  const found = story.cluster.snapshot().rollouts.find((one) => one.name === name);
  if (found === undefined) throw new Error(`There is no Rollout ${name}.`);
  return { phase: found.phase, stable: found.stable, current: found.current };
}

/** What is waited for of a service, and what is done then; nothing more is asked for the time after it, virtual milliseconds. */
export type Scene = {
  readonly what: string;
  readonly isThere: (service: RolloutService) => boolean | Promise<boolean>;
  readonly act: (service: RolloutService) => Promise<unknown>;
  readonly afterMs?: number;
};

/** Takes each service through the scenes in their order, whenever it comes to the next one; none waits for another. */
export async function drilled(
  story: Story,
  services: readonly RolloutService[],
  scenes: readonly Scene[],
): Promise<void> {
  const places = new Map(services.map((service) => [service, { scene: 0, from: story.now() }]));
  const go = async (service: RolloutService) => {
    const { scene: nth, from } = places.get(service) ?? { scene: scenes.length, from: 0 };
    const scene = scenes[nth];
    if (scene === undefined) return true;
    if (story.now() < from || !(await scene.isThere(service))) return false;
    await scene.act(service);
    places.set(service, { scene: nth + 1, from: story.now() + (scene.afterMs ?? 0) });
    return false;
  };
  const all = async () => {
    const done: boolean[] = [];
    for (const service of services) done.push(await go(service));
    return done.every(Boolean);
  };
  await story.until("each has been through all of its scenes", all, LONG_MS).catch((cause: unknown) => {
    const left = [...places].map(([{ name }, { scene }]) => `${name}: ${scenes[scene]?.what ?? "done"}`);
    throw new Error(`Waited for: ${left.join("; ")}`, { cause });
  });
}
