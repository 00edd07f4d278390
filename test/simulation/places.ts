import type { RouteKind } from "../../src/sandbox/fleet-routes.ts";
import { filesOf, type FleetService, pathsOf as pathsOfWorkloads, serviceOf } from "../../src/sandbox/fleet.ts";
import { rolloutFilesOf, rolloutPathsOf } from "../../src/sandbox/rollout-fleet.ts";
import type { Routing } from "../../src/sandbox/rollout-routes.ts";

/** The services that an Argo Rollout runs, by what splits their traffic; all others are two Deployments behind a route. */
const ROLLOUTS: ReadonlyMap<string, Routing> = new Map([
  ["till", "nginx"],
  ["booth", "gateway"],
  ["kiosk", "istio"],
  ["stall", "alb"],
  ["stand", "istioSubsets"],
]);
export const RUN_BY_ROLLOUTS: readonly string[] = [...ROLLOUTS.keys()];
/** What splits the traffic of each of the others. */
const KINDS: Readonly<Record<string, RouteKind>> = {
  cart: "httpRoute",
  search: "istio",
  desk: "istioSubsets",
  mail: "nginx",
  shop: "istio",
};
/** The service whose workloads a chart renders: its versions, replicas and weight are single values of two values files. */
const MENU = "menu";

export function isRollout(place: string): boolean {
  return ROLLOUTS.has(serviceOf(place));
}

export function isRendered(place: string): boolean {
  return serviceOf(place) === MENU;
}

/** Where the files of a place live; of an Argo Rollout the pod template is the canary's file, and the steps are the route. */
export function pathsOf(place: string): ReturnType<typeof pathsOfWorkloads> {
  if (isRendered(place)) return VALUES;
  if (!isRollout(place)) return pathsOfWorkloads(place);
  const { workload, rollout, state } = rolloutPathsOf({ name: serviceOf(place), form: "owned" });
  return { canary: workload, stable: rollout, route: rollout, state };
}

const VALUES = {
  canary: "apps/menu/values.yaml",
  stable: "apps/menu/tidegate/values.yaml",
  route: "apps/menu/tidegate/values.yaml",
  state: ".tidegate/services/menu.yaml",
} as const;

function valuesOf({ image, replicas, revision }: Omit<FleetService, "kind">): ReadonlyMap<string, string> {
  const [repository = "", tag = ""] = image.split(/:(?=[^:/]*$)/);
  return new Map([
    [VALUES.canary, `image:\n  repository: ${repository}\n  tag: "${tag}"\nresources:\n  requests: { cpu: 250m }\n`],
    [VALUES.stable, `# Written by Tidegate.\nstable:\n  tag: "${tag}"\ncanary:\n  replicas: 0\n  weight: 0\n`],
    [
      VALUES.state,
      `# Written by Tidegate.
version: 1
template: { name: canary-values, revision: ${revision} }
owned:
  - apps/menu/tidegate/
claims: []
targets:
  prod:
    namespace: shop
    places:
      canary: { path: ${VALUES.canary}, at: image.tag, image: ${repository} }
      stable: { path: ${VALUES.stable}, at: stable.tag, image: ${repository} }
      weight: { path: ${VALUES.route}, at: canary.weight }
      replicas: { canary: { path: ${VALUES.route}, at: canary.replicas }, stable: ${replicas} }
      workloads: { canary: menu-canary, stable: menu }
      container: menu
    arms: { canary: menu-canary, stable: menu }
    weight: 0
    stable: "${image}"
blocked: []
holds: []
heard: 0
`,
    ],
  ]);
}

/** The files of a service at rest on version 1.0.0. */
export function filesOfService(service: Omit<FleetService, "kind">): ReadonlyMap<string, string> {
  const { image, replicas, revision } = service;
  if (service.name === MENU) return valuesOf(service);
  const routing = ROLLOUTS.get(service.name);
  if (routing === undefined) return filesOf({ ...service, kind: KINDS[service.name] ?? "httpRoute" });
  const { name } = service;
  return rolloutFilesOf({ name, routing, form: "owned", image, replicas, revision, namespace: "shop", target: "prod" });
}
