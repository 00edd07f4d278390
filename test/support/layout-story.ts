import { parse } from "yaml";
import { z } from "zod";
import { findHelm, findKustomize, render, type Renderer as Program } from "../../bench/render-tools.ts";
import { renderedHead, type Renderer, type Renderers } from "../../src/sandbox/cluster/rendered.ts";
import type { Pull } from "../../src/sandbox/github/store.ts";
import { livePath, weightIn, type LivePath } from "../../src/sandbox/live-path.ts";
import { bumpedFile, layoutFiles, weightFile, type LayoutService } from "./layout-files.ts";
import { openSteps, stepOf } from "./story-reads.ts";
import { REPO, type StoryOptions } from "./story-world.ts";
import type { Story } from "./story.ts";

const PROGRAMS = { kustomize: findKustomize(), helm: findHelm() };

/** Whether the machine has what renders kustomizations. */
export const CAN_KUSTOMIZE = PROGRAMS.kustomize !== undefined;

/** Whether the machine has what renders. */
export const CAN_RENDER = CAN_KUSTOMIZE && PROGRAMS.helm !== undefined;

/** A world of services whose manifests the real programs render, as what delivers them says; GitHub takes whatever so many releases in a few seconds ask for. */
export function layoutWorld(services: readonly LayoutService[], options: StoryOptions = {}): StoryOptions {
  return renderedWorld(new Map(services.flatMap((service) => [...layoutFiles(service)])), options);
}

/** The same of any files. */
export function renderedWorld(files: ReadonlyMap<string, string>, options: StoryOptions = {}): StoryOptions {
  return {
    services: [],
    files,
    renders: (source) => renderedHead(source, renderers()),
    limits: { pointsPerMinute: 100_000, contentPerMinute: 10_000, contentPerHour: 10_000 },
    ...options,
    config: { targets: "[]", ...options.config },
  };
}

function renderers(): Renderers {
  return { kustomize: rendererOf(PROGRAMS.kustomize), helm: rendererOf(PROGRAMS.helm) };
}

function rendererOf(program: Program | undefined): Renderer {
  return (folder, given) => {
    if (program === undefined) throw new Error("The test is skipped without the program.");
    return render(program, folder, given);
  };
}

/** The file that people bump, with another version in it; nothing else differs. */
export function withVersion(text: string, version: string): string {
  return text.replace(/(?<=newTag: "|tag: "|image: registry\.example\.com\/shop\/[a-z]+:)[\d.]+/, version);
}

/** Opens a pull request that bumps a service in some targets, as a bump bot would. */
export async function openLayoutBump(story: Story, service: LayoutService, version: string): Promise<Pull> {
  const paths = [...new Set(service.targets.map((target) => bumpedFile(service, target)))];
  const files = paths.map(async (path) => [path, withVersion(await story.file(path), version)] as const);
  return story.github.openPull({
    repo: REPO,
    user: "renovate",
    branch: `renovate/${service.name}-${version}`,
    title: `Update ${service.name} to ${version}`,
    files: Object.fromEntries(await Promise.all(files)),
  });
}

/** Opens such pull requests and merges them once their plans are told; gives them as they were opened, in the same order. */
export async function landLayoutBumps(
  story: Story,
  services: readonly LayoutService[],
  version: string,
): Promise<readonly Pull[]> {
  const pulls: Pull[] = [];
  for (const service of services) pulls.push(await openLayoutBump(story, service, version));
  await story.settle();
  for (const { number } of pulls)
    await story.github.mergePull({ repo: REPO, user: "renovate", number, method: "squash" });
  await story.settle();
  return pulls;
}

/** Waits until something has been so of every service, and does what is to be done then with each of them at once. */
export async function asEach(
  story: Story,
  services: readonly LayoutService[],
  isThere: (service: LayoutService) => boolean | Promise<boolean>,
  then: (service: LayoutService) => Promise<void> = async () => {},
): Promise<void> {
  const awaited = new Set(services);
  await story.until(
    `${isThere.name || "it"} of each`,
    async () => {
      for (const service of awaited) {
        if (!(await isThere(service))) continue;
        awaited.delete(service);
        await then(service);
      }
      return awaited.size === 0;
    },
    LONG_MS,
  );
}

const LONG_MS = 240_000;

/** The open step of a service is this one. */
export function isAtStep(story: Story, leaf: string): (service: LayoutService) => boolean {
  return ({ name }) => stepOf(story, name)?.leaf === leaf;
}

/** Waits until nothing of any service is under way, in git or in the cluster. */
export async function untilLayoutsRest(story: Story, services: readonly LayoutService[]): Promise<void> {
  const isOver = async ({ name }: LayoutService) => {
    const { targets } = await story.state(name);
    return Object.values(targets).every(({ release }) => release === undefined) && openSteps(story, name).length === 0;
  };
  await story.until(
    "all rest",
    async () => {
      const [head] = await story.github.log(REPO, "HEAD");
      const isDelivered = story.cluster.snapshot().revision === head?.sha;
      return isDelivered && (await Promise.all(services.map(isOver))).every(Boolean);
    },
    LONG_MS,
  );
  // Pods come and go a moment after their manifests.
  await story.pass(3_000);
}

const Shared = z.looseObject({ canary: z.looseObject({ weight: z.number() }) });

function weightOf({ name, layout }: LayoutService, text: string): number | undefined {
  if (layout !== "flux") return weightIn(text, name);
  const { data } = Shared.safeParse(parse(text));
  return data?.canary.weight;
}

/** The canary's weight as git had it commit by commit, without repeats, oldest first. */
export async function layoutWeights(story: Story, service: LayoutService, target: string): Promise<readonly number[]> {
  const { path } = weightFile(service, target);
  const commits = await story.github.log(REPO, "HEAD");
  const those = commits.filter(
    ({ files, parents }) => parents.length !== 1 || files.some((file) => file.path === path),
  );
  const texts = await Promise.all(those.map(({ sha }) => story.file(path, sha)));
  const weights = texts.toReversed().map((text) => weightOf(service, text) ?? Number.NaN);
  return weights.filter((weight, index) => weight !== weights[index - 1]);
}

/** The shares of a canary in the cluster, and whatever of them does not follow from git. */
export function layoutPath(story: Story, service: LayoutService, target: string): Promise<LivePath> {
  const { path, delivered } = weightFile(service, target);
  const { cluster, github, repo } = story;
  const said = (text: string) => {
    const weight = weightOf(service, text);
    return weight === undefined ? undefined : { lowest: weight, highest: weight };
  };
  const world = { repo, github, cluster: { ...cluster, syncs: () => cluster.syncs(delivered) } };
  const where = { namespace: target, name: service.name, place: `${service.name}/${target}`, kind: service.layout };
  return livePath(world, { ...where, path, said, moves: "atOnce", restarts: [] });
}
