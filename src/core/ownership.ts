import { bumpedIn, pinnedIn, weighedIn } from "./manifests.ts";
import type { ServiceState, TargetState } from "./state.ts";

const REPLICAS = "spec.replicas";

/** A path lies in what only Tidegate writes of a service. A folder of owned files ends in a slash. */
export function owns({ owned }: Pick<ServiceState, "owned">, path: string): boolean {
  return owned.some((one) => (one.endsWith("/") ? path.startsWith(one) : path === one));
}

/** What a release of a target would have to write and the state does not say that it may; empty when it may go on. */
export function trespassesOf(
  state: Pick<ServiceState, "owned" | "claims">,
  { manifests }: Pick<TargetState, "manifests">,
): readonly string[] {
  const canary = bumpedIn(manifests);
  const isClaimed = state.claims.some(({ path, at }) => path === canary && at === REPLICAS);
  return [
    ...[pinnedIn(manifests), weighedIn(manifests)]
      .filter((path) => !owns(state, path))
      .map((path) => `${path} is written by releases, and owned does not list it`),
    ...(isClaimed || owns(state, canary)
      ? []
      : [`${REPLICAS} of ${canary} is written by releases, and claims does not list it`]),
  ];
}
