import { unreachable } from "../../../core/unreachable.ts";
import type { Rollout } from "../kinds/rollout.ts";
import type { RolloutRouter } from "../kinds/rollout-routing.ts";
import { find } from "../live-objects.ts";
import type { LiveObjects } from "../live-objects.ts";
import type { Kind } from "../objects.ts";
import { albWritten } from "./routers/alb.ts";
import { gatewayWritten } from "./routers/gateway.ts";
import { istioWritten, subsetsWritten } from "./routers/istio.ts";
import { nginxWritten } from "./routers/nginx.ts";
import type { Pass } from "./status.ts";
import { distinctStable } from "./status.ts";
import { availableIn } from "./replica-set.ts";

/** The objects with the canary's weight in every router of a Rollout. */
export function weighted(objects: LiveObjects, rollout: Rollout, weight: number): LiveObjects {
  const routers = rollout.routing?.routers ?? [];
  return routers.reduce((live, router) => written(live, rollout, { router, weight }), objects);
}

type Order = { readonly router: RolloutRouter; readonly weight: number };

function written(objects: LiveObjects, rollout: Rollout, { router, weight }: Order): LiveObjects {
  switch (router.kind) {
    case "istio":
      return istioWritten(objects, rollout, { router, weight });
    case "nginx":
      return nginxWritten(objects, rollout, { router, weight });
    case "alb":
      return albWritten(objects, rollout, { router, weight });
    case "gatewayAPI":
      return gatewayWritten(objects, rollout, { router, weight });
    default:
      return unreachable(router);
  }
}

/** The subsets of Istio's DestinationRule pointed at the two versions. */
export function subsetsPointed(objects: LiveObjects, { rollout, newSet, stableSet }: Pass): LiveObjects {
  const hashes = { canary: newSet.hash, stable: stableSet?.hash };
  return istioRules(rollout).reduce((live, rule) => subsetsWritten(live, rollout.namespace, { rule, hashes }), objects);
}

/** Whether the subsets have to wait: without Services, until each of the two versions that has pods has all of them ready. */
export function mustWait(pass: Pass): boolean {
  const { rollout, newSet, now } = pass;
  const { canary, stable } = rollout.services;
  if (!rollout.routing?.routers.some(({ kind }) => kind === "istio")) return false;
  if (canary !== undefined || stable !== undefined) return false;
  return [newSet, distinctStable(pass)].some((set) => set !== undefined && availableIn(set, now) < set.replicas);
}

/** What of a Rollout's Services and routers is not there, in words; nothing where all is. */
export function missingFor({ namespace, services, routing }: Rollout, objects: LiveObjects): string | undefined {
  const named = called(
    "Service",
    [services.canary, services.stable].filter((name) => name !== undefined),
  );
  const routes = (routing?.routers ?? []).flatMap(namesIn);
  const gone = [...named, ...routes].find(([kind, name]) => find(objects, kind, { namespace, name }) === undefined);
  return gone === undefined ? undefined : `There is no ${gone.join(" ")}.`;
}

function namesIn(router: RolloutRouter): readonly (readonly [Kind, string])[] {
  switch (router.kind) {
    case "istio": {
      const rules = router.rule === undefined ? [] : [router.rule.name];
      return [
        ...called(
          "VirtualService",
          router.routes.map(({ name }) => name),
        ),
        ...called("DestinationRule", rules),
      ];
    }
    case "nginx":
    case "alb":
      return called("Ingress", router.ingresses);
    case "gatewayAPI":
      return called("HTTPRoute", router.routes);
    default:
      return unreachable(router);
  }
}

function called(kind: Kind, names: readonly string[]): readonly (readonly [Kind, string])[] {
  return names.map((name) => [kind, name] as const);
}

function istioRules({ routing }: Rollout) {
  return (routing?.routers ?? []).flatMap((router) =>
    router.kind === "istio" && router.rule !== undefined ? [router.rule] : [],
  );
}
