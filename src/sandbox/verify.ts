import { posix } from "node:path";
import { parseAllDocuments } from "yaml";
import { pathsOf, placesOf, type FleetService, type FleetTarget } from "./fleet.ts";
import { ROUTES } from "./fleet-routes.ts";
import { livePath, routeSite, weightIn } from "./live-path.ts";
import type { NewVersion, Plot } from "./story.ts";
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
  readonly checks: readonly Check[];
};

/** Holds git, GitHub and the cluster against what should be, by reading them from outside the bot. */
export async function verify(world: SandboxWorld, { good, bad, bumps }: Expected): Promise<Verified> {
  const { github, fleet } = world;
  const log = await github.log(REPO, "main");
  const [seed] = log.toReversed();
  const landed = log.filter(({ sha }) => sha !== seed?.sha);
  const ours = landed.filter(({ sha }) => !bumps.includes(sha));
  const promoted = await Promise.all(good.map((version) => endOf(world, version, version.version)));
  const rolledBack = await Promise.all(bad.map((version) => endOf(world, version, FIRST_VERSION)));
  const ends = [...promoted, ...rolledBack];
  const untouched = fleet.filter(({ name }) => !ends.some(({ service }) => service.name === name));
  const checks: readonly Check[] = [
    ...promoted.map(isSaid),
    ...rolledBack.flatMap((end) => [isSaid(end), isBlocked(end)]),
    {
      what: `all ${ends.length} rest at weight 0 with no canary replicas`,
      ok: ends.every(({ sites }) => sites.every(({ asked }) => asked.weight === 0 && asked.replicas === 0)),
    },
    ...rolledBack.map((end) => neverMore(world, end)),
    ...(await Promise.all(ends.map((end) => liveCheck(world, end)))),
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
    checks,
  };
}

/** What became of a version; `runs` is the version that stable has to have in every target, and the canary wherever it had begun. */
type End = {
  readonly service: FleetService;
  readonly version: string;
  readonly runs: string;
  readonly sites: readonly Site[];
  readonly state: string;
  readonly isSo: boolean;
};

/** A target's place, the weights that its canary had in git, and what git asks for at last. */
type Site = FleetTarget & { readonly place: string; readonly weights: readonly number[]; readonly asked: Asked };

async function endOf(world: SandboxWorld, { service: name, version }: NewVersion, runs: string): Promise<End> {
  const service = world.fleet.find((one) => one.name === name);
  if (service === undefined) throw new Error(`There is no service ${name}.`);
  const places = placesOf(service);
  const sites = await Promise.all(
    service.targets.map(async (target, index): Promise<Site> => {
      const place = places[index] ?? name;
      return { ...target, place, weights: await weightsOf(world, place), asked: await askedBy(world, place) };
    }),
  );
  const state = (await world.github.readFile(REPO, "main", pathsOf(name).state)) ?? "";
  const image = imageOf(name, runs);
  const isSo = sites.every(
    ({ asked, weights }) => asked.stable === image && (asked.canary === image || Math.max(...weights) === 0),
  );
  return { service, version, runs, sites, state, isSo };
}

function isSaid({ service: { name, kind }, version, runs, sites, isSo }: End): Check {
  const begun = sites.filter(({ weights }) => Math.max(...weights) > 0);
  const where = sites.length === 1 ? "" : ` in ${namesOf(begun)}`;
  const spared = sites.filter((site) => !begun.includes(site));
  const others = spared.length === 0 ? "" : `; ${version} never began in ${namesOf(spared)}`;
  const again = version === runs ? "" : " again";
  return {
    what: `git says that ${name} (${ROUTES[kind].called}) runs ${runs}${again}${where}, canary and stable alike${others}`,
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

async function liveCheck(world: SandboxWorld, { service, sites }: End): Promise<Check> {
  const paths = await Promise.all(
    sites.map(({ place, namespace }) => livePath({ ...world, repo: REPO }, routeSite(place, namespace, service.kind))),
  );
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
  readonly replicas: number;
};

/** What git's newest commit asks for in a place, read without the product's code. */
async function askedBy({ github }: SandboxWorld, place: string): Promise<Asked> {
  const paths = pathsOf(place);
  const read = async (path: string) => (await github.readFile(REPO, "main", path)) ?? "";
  const canary = workloadIn(await read(paths.canary));
  return {
    stable: workloadIn(await read(paths.stable)).image,
    canary: canary.image,
    replicas: canary.replicas,
    weight: weightIn(await read(paths.route), place) ?? Number.NaN,
  };
}

/** The canary's weight at each commit, oldest first, without repeats. */
async function weightsOf({ github }: SandboxWorld, place: string): Promise<readonly number[]> {
  const commits = (await github.log(REPO, "main")).toReversed();
  const texts = await Promise.all(commits.map(({ sha }) => github.readFile(REPO, sha, pathsOf(place).route)));
  const weights = texts.map((text) => weightIn(text ?? "", place) ?? Number.NaN);
  return weights.filter((weight, index) => index === 0 || weight !== weights[index - 1]);
}

function workloadIn(text: string): { readonly image: string; readonly replicas: number } {
  const document = documentOf(text);
  return {
    image: String(document.getIn(["spec", "template", "spec", "containers", 0, "image"])),
    replicas: Number(document.getIn(["spec", "replicas"])),
  };
}

function documentOf(text: string) {
  const [document] = parseAllDocuments(text);
  if (document === undefined || !("getIn" in document)) throw new Error("The file holds no document.");
  return document;
}

type Commits = Awaited<ReturnType<SandboxWorld["github"]["log"]>>;

/** Paths, and keys in them, that a commit of Tidegate's changed and does not own; empty when all is well. */
export async function trespassesIn({ github }: SandboxWorld, commits: Commits): Promise<readonly string[]> {
  const found = await Promise.all(
    commits.flatMap(({ sha, parents, files, message }) =>
      files.map(async ({ path }) => {
        if (path.startsWith(".tidegate/services/") || /^apps\/[^/]+\/(?:[^/]+\/)?tidegate\//.test(path)) return [];
        if (!/^apps\/[^/]+\/(?:[^/]+\/)?deployment\.yaml$/.test(path)) return [`${path} (${message.split("\n")[0]})`];
        const [before, after] = await Promise.all(
          [parents[0] ?? sha, sha].map((commit) => github.readFile(REPO, commit, path)),
        );
        return foreignKeys(before ?? "", after ?? "").map((key) => `${path}: ${key}`);
      }),
    ),
  );
  return found.flat();
}

/** Scalars of a file of others that differ and are neither the claimed replicas nor an image that was bumped. */
function foreignKeys(before: string, after: string): readonly string[] {
  const old = leaves(documentOf(before).toJS());
  const now = leaves(documentOf(after).toJS());
  const keys = [...new Set([...old.keys(), ...now.keys()])].filter((key) => old.get(key) !== now.get(key));
  return keys.filter((key) => key !== "spec.replicas" && !/^spec\.template\.spec\.containers\.\d+\.image$/.test(key));
}

function leaves(value: unknown, at: readonly string[] = []): ReadonlyMap<string, unknown> {
  if (typeof value !== "object" || value === null) return new Map([[at.join("."), value]]);
  return new Map(Object.entries(value).flatMap(([key, inner]) => [...leaves(inner, [...at, key])]));
}

/** Most lines that one of the commits adds or removes, by the target where it is about several. */
async function longest({ github }: SandboxWorld, commits: Commits): Promise<number> {
  const counts = await Promise.all(
    commits.map(async ({ sha, parents, files }) => {
      const changes = await Promise.all(
        files.map(async ({ path }) => {
          const [before, after] = await Promise.all(
            [parents[0] ?? sha, sha].map((commit) => github.readFile(REPO, commit, path)),
          );
          return changedLines(before ?? "", after ?? "");
        }),
      );
      const folders = files.filter(({ path }) => path.startsWith("apps/")).map(({ path }) => posix.dirname(path));
      const places = new Set(folders.map((folder) => folder.replace(/\/tidegate$/, "")));
      return changes.reduce((sum, count) => sum + count, 0) / Math.max(1, places.size);
    }),
  );
  return Math.max(0, ...counts);
}

/** Lines of one text that the other lacks, and the other way round, each as often as it stands there. */
export function changedLines(before: string, after: string): number {
  const count = new Map<string, number>();
  for (const line of before.split("\n")) count.set(line, (count.get(line) ?? 0) - 1);
  for (const line of after.split("\n")) count.set(line, (count.get(line) ?? 0) + 1);
  return Math.max(
    ...[1, -1].map((sign) => [...count.values()].reduce((sum, times) => sum + Math.max(0, times * sign), 0)),
  );
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
