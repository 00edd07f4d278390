import { parseAllDocuments } from "yaml";
import { shareIn } from "./fleet-routes.ts";
import { pathsOf } from "./fleet.ts";
import { FIRST_VERSION, imageOf, REPO, type SandboxWorld } from "./world.ts";

/** One thing that must be true of the world at the end, and whether it is. */
export type Check = { readonly what: string; readonly ok: boolean };

export type Expected = {
  readonly good: { readonly service: string; readonly version: string };
  readonly bad: { readonly service: string; readonly version: string };
  readonly services: readonly string[];
  /** The commits in which people brought the two versions. */
  readonly bumps: readonly string[];
};

export type Verified = {
  readonly promoted: number;
  readonly rolledBack: number;
  readonly steps: number;
  readonly commits: number;
  readonly checks: readonly Check[];
};

/** Holds git, GitHub and the cluster against what should be, by reading them from outside the bot. */
export async function verify(world: SandboxWorld, { good, bad, services, bumps }: Expected): Promise<Verified> {
  const { github } = world;
  const log = await github.log(REPO, "main");
  const [seed] = log.toReversed();
  const landed = log.filter(({ sha }) => sha !== seed?.sha);
  const ours = landed.filter(({ sha }) => !bumps.includes(sha));
  const goodAsked = await askedBy(world, good.service);
  const badAsked = await askedBy(world, bad.service);
  const goodImage = imageOf(good.service, good.version);
  const oldImage = imageOf(bad.service, FIRST_VERSION);
  const isPromoted = goodAsked.stable === goodImage && goodAsked.canary === goodImage;
  const isRolledBack = badAsked.stable === oldImage && badAsked.canary === oldImage;
  const weights = await weightsOf(world, bad.service, log.map(({ sha }) => sha).toReversed());
  const untouched = services.filter((service) => service !== good.service && service !== bad.service);
  const checks: readonly Check[] = [
    { what: `git says that ${good.service} runs ${good.version}, canary and stable alike`, ok: isPromoted },
    { what: `git says that ${bad.service} runs ${FIRST_VERSION} again, canary and stable alike`, ok: isRolledBack },
    {
      what: `${bad.service} ${bad.version} is blocked in its state file`,
      ok: badAsked.state.includes("blocked:") && badAsked.state.includes(imageOf(bad.service, bad.version)),
    },
    {
      what: "both rest at weight 0 with no canary replicas",
      ok: [goodAsked, badAsked].every(({ weight, replicas }) => weight === 0 && replicas === 0),
    },
    {
      what: `the bad version never had more than the first weight in git (${weights.join(" → ")}%)`,
      ok: Math.max(...weights) <= 5,
    },
    serves(world, good.service, goodImage),
    serves(world, bad.service, oldImage),
    ...(await commitsAreOurs(world, ours)),
    {
      what: `the ${untouched.length} other services were left alone`,
      ok: landed.every(({ files }) =>
        files.every(({ path }) => !untouched.some((service) => path.includes(`/${service}`))),
      ),
    },
    {
      what: "no pull request of Tidegate's is left open",
      ok: oursOf(world).every(({ state }) => state.kind !== "open"),
    },
    { what: "every weight that rose had a green gate on the head that merged", ok: greenRises(world) },
  ];
  return {
    promoted: Number(isPromoted),
    rolledBack: Number(isRolledBack),
    steps: mergedSteps(world).length,
    commits: log.length,
    checks,
  };
}

function serves({ cluster }: SandboxWorld, service: string, image: string): Check {
  const route = cluster.snapshot().routes.find(({ name }) => name === service);
  const live = route?.backends.flatMap(({ weight, pods }) => (weight > 0 ? pods.map((pod) => pod.image) : [])) ?? [];
  return { what: `the cluster serves ${service} by ${image.split(":").at(-1)} alone`, ok: isOnly(live, image) };
}

async function commitsAreOurs(world: SandboxWorld, ours: Commits): Promise<readonly Check[]> {
  const trespasses = await trespassesIn(world, ours);
  const where = trespasses.length > 0 ? `: ${trespasses.join(", ")}` : "";
  return [
    {
      what: `${ours.length} commits changed only what Tidegate owns, and the bump that it took back${where}`,
      ok: ours.length > 0 && trespasses.length === 0,
    },
    { what: "at most 20 lines a commit", ok: (await longest(world, ours)) <= 20 },
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
  readonly state: string;
};

/** What git's newest commit asks for, read without the product's code. */
async function askedBy({ github }: SandboxWorld, service: string): Promise<Asked> {
  const paths = pathsOf(service);
  const read = async (path: string) => (await github.readFile(REPO, "main", path)) ?? "";
  const canary = workloadIn(await read(paths.canary));
  const route = await read(paths.route);
  return {
    stable: workloadIn(await read(paths.stable)).image,
    canary: canary.image,
    replicas: canary.replicas,
    weight: weightIn(route, service),
    state: await read(paths.state),
  };
}

function workloadIn(text: string): { readonly image: string; readonly replicas: number } {
  const document = documentOf(text);
  return {
    image: String(document.getIn(["spec", "template", "spec", "containers", 0, "image"])),
    replicas: Number(document.getIn(["spec", "replicas"])),
  };
}

function weightIn(text: string, service: string): number {
  return shareIn(documentOf(text).toJS(), service) ?? Number.NaN;
}

function documentOf(text: string) {
  const [document] = parseAllDocuments(text);
  if (document === undefined || !("getIn" in document)) throw new Error("The file holds no document.");
  return document;
}

/** The canary's weight at each commit, oldest first, without repeats. */
async function weightsOf(
  { github }: SandboxWorld,
  service: string,
  commits: readonly string[],
): Promise<readonly number[]> {
  const texts = await Promise.all(commits.map((commit) => github.readFile(REPO, commit, pathsOf(service).route)));
  const weights = texts.map((text) => weightIn(text ?? "", service));
  return weights.filter((weight, index) => index === 0 || weight !== weights[index - 1]);
}

type Commits = Awaited<ReturnType<SandboxWorld["github"]["log"]>>;

/** Paths, and keys in them, that a commit of Tidegate's changed and does not own; empty when all is well. */
export async function trespassesIn({ github }: SandboxWorld, commits: Commits): Promise<readonly string[]> {
  const found = await Promise.all(
    commits.flatMap(({ sha, parents, files, message }) =>
      files.map(async ({ path }) => {
        if (path.startsWith(".tidegate/services/") || /^apps\/[^/]+\/tidegate\//.test(path)) return [];
        if (!/^apps\/[^/]+\/deployment\.yaml$/.test(path)) return [`${path} (${message.split("\n")[0]})`];
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

/** Most lines that one of the commits adds or removes. */
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
      return changes.reduce((sum, count) => sum + count, 0);
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
