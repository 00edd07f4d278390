import type { Opting } from "../core/opting.ts";
import type { BumpPull } from "../core/snapshot.ts";
import { observeAsked } from "./opt-asked.ts";
import { optGroundAt } from "./opt-ground.ts";
import { observeOptPulls, optPullsIn } from "./opt-pulls.ts";
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
  const isQuiet = spoken.length === 0 && optPullsIn(scene).length === 0 && scene.pulls.every(({ ours }) => ours);
  const ground = isQuiet ? undefined : await optGroundAt(scene);
  const unread = new Set(refusals.map(({ service }) => service));
  const unopted = ground === undefined ? [] : await unoptedIn(scene, ground.inventory, { members, unread });
  const audience = { members, refusals, unopted, registry: registryOf(scene) };
  const { asked, unheard } = await observeAsked(scene, ground, { ...audience, spoken });
  const pulls = ground === undefined ? [] : await observeOptPulls(scene, ground, members);
  const offers = ground === undefined ? [] : await offersOn(scene, ground, { unopted, bumps });
  return { opting: { asked, pulls, offers }, unheard };
}
