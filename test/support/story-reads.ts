import { z } from "zod";
import { ROUTES } from "../../src/sandbox/fleet-routes.ts";
import { serviceOf } from "../../src/sandbox/fleet.ts";
import type { Place } from "../../src/sandbox/cluster/kinds/manifest.ts";
import type { CheckRun, Comment, Pull } from "../../src/sandbox/github/store.ts";
import { livePath as livePathOf, routeSite, type LivePath } from "../../src/sandbox/live-path.ts";
import { rolloutSite } from "../../src/sandbox/rollout-live.ts";
import type { Story } from "./story.ts";
import { BOT, REPO } from "./story-world.ts";

/** What a service's state file says, as anybody would read it. */
export const StateText = z.looseObject({
  targets: z.record(
    z.string(),
    z.looseObject({
      weight: z.number(),
      stable: z.string(),
      release: z
        .looseObject({
          image: z.string(),
          step: z.number(),
          override: z.looseObject({ by: z.string() }).optional(),
          aborting: z.looseObject({ by: z.string() }).optional(),
        })
        .optional(),
    }),
  ),
  blocked: z.array(z.looseObject({ image: z.string(), by: z.string(), reason: z.string() })),
  holds: z.array(z.looseObject({ by: z.string() })),
});
export type StateText = z.infer<typeof StateText>;

/** Tidegate's open pull requests about a service. */
export function openSteps({ github }: Story, service: string): readonly Pull[] {
  return github
    .pulls(REPO)
    .filter(
      ({ author, state, head }) =>
        author.login === BOT && state.kind === "open" && head.branch.startsWith(`tidegate/${service}/`),
    );
}

/** Tidegate's pull requests about a service that were merged, in order. */
export function mergedSteps({ github }: Story, service: string): readonly Pull[] {
  return github
    .pulls(REPO)
    .filter(
      ({ author, state, head }) =>
        author.login === BOT && state.kind === "merged" && head.branch.startsWith(`tidegate/${service}/`),
    );
}

/** The open step of a service; its leaf (`2-25`) tells which step it is. */
export function stepOf(story: Story, service: string): (Pull & { readonly leaf: string }) | undefined {
  const [pull] = openSteps(story, service);
  return pull && { ...pull, leaf: leafOf(pull) };
}

export function leafOf({ head }: Pull): string {
  return head.branch.split("/").at(-1) ?? "";
}

/** The newest run of a check on a pull request's head. */
export function checkOn({ github }: Story, pull: Pull | undefined, name: string): CheckRun | undefined {
  return pull && github.checks(REPO, pull.head.sha).find((run) => run.name === name);
}

/** The gate of a service's open step: its conclusion (undefined: in progress) and its title. */
export function gateOf(
  story: Story,
  service: string,
): { readonly conclusion: string | undefined; readonly title: string } {
  const run = checkOn(story, stepOf(story, service), "tidegate/gate");
  return { conclusion: run && conclusionOf(run), title: run?.output.title ?? "" };
}

export function conclusionOf({ status }: CheckRun): string | undefined {
  return status.kind === "completed" ? status.conclusion : undefined;
}

/** The bot's comments on a pull request. */
export function saidOn({ github }: Story, number: number): readonly Comment[] {
  return github.comments(REPO, number).filter(({ author }) => author.login === BOT);
}

/** The canary's weight as git had it commit by commit, without repeats, oldest first. */
export async function weightsInGit(story: Story, service: string): Promise<readonly number[]> {
  const commits = (await story.github.log(REPO, "HEAD")).toReversed();
  const weights = await Promise.all(commits.map(({ sha }) => story.weight(service, sha)));
  return weights.filter((weight, index) => index === 0 || weight !== weights[index - 1]);
}

/** What the cluster runs for a service: the canary's weight, and the images of each Service's pods. */
export function liveOf({ cluster, kindOf }: Story, place: string) {
  const service = serviceOf(place);
  const arms = ROUTES[kindOf(service)].arms(service);
  const isOwn = ({ name, namespace }: Place) => name === service && namespace === namespaceOf(place);
  const route = cluster.snapshot().routes.find(isOwn);
  const backend = (name: string) => route?.backends.find((one) => one.service === name);
  const images = (name: string) => [...new Set(backend(name)?.pods.map(({ image }) => image))];
  return {
    weight: backend(arms.canary)?.weight,
    canary: images(arms.canary),
    stable: images(arms.stable),
  };
}

/** Where a place's objects are: a single target is in `shop`, of several each is in a namespace of its name. */
export function namespaceOf(place: string): string {
  return place.split("/")[1] ?? "shop";
}

/** The shares of a place's canary in the cluster, and whatever of them does not follow from git. */
export function livePath(story: Story, place: string): Promise<LivePath> {
  return livePathOf(story, routeSite(place, namespaceOf(place), story.kindOf(serviceOf(place))));
}

/** The same of every place, and of every Argo Rollout. */
export function livePaths(story: Story): Promise<readonly LivePath[]> {
  const ofPlaces = story.places.map((place) => livePath(story, place));
  return Promise.all([...ofPlaces, ...story.rollouts.map((service) => livePathOf(story, rolloutSite(service)))]);
}

/** The bot's answers to commands on a pull request: one comment, or none. */
export function answersOn(story: Story, number: number | undefined): readonly string[] {
  return saidOn(story, number ?? 0)
    .map(({ body }) => body)
    .filter((body) => body.includes("tidegate:replies"));
}

/** What the plan check of a pull request says: its conclusion (undefined: in progress) and its title. */
export function planOf(story: Story, pull: Pull): { readonly conclusion: string | undefined; readonly title: string } {
  const run = checkOn(story, pull, "tidegate/plan");
  return { conclusion: run && conclusionOf(run), title: run?.output.title ?? "" };
}

/** A pull request as it is now. */
export function pullNow({ github }: Story, number: number | undefined): Pull {
  const found = github.pulls(REPO).find((pull) => pull.number === number);
  if (found === undefined) throw new Error(`There is no #${number}.`);
  return found;
}
