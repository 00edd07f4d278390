import type { Route } from "./route.ts";
import { availableIn } from "./rollouts/replica-set.ts";
import { isPromoted } from "./rollouts/status.ts";
import type { RunningRollout } from "./rollouts/status.ts";
import { sharesOf } from "./traffic.ts";
import type { TrafficWorld } from "./traffic.ts";

/** The canary's share of the traffic from a moment on, per cent, not rounded. */
export type LiveShare = { readonly at: number; readonly share: number };

/** The canaries' shares now, by `namespace/name` of a route, and of a Rollout, which counts where both are called the same. */
export function canaryShares(
  routes: readonly Route[],
  rollouts: readonly RunningRollout[],
  world: Pick<TrafficWorld, "pods" | "now">,
): ReadonlyMap<string, number> {
  const ofRoutes = routes.flatMap((route) => {
    const share = shareOn(route, world);
    return share === undefined ? [] : [[`${route.namespace}/${route.name}`, share] as const];
  });
  const ofRollouts = rollouts.map((running) => {
    const { namespace, name } = running.rollout;
    return [`${namespace}/${name}`, shareFor(running, routes, world)] as const;
  });
  return new Map([...ofRoutes, ...ofRollouts]);
}

function shareOn(route: Route, world: Pick<TrafficWorld, "pods" | "now">): number | undefined {
  if (route.canary === undefined) return undefined;
  const canary = sharesOf(route, world).find(({ arm }) => arm.name === route.canary);
  return 100 * (canary?.part ?? 0);
}

/** By its router where it has one; by its ready pods where it has none. Of two colours the one that is not stable never has any. */
function shareFor(
  { rollout, status, sets }: RunningRollout,
  routes: readonly Route[],
  world: Pick<TrafficWorld, "pods" | "now">,
): number {
  if (rollout.blueGreen !== undefined) return 0;
  if (rollout.routing === undefined) {
    if (isPromoted(status) || status.stable === undefined) return 0;
    const ready = (of: typeof sets) => of.reduce((sum, set) => sum + availableIn(set, world.now), 0);
    const all = ready(sets);
    return all === 0 ? 0 : (100 * ready(sets.filter(({ hash }) => hash !== status.stable))) / all;
  }
  const rule = rollout.routing.routers.find((router) => router.kind === "istio")?.rule;
  const own = routes.find(
    ({ namespace, canary, arms }) =>
      namespace === rollout.namespace &&
      arms.some(
        ({ name, service }) => name === canary && isCanary(name, service, [rollout.services.canary, rule?.canary]),
      ),
  );
  return own === undefined ? 0 : (shareOn(own, world) ?? 0);
}

function isCanary(name: string, service: string, called: readonly (string | undefined)[]): boolean {
  return called.some((one) => one !== undefined && (service === one || name.endsWith(`/${one}`)));
}
