import { pinnedIn, scaledAt, weighedIn } from "./manifests.ts";
import type { ServiceState, TargetState } from "./state.ts";

/** A path lies in what only Tidegate writes of a service. A folder of owned files ends in a slash. */
export function owns({ owned }: Pick<ServiceState, "owned">, path: string): boolean {
  return owned.some((one) => (one.endsWith("/") ? path.startsWith(one) : path === one));
}

/** What a release of a target would have to write and the state does not say that it may; empty when it may go on. */
export function trespassesOf(
  state: Pick<ServiceState, "owned" | "claims">,
  { manifests }: Pick<TargetState, "manifests">,
): readonly string[] {
  const scaled = scaledAt(manifests);
  const isClaimed = state.claims.some(({ path, at }) => path === scaled.path && at === scaled.at);
  return [
    ...[pinnedIn(manifests), weighedIn(manifests)]
      .filter((path) => !owns(state, path))
      .map((path) => `${path} is written by releases, and owned does not list it`),
    ...(isClaimed || owns(state, scaled.path)
      ? []
      : [`${scaled.at} of ${scaled.path} is written by releases, and claims does not list it`]),
  ];
}
