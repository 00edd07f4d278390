import type { Manifests, Place } from "./state.ts";
import { unreachable } from "./unreachable.ts";

/** Every file that a member is written in, each once. */
export function filesOf(manifests: Manifests): readonly string[] {
  switch (manifests.layout) {
    case "workloads":
      return [manifests.canary, manifests.stable, manifests.route];
    case "places": {
      const { canary, stable, weight, canaryReplicas, stableReplicas } = manifests;
      const fixed: readonly Place[] = typeof stableReplicas === "number" ? [] : [stableReplicas];
      return [...new Set([canary, stable, weight, canaryReplicas, ...fixed].map(({ path }) => path))];
    }
    default:
      return unreachable(manifests);
  }
}

/** The file whose version people and bots change. */
export function bumpedIn(manifests: Manifests): string {
  return manifests.layout === "workloads" ? manifests.canary : manifests.canary.path;
}

/** The file that says what stable runs. */
export function pinnedIn(manifests: Manifests): string {
  return manifests.layout === "workloads" ? manifests.stable : manifests.stable.path;
}

/** The file that says the canary's weight. */
export function weighedIn(manifests: Manifests): string {
  return manifests.layout === "workloads" ? manifests.route : manifests.weight.path;
}

/** Where the number of the canary's pods is written. */
export function scaledAt(manifests: Manifests): Place {
  if (manifests.layout === "places") return manifests.canaryReplicas;
  return { path: manifests.canary, at: "spec.replicas" };
}
