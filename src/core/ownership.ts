import { pinnedIn, scaledAt, weighedIn } from "./manifests.ts";
import type { Claim, Place, ServiceState, TargetState } from "./state.ts";

type Powers = Pick<ServiceState, "owned" | "claims">;

/** A path lies in what only Tidegate writes of a service. A folder of owned files ends in a slash. */
export function owns({ owned }: Pick<ServiceState, "owned">, path: string): boolean {
  return owned.some((one) => (one.endsWith("/") ? path.startsWith(one) : path === one));
}

/** What a release of a target would have to write and the state does not say that it may; empty when it may go on. */
export function trespassesOf(powers: Powers, { manifests }: Pick<TargetState, "manifests">): readonly string[] {
  if (manifests.layout === "rollout") return unclaimed(powers, stepsIn(manifests.rollout));
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
  return manifests.layout === "rollout" ? stepsIn(path) : weightClaimIn(powers, path);
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

function unclaimed(powers: Powers, { path, at }: Place): readonly string[] {
  const isClaimed = powers.claims.some((claim) => claim.path === path && claim.at === at);
  return isClaimed || owns(powers, path)
    ? []
    : [`${at} of ${path} is written by releases, and claims does not list it`];
}
