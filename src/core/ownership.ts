import { pinnedIn, scaledAt, weighedIn } from "./manifests.ts";
import type { Manifest } from "./manifest.ts";
import type { Claim, Place, ServiceState, TargetState } from "./state.ts";

type Powers = Pick<ServiceState, "owned" | "claims">;

/** A path lies in what only Tidegate writes of a service. A folder of owned files ends in a slash. */
export function owns({ owned }: Pick<ServiceState, "owned">, path: string): boolean {
  return owned.some((one) => (one.endsWith("/") ? path.startsWith(one) : path === one));
}

/** What a release of a target would have to write and the state does not say that it may; empty when it may go on. `manifest` is undefined where it cannot be read. */
export function trespassesOf(
  powers: Powers,
  { manifests }: Pick<TargetState, "manifests">,
  manifest?: Pick<Manifest, "blueGreen" | "flagger">,
): readonly string[] {
  if (manifests.layout === "rollout") return unsteered(powers, manifests.rollout, manifest);
  const scaled = scaledAt(manifests);
  return [
    ...[pinnedIn(manifests), weighedIn(manifests)]
      .filter((path, index) => !owns(powers, path) && !(index === 1 && weightClaimIn(powers, path) !== undefined))
      .map((path) => `${path} is written by releases, and owned does not list it`),
    ...(scaled === undefined ? [] : unclaimed(powers, scaled)),
  ];
}

/** What only Tidegate writes in a file of others to say a target's weight; undefined where all of the file is owned. */
export function claimedWeight(powers: Powers, { manifests }: Pick<TargetState, "manifests">): Place | undefined {
  const path = weighedIn(manifests);
  if (owns(powers, path)) return undefined;
  if (manifests.layout !== "rollout") return weightClaimIn(powers, path);
  return [promotionIn(path), ...gatesIn(path)].find((place) => isClaimed(powers, place)) ?? stepsIn(path);
}

const WEIGHT = "weight";

/** The claim of the weights in a route of people's: `route` is the object as places name it. */
export function weightClaim(path: string, route: string): Claim {
  return { path, at: `${route} ${WEIGHT}` };
}

function weightClaimIn({ claims }: Powers, path: string): Claim | undefined {
  return claims.find((claim) => claim.path === path && claim.at.endsWith(` ${WEIGHT}`));
}

function stepsIn(path: string): Place {
  return { path, at: "spec.strategy.canary.steps" };
}

function promotionIn(path: string): Place {
  return { path, at: "spec.strategy.blueGreen.autoPromotionEnabled" };
}

/** All that says where a Canary of Flagger's stands. */
function gatesIn(path: string): readonly [Place, Place] {
  return [
    { path, at: "spec.analysis.webhooks" },
    { path, at: "spec.analysis.stepWeights" },
  ];
}

function isClaimed({ claims }: Powers, { path, at }: Place): boolean {
  return claims.some((claim) => claim.path === path && claim.at === at);
}

/** A Rollout is steered by its steps, or by its switch, and a Canary by its gates; where it cannot be read, one of them is enough. */
function unsteered(
  powers: Powers,
  path: string,
  manifest: Pick<Manifest, "blueGreen" | "flagger"> | undefined,
): readonly string[] {
  const [steps, promotion] = [stepsIn(path), promotionIn(path)];
  const others = [promotion, ...gatesIn(path)];
  if (manifest === undefined && others.some((place) => isClaimed(powers, place))) return [];
  if (manifest?.flagger !== undefined) return gatesIn(path).flatMap((place) => unclaimed(powers, place));
  return unclaimed(powers, manifest?.blueGreen === true ? promotion : steps);
}

function unclaimed(powers: Powers, place: Place): readonly string[] {
  const { path, at } = place;
  return isClaimed(powers, place) || owns(powers, path)
    ? []
    : [`${at} of ${path} is written by releases, and claims does not list it`];
}
