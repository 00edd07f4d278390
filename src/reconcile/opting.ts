import { filesOf } from "../core/manifests.ts";
import type { Opting } from "../core/opting.ts";
import type { BumpPull } from "../core/snapshot.ts";
import { isOfInterest } from "../manifest/services/facts.ts";
import { observeAsked } from "./opt-asked.ts";
import { optGroundAt } from "./opt-ground.ts";
import { observeOptPulls, optPullsIn, type OptPulls } from "./opt-pulls.ts";
import { offersOn, unoptedIn } from "./offers.ts";
import type { OptSpoken } from "./people.ts";
import type { Refused, Scene, UnmeasuredMember } from "./scene.ts";
import { registryOf } from "./standing.ts";

type People = {
  readonly members: readonly UnmeasuredMember[];
  readonly refusals: readonly Refused[];
  readonly bumps: readonly BumpPull[];
  readonly spoken: readonly OptSpoken[];
};

/** What there is of opting in and out: what people ask for, what is open, what may be offered. The repository is read for it only where there is any. */
export async function observeOpting(
  scene: Scene,
  { members, refusals, bumps, spoken }: People,
): Promise<{ readonly opting: Opting; readonly unheard: number }> {
  const isAsked = spoken.length > 0 || optPullsIn(scene).length > 0 || (await isElsewhere(scene, members));
  const ground = isAsked ? await optGroundAt(scene) : undefined;
  const unread = new Set(refusals.map(({ service }) => service));
  const unopted = ground === undefined ? [] : await unoptedIn(scene, ground.inventory, { members, unread });
  const audience = { members, refusals, unopted, registry: registryOf(scene) };
  const ours = ground === undefined ? NONE : await observeOptPulls(scene, ground, members);
  const { asked, unheard } = await observeAsked(scene, ground, { ...audience, ...ours, spoken });
  const offers = ground === undefined ? [] : await offersOn(scene, ground, { unopted, bumps });
  // What is pushed onto ours is judged as a bump where it is one, by the same check.
  const judged = new Set(bumps.map(({ headSha }) => headSha));
  const pulls = ours.pulls.filter(({ standing, headSha }) => standing.kind !== "foreign" || !judged.has(headSha));
  return { opting: { asked, ...ours, pulls, offers }, unheard };
}

const NONE: OptPulls = { pulls: [], waiting: [] };

/** Whether a pull request of others changes manifests that are no member's: the repository is not read for what bumps members alone. */
async function isElsewhere(
  { head, pulls, eyes: { git } }: Scene,
  members: readonly UnmeasuredMember[],
): Promise<boolean> {
  const known = new Set(members.flatMap(({ at }) => filesOf(at.manifests)));
  const others = pulls.filter(({ ours }) => !ours);
  const changed = await Promise.all(others.map(({ headSha }) => git.changed(head, headSha)));
  return changed.some((paths) => paths.some((path) => isOfInterest(path) && !known.has(path)));
}
