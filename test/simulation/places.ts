import type { RouteKind } from "../../src/sandbox/fleet-routes.ts";
import { filesOf, type FleetService, pathsOf as pathsOfWorkloads, serviceOf } from "../../src/sandbox/fleet.ts";
import { rolloutFilesOf, rolloutPathsOf, type RolloutService } from "../../src/sandbox/rollout-fleet.ts";

/** The services that an Argo Rollout runs, by whose it is and what splits their traffic; all others are two Deployments behind a route. */
const ROLLOUTS: ReadonlyMap<string, Pick<RolloutService, "form" | "routing">> = new Map([
  ["till", { form: "owned", routing: "nginx" }],
  ["store", { form: "claimed", routing: "istio" }],
  ["booth", { form: "owned", routing: "gateway" }],
  ["depot", { form: "claimed", routing: "nginx" }],
  ["kiosk", { form: "owned", routing: "istio" }],
  ["outlet", { form: "claimed", routing: "gateway" }],
  ["stall", { form: "owned", routing: "alb" }],
  ["barrow", { form: "claimed", routing: "istioSubsets" }],
  ["stand", { form: "owned", routing: "istioSubsets" }],
  ["bazaar", { form: "claimed", routing: "alb" }],
  ["hawker", { form: "owned", routing: "pods" }],
  ["parlor", { form: "claimed", routing: "pods" }],
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

/** Whether nothing but the number of an Argo Rollout's pods splits the traffic. */
export function isByPods(place: string): boolean {
  return ROLLOUTS.get(serviceOf(place))?.routing === "pods";
}

export function isRendered(place: string): boolean {
  return serviceOf(place) === MENU;
}

/** Where the files of a place live; of an Argo Rollout the pod template is the canary's file, and the steps are the route: one file where it is its people's. */
export function pathsOf(place: string): ReturnType<typeof pathsOfWorkloads> {
  if (isRendered(place)) return VALUES;
  const name = serviceOf(place);
  const kind = ROLLOUTS.get(name);
  if (kind === undefined) return pathsOfWorkloads(place);
  const { workload, rollout, state } = rolloutPathsOf({ name, form: kind.form });
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
export function filesOfService(service: Omit<FleetService, "kind">, kind?: RouteKind): ReadonlyMap<string, string> {
  const { name, image, replicas, revision } = service;
  if (name === MENU) return valuesOf(service);
  const rollout = ROLLOUTS.get(name);
  return rollout === undefined
    ? filesOf({ ...service, kind: kind ?? KINDS[name] ?? "httpRoute" })
    : rolloutFilesOf({ ...rollout, name, image, replicas, revision, namespace: "shop", target: "prod" });
}
