import type { LetGo, Unconcerned } from "../core/snapshot.ts";
import type { Sha } from "../core/names.ts";
import type { ForgeReader } from "../ports/forge.ts";
import { mergeGroups, stepHeads } from "./bump-pulls.ts";
import { optPullsIn } from "./opt-pulls.ts";
import type { Scene } from "./scene.ts";

const CHECKS = ["tidegate/plan", "tidegate/gate", "tidegate/policy"] as const;

type Headed = { readonly headSha: Sha };
/** The pull requests on which checks of ours have something to say. */
type Concerned = { readonly bumps: readonly Headed[]; readonly policed: readonly Headed[] };

/** Heads on which the branch's rules wait for checks of ours that have nothing to say there: without a word they could never merge. */
export async function unconcernedOf(
  scene: Pick<Scene, "branch" | "pulls" | "refs"> & { readonly eyes: { readonly forge: Pick<ForgeReader, "rules"> } },
  { bumps, policed }: Concerned,
): Promise<readonly Unconcerned[]> {
  const { checks } = await scene.eyes.forge.rules(scene.branch);
  const required = CHECKS.filter((ours) => checks.some(({ name }) => name === ours));
  if (required.length === 0) return [];
  const heads = new Map<Sha, "step" | "other">([
    ...[...scene.pulls, ...mergeGroups(scene)].map(({ headSha }) => [headSha, "other"] as const),
    // A check is a commit's: whoever opens a pull request from a step's commit gets no gate passed for it.
    ...stepHeads(withoutOpts(scene)).map((headSha) => [headSha, "step"] as const),
  ]);
  const [plans, policies] = [headsOf(bumps), headsOf(policed)];
  return [...heads].flatMap(([headSha, kind]) => {
    const saysNothing = {
      "tidegate/gate": kind === "other",
      "tidegate/plan": kind === "step" || !plans.has(headSha),
      "tidegate/policy": !policies.has(headSha),
    };
    const checksOf = required.filter((check) => saysNothing[check]);
    return checksOf.length === 0 ? [] : [{ headSha, checks: checksOf }];
  });
}

function headsOf(some: readonly Headed[]): ReadonlySet<Sha> {
  return new Set(some.map(({ headSha }) => headSha));
}

/** What opts a service in or out is no step. */
function withoutOpts(scene: Pick<Scene, "pulls">): Pick<Scene, "pulls"> {
  const opts = new Set(optPullsIn(scene));
  return { pulls: scene.pulls.filter((pull) => !opts.has(pull)) };
}

/** `tidegate/<service>/<target>/<release>/<leaf>`, as releases name their branches. */
const OURS = /^tidegate\/([^/]+)\/[^/]+\/(?:[0-9a-f]{10}|none)\/[a-z0-9-]+$/;

/** Our open pull requests for services that have no state file. */
export function letGoOf({ pulls }: Scene, services: readonly string[]): readonly LetGo[] {
  const known = new Set(services);
  return pulls.flatMap(({ ours, fromFork, number, branch, headSha }) => {
    const service = ours && !fromFork ? OURS.exec(branch)?.[1] : undefined;
    return service === undefined || known.has(service) ? [] : [{ service, pull: { number, branch, headSha } }];
  });
}
