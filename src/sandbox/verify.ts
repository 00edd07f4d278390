import { parse } from "yaml";
import { z } from "zod";
import { byKind, type LiveOfKind } from "./live-kinds.ts";
import { livePath, type LivePath } from "./live-path.ts";
import type { NewVersion, Plot } from "./story.ts";
import { subjectsOf, type Instance, type Subject } from "./subject.ts";
import { documentOf, longest, trespassesIn, type Commits } from "./trespasses.ts";
import { FIRST_VERSION, imageOf, REPO, type SandboxWorld } from "./world.ts";

/** One thing that must be true of the world at the end, and whether it is. */
export type Check = { readonly what: string; readonly ok: boolean };

/** `bumps`: the commits in which people brought the versions. */
export type Expected = Plot & { readonly bumps: readonly string[] };

export type Verified = {
  readonly promoted: number;
  readonly rolledBack: number;
  readonly steps: number;
  readonly commits: number;
  /** How well the live weights of each kind kept to what git says. */
  readonly live: readonly LiveOfKind[];
  readonly checks: readonly Check[];
};

/** Holds git, GitHub and the cluster against what should be, by reading them from outside the bot. */
export async function verify(world: SandboxWorld, { good, bad, bumps }: Expected): Promise<Verified> {
  const { github } = world;
  const log = await github.log(REPO, "main");
  const [seed] = log.toReversed();
  const landed = log.filter(({ sha }) => sha !== seed?.sha);
  const ours = landed.filter(({ sha }) => !bumps.includes(sha));
  const promoted = await Promise.all(good.map((version) => endOf(world, version, version.version)));
  const rolledBack = await Promise.all(bad.map((version) => endOf(world, version, FIRST_VERSION)));
  const ends = [...promoted, ...rolledBack];
  const untouched = subjectsOf(world).filter(({ name }) => !ends.some(({ service }) => service.name === name));
  const checks: readonly Check[] = [
    ...promoted.map(isSaid),
    ...rolledBack.flatMap((end) => [isSaid(end), isBlocked(end)]),
    {
      what: `all ${ends.length} rest at weight 0 with no canary replicas`,
      ok: ends.every(({ sites }) => sites.every(({ asked }) => asked.weight === 0 && asked.replicas === 0)),
    },
    ...rolledBack.map((end) => neverMore(world, end)),
    ...ends.map(liveCheck),
    ...ends.map((end) => serves(world, end)),
    ...(await commitsAreOurs(world, ours)),
    {
      what: `the ${untouched.length} other services were left alone`,
      ok: landed.every(({ files }) =>
        files.every(({ path }) => !untouched.some(({ name }) => path.includes(`/${name}`))),
      ),
    },
    {
      what: "no pull request of Tidegate's is left open",
      ok: oursOf(world).every(({ state }) => state.kind !== "open"),
    },
    { what: "every weight that rose had a green gate on the head that merged", ok: greenRises(world) },
  ];
  return {
    promoted: promoted.filter(({ isSo }) => isSo).length,
    rolledBack: rolledBack.filter(({ isSo }) => isSo).length,
    steps: mergedSteps(world).length,
    commits: log.length,
    live: byKind(ends.flatMap(({ sites }) => sites.map(({ path }) => path))),
    checks,
  };
}

/** What became of a version; `runs` is the version that stable has to have in every target, and the canary wherever it had begun. */
type End = {
  readonly service: Subject;
  readonly version: string;
  readonly runs: string;
  readonly sites: readonly Site[];
  readonly state: string;
  readonly isSo: boolean;
};

/** A target, the weights that its canary had in git and in the cluster, and what git asks for at last. */
type Site = Instance & { readonly weights: readonly number[]; readonly path: LivePath; readonly asked: Asked };

async function endOf(world: SandboxWorld, { service: name, version }: NewVersion, runs: string): Promise<End> {
  const service = subjectsOf(world).find((one) => one.name === name);
  if (service === undefined) throw new Error(`There is no service ${name}.`);
  const state = (await world.github.readFile(REPO, "main", service.state)) ?? "";
  const sites = await Promise.all(
    service.instances.map(async (instance): Promise<Site> => ({
      ...instance,
      weights: await weightsOf(world, instance),
      path: await livePath({ ...world, repo: REPO }, instance.live),
      asked: await askedBy(world, instance, state),
    })),
  );
  const image = imageOf(name, runs);
  const isSo = sites.every(
    ({ asked, weights }) => asked.stable === image && (asked.canary === image || Math.max(...weights) === 0),
  );
  return { service, version, runs, sites, state, isSo };
}

function isSaid({ service: { name, called }, version, runs, sites, isSo }: End): Check {
  const begun = sites.filter(({ weights }) => Math.max(...weights) > 0);
  const where = sites.length === 1 ? "" : ` in ${namesOf(begun)}`;
  const spared = sites.filter((site) => !begun.includes(site));
  const others = spared.length === 0 ? "" : `; ${version} never began in ${namesOf(spared)}`;
  const again = version === runs ? "" : " again";
  return {
    what: `git says that ${name} (${called}) runs ${runs}${again}${where}, canary and stable alike${others}`,
    ok: isSo && begun.length > 0,
  };
}

function namesOf(sites: readonly Site[]): string {
  return sites.map(({ name }) => name).join(", ");
}

function isBlocked({ service: { name }, version, state }: End): Check {
  const ok = state.includes("blocked:") && state.includes(imageOf(name, version));
  return { what: `${name} ${version} is blocked in its state file`, ok };
}

function liveCheck({ service, sites }: End): Check {
  const paths = sites.map(({ path }) => path);
  const words = paths.map(({ shares }, index) => {
    const path = `${shares.map((share) => Math.round(share)).join(" → ")}%`;
    return sites.length === 1 ? path : `${path} in ${sites[index]?.name}`;
  });
  const strays = paths.flatMap((path) => path.strays);
  const where = strays.length > 0 ? `: ${strays.join(", ")}` : "";
  return {
    what: `${service.name} had ${words.join(", ")} live, and never a share that git does not say${where}`,
    ok: strays.length === 0,
  };
}

/** A bad version has never more than the first weight of the first wave that it reaches; in later ones it has none. */
function neverMore({ waves }: SandboxWorld, { service, version, sites }: End): Check {
  const waveOf = ({ name }: Site) =>
    waves.findIndex(({ targets }) => targets.some((pattern) => matches(pattern, name)));
  const first = Math.min(...sites.map(waveOf));
  const most = waves[first]?.steps[0] ?? 0;
  const weights = sites.map((site) => `${site.weights.join(" → ")}%${sites.length === 1 ? "" : ` in ${site.name}`}`);
  return {
    what: `${service.name} ${version} never had more than the first weight in git (${weights.join(", ")})`,
    ok: sites.every((site) => Math.max(...site.weights) <= (waveOf(site) === first ? most : 0)),
  };
}

function matches(pattern: string, target: string): boolean {
  return pattern.endsWith("*") ? target.startsWith(pattern.slice(0, -1)) : pattern === target;
}

function serves({ cluster }: SandboxWorld, { service, runs, sites }: End): Check {
  const image = imageOf(service.name, runs);
  const { routes } = cluster.snapshot();
  const ok = sites.every(({ namespace }) => {
    const route = routes.find((one) => one.name === service.name && one.namespace === namespace);
    const live = route?.backends.flatMap(({ weight, pods }) => (weight > 0 ? pods.map((pod) => pod.image) : [])) ?? [];
    return isOnly(live, image);
  });
  const where = sites.length === 1 ? "" : ` in ${namesOf(sites)}`;
  return { what: `the cluster serves ${service.name} by ${runs} alone${where}`, ok };
}

async function commitsAreOurs(world: SandboxWorld, ours: Commits): Promise<readonly Check[]> {
  const trespasses = await trespassesIn(world, ours);
  const where = trespasses.length > 0 ? `: ${trespasses.join(", ")}` : "";
  return [
    {
      what: `${ours.length} commits changed only what Tidegate owns, and the bump that it took back${where}`,
      ok: ours.length > 0 && trespasses.length === 0,
    },
    { what: "at most 20 lines a commit and target", ok: (await longest(world, ours)) <= 20 },
  ];
}

function isOnly(images: readonly string[], image: string): boolean {
  return images.length > 0 && images.every((other) => other === image);
}

type Asked = {
  readonly stable: string;
  readonly canary: string;
  readonly weight: number;
  /** The canary's; an Argo Rollout's are the controller's. */
  readonly replicas: number;
};

const OnRecord = z.object({ targets: z.record(z.string(), z.object({ stable: z.string() })) });

/** What git's newest commit asks for in a target, read without the product's code. */
async function askedBy({ github }: SandboxWorld, instance: Instance, state: string): Promise<Asked> {
  const read = async (path: string) => (await github.readFile(REPO, "main", path)) ?? "";
  const { workload, pin, live, name } = instance;
  const canary = workloadIn(await read(workload));
  return {
    stable:
      pin === undefined
        ? (OnRecord.parse(parse(state)).targets[name]?.stable ?? "")
        : workloadIn(await read(pin)).image,
    canary: canary.image,
    replicas: pin === undefined ? 0 : canary.replicas,
    weight: live.said(await read(live.path))?.highest ?? Number.NaN,
  };
}

/** The canary's weight at each commit, oldest first, without repeats. */
async function weightsOf({ github }: SandboxWorld, { live }: Instance): Promise<readonly number[]> {
  const commits = (await github.log(REPO, "main")).toReversed();
  const texts = await Promise.all(commits.map(({ sha }) => github.readFile(REPO, sha, live.path)));
  const weights = texts.map((text) => live.said(text ?? "")?.highest ?? Number.NaN);
  return weights.filter((weight, index) => index === 0 || weight !== weights[index - 1]);
}

function workloadIn(text: string): { readonly image: string; readonly replicas: number } {
  const document = documentOf(text);
  return {
    image: String(document.getIn(["spec", "template", "spec", "containers", 0, "image"])),
    replicas: Number(document.getIn(["spec", "replicas"])),
  };
}

function greenRises(world: SandboxWorld): boolean {
  return mergedSteps(world).every(({ head }) =>
    world.github
      .checks(REPO, head.sha)
      .some(
        ({ name, status }) =>
          name === "tidegate/gate" && status.kind === "completed" && status.conclusion === "success",
      ),
  );
}

function mergedSteps(world: SandboxWorld): ReturnType<typeof oursOf> {
  return oursOf(world).filter(({ state, head }) => state.kind === "merged" && /\/\d+-/.test(head.branch));
}

function oursOf({ github }: SandboxWorld): ReturnType<SandboxWorld["github"]["pulls"]> {
  return github.pulls(REPO).filter(({ author }) => author.login === "tidegate[bot]");
}
