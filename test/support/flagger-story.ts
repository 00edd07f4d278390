import { expect } from "vitest";
import type { Pull } from "../../src/sandbox/github/store.ts";
import { flaggerFilesOf, flaggerPathsOf, flaggerSite, type FlaggerService } from "../../src/sandbox/flagger-fleet.ts";
import { livePath } from "../../src/sandbox/live-path.ts";
import { told, type TellOptions } from "../stories/told.ts";
import { say, untilStep } from "./story-plot.ts";
import { leafOf, mergedSteps, stepOf } from "./story-reads.ts";
import { imageOf, REPO } from "./story-world.ts";
import type { Story } from "./story.ts";

/** The service of these stories. */
export const TILL = "till";
const PATHS = flaggerPathsOf({ name: TILL });
const SECOND = 1_000;

const SERVICE: FlaggerService = {
  name: TILL,
  namespace: "shop",
  target: "prod",
  image: imageOf(TILL, "1.0.0"),
  provider: "istio",
};

/** Nothing passes by itself. */
export const SLOW = { config: { waves: "[{ targets: [prod], steps: [5, 50], bake: 30m }]", deadline: "2h" } };
export const OLD_SERVES = { canary: [], primary: ["1.0.0"] };

/** A story of one service that Flagger runs; ends with whether its canary had no share that git does not say. */
export function flagged(
  options: TellOptions & { readonly provider?: FlaggerService["provider"] },
  plot: (story: Story) => Promise<void>,
): () => Promise<void> {
  const { provider = SERVICE.provider, ...others } = options;
  const files = flaggerFilesOf({ ...SERVICE, provider });
  const config = { waves: "[{ targets: [prod], steps: [5, 50], bake: 2s }]", deadline: "5m", ...others.config };
  return told({ ...others, services: [], files, config }, async (story) => {
    await plot(story);
    await story.settle();
    const path = await livePath(story, flaggerSite(SERVICE));
    expect(path.strays).toEqual([]);
    expect(others.restarts === "some" ? [] : path.restarts).toEqual([]);
  });
}

/** The gates that git has, "rest", "back", or the weights and the gate that is open; at the head or at a commit. */
export async function gatesIn(story: Story, at?: string): Promise<string> {
  const text = await story.file(PATHS.canary, at);
  const weights = /stepWeights: \[(.*)\]/.exec(text)?.[1] ?? "?";
  const hooks = [...text.matchAll(/name: tidegate-(?:confirm-)?([a-z-]+)/g)].map(([, type]) => type);
  if (weights === "" && hooks.length > 1) return hooks.length === 4 ? "back" : "rest";
  const open = ["rollout", "promotion"].filter((gate) => !hooks.includes(gate));
  return [`[${weights}]`, ...open].join(" ");
}

/** The same as git had it commit by commit, without repeats, oldest first. */
export async function gatesInGit(story: Story): Promise<readonly string[]> {
  const commits = (await story.github.log(REPO, "HEAD")).toReversed();
  const all = await Promise.all(commits.map(({ sha }) => gatesIn(story, sha)));
  return all.filter((gates, index) => gates !== all[index - 1]);
}

/** Every share that the canary had in the cluster, per cent. */
export function shares(story: Story): readonly number[] {
  return story.cluster.liveShares("shop", TILL).map(({ share }) => Math.round(share));
}

/** What Flagger has of it now: the phase, and the versions of the pods behind its two Services. */
export function running({ cluster }: Story): {
  readonly phase: string | undefined;
  readonly canary: readonly string[];
  readonly primary: readonly string[];
} {
  const { canaries, routes } = cluster.snapshot();
  const backends = routes.find(({ name }) => name === TILL)?.backends ?? [];
  const behind = (arm: string) => {
    const pods = backends.find(({ service }) => service === `${TILL}-${arm}`)?.pods ?? [];
    return pods.filter(({ total }) => total > 0).map(({ image }) => image.slice(image.lastIndexOf(":") + 1));
  };
  return { phase: canaries[0]?.phase, canary: behind("canary"), primary: behind("primary") };
}

/** The most of the traffic that pods of a version behind the canary's Service ever had, per cent. */
export function mostOf({ cluster }: Story, version: string): number {
  const image = imageOf(TILL, version);
  const had = cluster
    .changes()
    .filter(({ name, images }) => name === TILL && images[`${TILL}-canary`]?.includes(image) === true)
    .map(({ weights }) => weights[`${TILL}-canary`] ?? 0);
  return Math.round(Math.max(0, ...had));
}

/** Opens a pull request that changes the pod template's image, or something else of it. */
export async function openChange(story: Story, change: string | ((text: string) => string)): Promise<Pull> {
  const text = await story.file(PATHS.workload);
  const to = typeof change === "string" ? text.replace(/image: \S+/, `image: ${imageOf(TILL, change)}`) : change(text);
  const pull = await story.github.openPull({
    repo: REPO,
    user: "renovate",
    branch: `renovate/till-${story.github.pulls(REPO).length}`,
    title: "Update till",
    files: { [PATHS.workload]: to },
  });
  await story.settle();
  return pull;
}

/** Opens such a pull request and merges it; gives it as it was opened. */
export async function landChange(story: Story, change: Parameters<typeof openChange>[1]): Promise<Pull> {
  const pull = await openChange(story, change);
  await story.github.mergePull({ repo: REPO, user: "renovate", number: pull.number, method: "squash" });
  await story.settle();
  return pull;
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

/** The steps that have been merged, by what their branches are called. */
export function leaves(story: Story): readonly string[] {
  return mergedSteps(story, TILL).map(leafOf);
}

export async function promote(story: Story): Promise<void> {
  await say(story, "ana", stepOf(story, TILL)?.number, "/promote");
}

/** A version lands, and a person brings it to a weight. */
export async function untilWeight(story: Story, weight: 5 | 50): Promise<void> {
  await landChange(story, "1.1.0");
  await story.until("5% are live", () => shares(story).at(-1) === 5);
  await untilStep(story, TILL, "2-50");
  await story.pass(5 * SECOND);
  if (weight === 5) return;
  await promote(story);
  await story.until("50% are live", () => shares(story).at(-1) === 50);
  await untilStep(story, TILL, "3-promote");
  await story.pass(5 * SECOND);
}
