import { setTimeout as sleep } from "node:timers/promises";
import type { VersionFault } from "./cluster/traffic.ts";
import { pathsOf } from "./fleet.ts";
import { FIRST_VERSION, imageOf, REPO, type SandboxWorld } from "./world.ts";

/** A version of a service that a bump bot brings. */
export type NewVersion = { readonly service: string; readonly version: string };

export const GOOD: NewVersion = { service: "checkout", version: "1.1.0" };
export const BAD: NewVersion = { service: "payments", version: "2.0.0" };
/** How many times the usual error rate the bad version has. */
export const BAD_RATIO = 10;
/** What is wrong with the two versions. */
export const STORY_FAULTS: ReadonlyMap<string, VersionFault> = new Map([
  [imageOf(BAD.service, BAD.version), { kind: "errorRatio", ratio: BAD_RATIO }],
]);

/** What a bump bot has done. */
export type Bumping = NewVersion & { readonly kind: "bump" | "bumpMerged"; readonly pull: number };

const PLANNED_WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 150;

/** Opens and merges a pull request as a bump bot would: one line of one file, merged once the plan is posted. Gives the commit that landed. */
export async function bump(
  { github }: SandboxWorld,
  { service, version }: NewVersion,
  tell: (event: Bumping) => void,
): Promise<string> {
  const { canary } = pathsOf(service);
  const text = (await github.readFile(REPO, "main", canary)) ?? "";
  const files = { [canary]: text.replace(imageOf(service, FIRST_VERSION), imageOf(service, version)) };
  const branch = `renovate/${service}-${version}`;
  const title = `Update ${service} to ${version}`;
  const { number, head } = await github.openPull({ repo: REPO, user: "renovate", branch, title, files });
  tell({ kind: "bump", service, version, pull: number });
  const until = Date.now() + PLANNED_WITHIN_MS;
  while (Date.now() < until && github.checks(REPO, head.sha).length === 0) await sleep(LOOK_EVERY_MS);
  const commit = await github.mergePull({ repo: REPO, user: "renovate", number, method: "squash" });
  tell({ kind: "bumpMerged", service, version, pull: number });
  return commit;
}

/** Both releases are over in git, and the cluster runs what git says. */
export async function isOver({ github, cluster }: SandboxWorld): Promise<boolean> {
  const good = await github.readFile(REPO, "main", pathsOf(GOOD.service).state);
  const bad = await github.readFile(REPO, "main", pathsOf(BAD.service).state);
  const stable = `stable: "${imageOf(GOOD.service, GOOD.version)}"`;
  const isPromoted = good?.includes(stable) === true && !good.includes("release:");
  const isRolledBack = bad?.includes(imageOf(BAD.service, BAD.version)) === true && !bad.includes("release:");
  if (!isPromoted || !isRolledBack) return false;
  const [head] = await github.log(REPO, "main");
  const view = cluster.snapshot();
  return view.revision === head?.sha && github.pulls(REPO).every(({ state }) => state.kind !== "open") && isQuiet(view);
}

function isQuiet({ routes }: ReturnType<SandboxWorld["cluster"]["snapshot"]>): boolean {
  const canaries = routes.flatMap(({ backends }) => backends.filter(({ service }) => service.endsWith("-canary")));
  return canaries.every(({ weight, pods }) => weight === 0 && pods.length === 0);
}
