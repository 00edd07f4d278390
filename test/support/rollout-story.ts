import { parse } from "yaml";
import { z } from "zod";
import type { Pull } from "../../src/sandbox/github/store.ts";
import { rolloutPathsOf, type Form, type RolloutService } from "../../src/sandbox/rollout-fleet.ts";
import type { Routing } from "../../src/sandbox/rollout-routes.ts";
import { edit } from "./story-plot.ts";
import { imageOf, REPO, type StoryOptions } from "./story-world.ts";
import type { Story } from "./story.ts";

/** The service of these stories. */
export const TILL = "till";
const SECOND = 1_000;

/** A world with one service, which an Argo Rollout runs behind an Ingress. */
export function rolloutWorld(form: Form, options: StoryOptions = {}): StoryOptions {
  return { services: [], rollouts: [rolloutOf(TILL, form, "nginx")], ...options };
}

/** A service of four pods that rests on version 1.0.0. */
export function rolloutOf(name: string, form: Form, routing: Routing): RolloutService {
  return {
    name,
    namespace: "shop",
    target: "prod",
    image: imageOf(name, "1.0.0"),
    replicas: 4,
    revision: "4f1c000000000000000000000000000000000000",
    form,
    routing,
  };
}

const Steps = z.looseObject({
  spec: z.looseObject({
    strategy: z.looseObject({
      canary: z.looseObject({
        steps: z.tuple([
          z.strictObject({ setWeight: z.number() }),
          z.strictObject({ setWeight: z.number() }),
          z.strictObject({ pause: z.strictObject({ duration: z.string().optional() }) }),
        ]),
      }),
    }),
  }),
});

/** A world with one service, whose Rollout of two colours an Ingress stands before. */
export function blueGreenWorld(form: Form, options: StoryOptions = {}): StoryOptions {
  return {
    services: [],
    rollouts: [rolloutOf(TILL, form, "blueGreen")],
    config: SWITCH,
    ...options,
  };
}

const SWITCH = { waves: "[{ targets: [prod], steps: [0, 100], bake: 2s }]", deadline: "5m" };

const Switch = z.looseObject({
  spec: z.looseObject({
    strategy: z.looseObject({ blueGreen: z.looseObject({ autoPromotionEnabled: z.boolean() }) }),
  }),
});

/** Whether git lets the Rollout switch; at the head or at a commit. */
export async function switchIn(story: Story, form: Form, at?: string): Promise<boolean> {
  const text = await story.file(rolloutPathsOf({ name: TILL, form }).rollout, at);
  return Switch.parse(parse(text)).spec.strategy.blueGreen.autoPromotionEnabled;
}

/** The same as git had it commit by commit, without repeats, oldest first. */
export function switchesInGit(story: Story, form: Form): Promise<readonly boolean[]> {
  return inGit(story, (sha) => switchIn(story, form, sha));
}

/** Lets the Rollout switch by hand, in git, or keeps it from that. */
export function switchByHand(story: Story, form: Form, isOn: boolean): Promise<string> {
  const { rollout } = rolloutPathsOf({ name: TILL, form });
  return edit(story, "ana", rollout, (text) =>
    text.replace(/autoPromotionEnabled: \w+/, `autoPromotionEnabled: ${isOn}`),
  );
}

/** Every image that the active Service's ready pods had, without repeats, oldest first. */
export function served({ cluster }: Story): readonly string[] {
  const all = cluster
    .changes()
    .filter(({ name }) => name === TILL)
    .flatMap(({ images }) => images[TILL]?.join(" ") ?? []);
  return all.filter((images, index) => images !== "" && images !== all[index - 1]);
}

/** Whether the controller has all pods of a version, and waits to be told to switch to it. */
export function previews({ cluster }: Story, version: string): boolean {
  const rollout = cluster.snapshot().rollouts.find(({ name }) => name === TILL);
  return rollout?.phase === "Paused" && rollout.current === imageOf(TILL, version);
}

async function inGit<Said>(story: Story, read: (sha: string) => Promise<Said>): Promise<readonly Said[]> {
  const commits = (await story.github.log(REPO, "HEAD")).toReversed();
  const all = await Promise.all(commits.map(({ sha }) => read(sha)));
  return all.filter((said, index) => said !== all[index - 1]);
}

/** The steps that git has, "5 25", or "50 100 1s" where they run out; at the head or at a commit. */
export async function stepsIn(story: Story, form: Form, at?: string): Promise<string> {
  return stepsText(await story.file(rolloutPathsOf({ name: TILL, form }).rollout, at));
}

/** The steps in the text of a Rollout. */
export function stepsText(text: string): string {
  const [from, to, { pause }] = Steps.parse(parse(text)).spec.strategy.canary.steps;
  return [from.setWeight, to.setWeight, ...(pause.duration === undefined ? [] : [pause.duration])].join(" ");
}

/** The steps as git had them commit by commit, without repeats, oldest first. */
export function stepsInGit(story: Story, form: Form): Promise<readonly string[]> {
  return inGit(story, (sha) => stepsIn(story, form, sha));
}

/** Every share that the canary had in the cluster, per cent, without repeats. */
export function liveShares(story: Story): readonly number[] {
  return story.cluster.liveShares("shop", TILL).map(({ share }) => Math.round(share));
}

/** What the Rollout runs now: its phase, and the images of all of its pods that are ready. */
export function running({ cluster }: Story): {
  readonly phase: string | undefined;
  readonly images: readonly string[];
} {
  const { rollouts, routes } = cluster.snapshot();
  const pods = routes.flatMap(({ backends }) => backends.flatMap((backend) => backend.pods));
  const images = new Set(pods.filter(({ total }) => total > 0).map(({ image }) => image));
  return { phase: rollouts.find(({ name }) => name === TILL)?.phase, images: [...images].toSorted() };
}

/** Opens a pull request that changes the pod template's image, or something else of it. */
export async function openChange(story: Story, form: Form, change: string | ((text: string) => string)): Promise<Pull> {
  const { workload } = rolloutPathsOf({ name: TILL, form });
  const text = await story.file(workload);
  const to = typeof change === "string" ? text.replace(/image: \S+/, `image: ${imageOf(TILL, change)}`) : change(text);
  const pull = await story.github.openPull({
    repo: REPO,
    user: "renovate",
    branch: `renovate/till-${story.github.pulls(REPO).length}`,
    title: "Update till",
    files: { [workload]: to },
  });
  await story.settle();
  return pull;
}

/** Opens such a pull request and merges it; gives it as it was opened. */
export async function landChange(story: Story, form: Form, change: Parameters<typeof openChange>[2]): Promise<Pull> {
  const pull = await openChange(story, form, change);
  await story.github.mergePull({ repo: REPO, user: "renovate", number: pull.number, method: "squash" });
  await story.settle();
  return pull;
}

/** Writes both weights of the steps by hand. */
export function setStepsByHand(story: Story, form: Form, from: number, to: number): Promise<string> {
  const { rollout } = rolloutPathsOf({ name: TILL, form });
  const weights = [from, to];
  return edit(story, "ana", rollout, (text) =>
    text.replace(/setWeight: \d+/g, () => `setWeight: ${weights.shift() ?? to}`),
  );
}

/** Waits until no release is under way any more and what git has is what runs. */
export async function untilTillRests(story: Story): Promise<void> {
  await story.until("till rests", async () => {
    const { targets } = await story.state(TILL);
    const [head] = await story.github.log(REPO, "HEAD");
    const isOver = Object.values(targets).every(({ release }) => release === undefined);
    return isOver && story.cluster.snapshot().revision === head?.sha;
  });
  await story.pass(5 * SECOND);
}
