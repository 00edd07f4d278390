import type { RouteKind } from "../../src/sandbox/fleet-routes.ts";
import { filesOf, type FleetService, pathsOf as pathsOfWorkloads, serviceOf } from "../../src/sandbox/fleet.ts";
import { rolloutFilesOf, rolloutPathsOf } from "../../src/sandbox/rollout-fleet.ts";

/** The service that an Argo Rollout runs; all others are two Deployments behind a route. */
export const TILL = "till";
/** What splits the traffic of each of the others. */
const KINDS: Readonly<Record<string, RouteKind>> = {
  cart: "httpRoute",
  search: "istio",
  desk: "istioSubsets",
  mail: "nginx",
  shop: "istio",
};
const OWNED = { name: TILL, form: "owned", routing: "nginx" } as const;

export function isRollout(place: string): boolean {
  return serviceOf(place) === TILL;
}

/** Where the files of a place live; of an Argo Rollout the pod template is the canary's file, and the steps are the route. */
export function pathsOf(place: string): ReturnType<typeof pathsOfWorkloads> {
  if (!isRollout(place)) return pathsOfWorkloads(place);
  const { workload, rollout, state } = rolloutPathsOf(OWNED);
  return { canary: workload, stable: rollout, route: rollout, state };
}

/** The files of a service at rest on version 1.0.0. */
export function filesOfService(service: Omit<FleetService, "kind">): ReadonlyMap<string, string> {
  const { image, replicas, revision } = service;
  return service.name === TILL
    ? rolloutFilesOf({ ...OWNED, image, replicas, revision, namespace: "shop", target: "prod" })
    : filesOf({ ...service, kind: KINDS[service.name] ?? "httpRoute" });
}
