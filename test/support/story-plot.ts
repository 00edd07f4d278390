import { pathsOf, serviceOf } from "../../src/sandbox/fleet.ts";
import type { Pull } from "../../src/sandbox/github/store.ts";
import { openSteps, pullNow, stepOf } from "./story-reads.ts";
import { imageOf, REPO } from "./story-world.ts";
import { withWeight } from "./route-hands.ts";
import type { Story } from "./story.ts";

const SECOND = 1_000;

/** `places`: the targets' places that it reaches, where the service has several; `imageFor`: what it is called in each. */
export type Version = {
  readonly service: string;
  readonly version: string;
  readonly places?: readonly string[];
  readonly imageFor?: (place: string) => string;
};

/** Opens a pull request that changes one image, as a bump bot would. */
export async function openBump(story: Story, version: Version): Promise<Pull> {
  return story.github.openPull({
    repo: REPO,
    user: "renovate",
    branch: `renovate/${version.service}-${version.version}-${story.github.pulls(REPO).length}`,
    title: `Update ${version.service} to ${version.version}`,
    files: await bumped(story, version),
  });
}

/** Builds such a pull request anew on what the tracked branch holds now, as a bump bot does where it conflicts. */
export async function rebaseBump(story: Story, { number, title, head }: Pull, version: Version): Promise<Pull> {
  const files = await bumped(story, version);
  const order = { repo: REPO, user: "renovate", branch: head.branch, message: title, files, force: true } as const;
  await story.github.push(order);
  await story.settle();
  return pullNow(story, number);
}

/** The files of a version in their new form. */
export async function bumped(
  story: Story,
  { service, version, places = [service], imageFor = (place) => imageOf(place, version) }: Version,
): Promise<Readonly<Record<string, string>>> {
  const files = places.map(async (place) => {
    const { canary } = pathsOf(place);
    const text = await story.file(canary);
    return [canary, text.replace(/image: \S+/, `image: ${imageFor(place)}`)] as const;
  });
  return Object.fromEntries(await Promise.all(files));
}

/** Opens such a pull request and merges it once its plan is told; gives it as it was opened. */
export async function landBump(story: Story, version: Version): Promise<Pull> {
  const pull = await openBump(story, version);
  await story.settle();
  await story.github.mergePull({ repo: REPO, user: "renovate", number: pull.number, method: "squash" });
  await story.settle();
  return pull;
}

/** Waits until the open step of a service is this one. */
export function untilStep(story: Story, service: string, leaf: string): Promise<void> {
  return story.until(`the step ${leaf} of ${service} is open`, () => stepOf(story, service)?.leaf === leaf);
}

/** Waits until git's weight is this and what was committed is on its way. */
export function untilWeight(story: Story, service: string, weight: number): Promise<void> {
  return story.until(`git has ${service} at ${weight}%`, async () => (await story.weight(service)) === weight);
}

/** Waits until nothing is under way any more: no release in the state, no pull request of ours open, and the cluster at git's head. */
export async function untilRest(story: Story, service: string): Promise<void> {
  await story.until(`${service} rests`, async () => {
    const { targets } = await story.state(service);
    const isOver = Object.values(targets).every(({ release }) => release === undefined);
    const [head] = await story.github.log(REPO, "HEAD");
    return isOver && openSteps(story, service).length === 0 && story.cluster.snapshot().revision === head?.sha;
  });
  // Pods come and go a moment after their manifests.
  await story.pass(3 * SECOND);
}

// --- what people do ---

/** Says something on a pull request, and lets the bot hear it; gives the comment's id. */
export async function say(story: Story, user: string, number: number | undefined, body: string): Promise<number> {
  const { id } = story.github.comment({ repo: REPO, user, number: number ?? 0, body });
  await story.settle();
  return id;
}

/** Changes one file of the tracked branch by hand, and lets the bot see it; gives the commit. */
export async function edit(
  story: Story,
  user: string,
  path: string,
  change: (text: string) => string,
): Promise<string> {
  const before = await story.file(path);
  const after = change(before);
  if (after === before) throw new Error(`The edit of ${path} changes nothing.`);
  const sha = await story.push(user, { [path]: after }, `Change ${path}`);
  await story.settle();
  return sha;
}

/** Sets the weight in the route, by hand. */
export function setWeight(story: Story, user: string, place: string, weight: number): Promise<string> {
  return edit(story, user, pathsOf(place).route, (text) => withWeight(text, serviceOf(place), weight));
}

/** Merges a pull request by hand, and lets the bot see it; gives the commit. */
export async function mergeByHand(story: Story, user: string, number: number | undefined): Promise<string> {
  const sha = await story.github.mergePull({ repo: REPO, user, number: number ?? 0, method: "squash" });
  await story.settle();
  return sha;
}

/** Lands a bump and waits for the step that this leaf tells. */
export async function flyTo(story: Story, version: Version, leaf: string): Promise<Pull> {
  const bump = await landBump(story, version);
  await untilStep(story, version.service, leaf);
  return bump;
}
