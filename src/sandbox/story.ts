import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "yaml";
import { z } from "zod";
import type { VersionFault } from "./cluster/traffic.ts";
import { pathsOf } from "./fleet.ts";
import { ROUTES } from "./fleet-routes.ts";
import { subjectsOf } from "./subject.ts";
import { imageOf, REPO, type SandboxWorld } from "./world.ts";

/** A version of a service that a bump bot brings. */
export type NewVersion = { readonly service: string; readonly version: string };

/** Versions that bump bots bring: some are to be promoted, the others taken back. */
export type Plot = { readonly good: readonly NewVersion[]; readonly bad: readonly NewVersion[] };

export const PLOT = {
  good: [{ service: "checkout", version: "1.1.0" }],
  bad: [{ service: "payments", version: "2.0.0" }],
} as const satisfies Plot;

/** How many times the usual error rate a bad version has. */
export const BAD_RATIO = 10;

/** What is wrong with the versions of a plot. */
export function faultsOf({ bad }: Plot): ReadonlyMap<string, VersionFault> {
  return new Map(
    bad.map(({ service, version }) => [imageOf(service, version), { kind: "errorRatio", ratio: BAD_RATIO }]),
  );
}

/** What a bump bot has done. */
export type Bumping = NewVersion & { readonly kind: "bump" | "bumpMerged"; readonly pull: number };

const PLANNED_WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 150;

/** Opens and merges a pull request as a bump bot would: one line of one file in every target, merged once the plan is posted. Gives the commit that landed. */
export async function bump(
  world: SandboxWorld,
  { service, version }: NewVersion,
  tell: (event: Bumping) => void,
): Promise<string> {
  const { github } = world;
  const { instances = [] } = subjectsOf(world).find(({ name }) => name === service) ?? {};
  const files = await Promise.all(
    instances.map(async ({ workload }) => {
      const text = (await github.readFile(REPO, "main", workload)) ?? "";
      return [workload, text.replace(/image: \S+/, `image: ${imageOf(service, version)}`)] as const;
    }),
  );
  const branch = `renovate/${service}-${version}`;
  const title = `Update ${service} to ${version}`;
  const { number, head } = await github.openPull({
    repo: REPO,
    user: "renovate",
    branch,
    title,
    files: Object.fromEntries(files),
  });
  tell({ kind: "bump", service, version, pull: number });
  const until = Date.now() + PLANNED_WITHIN_MS;
  while (Date.now() < until && github.checks(REPO, head.sha).length === 0) await sleep(LOOK_EVERY_MS);
  const commit = await github.mergePull({ repo: REPO, user: "renovate", number, method: "squash" });
  tell({ kind: "bumpMerged", service, version, pull: number });
  return commit;
}

/** All releases are over in git, and the cluster runs what git says. */
export async function isOver(world: SandboxWorld, { good, bad }: Plot): Promise<boolean> {
  const { github, cluster } = world;
  const ends = [
    ...good.map((version) => isPromoted(world, version)),
    ...bad.map((version) => isTakenBack(world, version)),
  ];
  if (!(await Promise.all(ends)).every((end) => end)) return false;
  const [head] = await github.log(REPO, "main");
  return (
    cluster.snapshot().revision === head?.sha &&
    github.pulls(REPO).every(({ state }) => state.kind !== "open") &&
    isQuiet(world)
  );
}

const State = z.object({
  targets: z.record(z.string(), z.object({ stable: z.string(), release: z.unknown().optional() })),
  blocked: z.array(z.object({ image: z.string() })),
});

async function stateOf({ github }: SandboxWorld, service: string): Promise<z.infer<typeof State>> {
  return State.parse(parse((await github.readFile(REPO, "main", pathsOf(service).state)) ?? ""));
}

async function isPromoted(world: SandboxWorld, { service, version }: NewVersion): Promise<boolean> {
  const { targets } = await stateOf(world, service);
  const image = imageOf(service, version);
  return Object.values(targets).every(({ stable, release }) => stable === image && release === undefined);
}

async function isTakenBack(world: SandboxWorld, { service, version }: NewVersion): Promise<boolean> {
  const { targets, blocked } = await stateOf(world, service);
  const isBlocked = blocked.some(({ image }) => image === imageOf(service, version));
  return isBlocked && Object.values(targets).every(({ release }) => release === undefined);
}

function isQuiet({ cluster, fleet }: SandboxWorld): boolean {
  const canaries = new Set(fleet.map(({ name, kind }) => ROUTES[kind].arms(name).canary));
  const { routes, rollouts } = cluster.snapshot();
  const backends = routes.flatMap((route) => route.backends).filter(({ service }) => canaries.has(service));
  const isStill = backends.every(({ weight, pods }) => weight === 0 && pods.length === 0);
  return isStill && rollouts.every(({ phase }) => phase === "Completed");
}
