import { edited, isList, isObject } from "../../json.ts";
import type { Json, JsonObject } from "../../json.ts";
import type { Rollout } from "../../kinds/rollout.ts";
import type { IstioRule, RolloutRouter } from "../../kinds/rollout-routing.ts";
import { changed, keyOf } from "../../live-objects.ts";
import type { LiveObjects } from "../../live-objects.ts";
import { HASH_LABEL } from "../replica-set.ts";

type Istio = Extract<RolloutRouter, { kind: "istio" }>;

/** Writes the weights of canary and stable into the chosen routes of the VirtualServices; a destination of neither that has a weight is taken out. */
export function istioWritten(
  objects: LiveObjects,
  rollout: Rollout,
  { router, weight }: { readonly router: Istio; readonly weight: number },
): LiveObjects {
  return router.routes.reduce((live, { name, http }) => {
    const key = keyOf({ kind: "VirtualService", namespace: rollout.namespace, name });
    const split = (destinations: readonly Json[]) =>
      destinations.flatMap((one) => weighed(one, rollout, { router, weight }));
    return changed(live, key, (manifest) =>
      edited(manifest, ["spec"], (spec) => {
        const lists = isObject(spec) ? spec : {};
        return {
          ...lists,
          ...inRoutes("http", lists["http"], chosenOf(lists["http"], http), split),
          ...inRoutes("tls", lists["tls"], [0], split),
          ...inRoutes("tcp", lists["tcp"], [0], split),
        };
      }),
    );
  }, objects);
}

/** Writes the two versions' hashes into the subsets of a DestinationRule; other subsets go. */
export function subsetsWritten(
  objects: LiveObjects,
  namespace: string,
  { rule, hashes }: { readonly rule: IstioRule; readonly hashes: { canary: string; stable: string | undefined } },
): LiveObjects {
  const key = keyOf({ kind: "DestinationRule", namespace, name: rule.name });
  return changed(objects, key, (manifest) =>
    edited(manifest, ["spec", "subsets"], (subsets) =>
      itemsOf(subsets).flatMap((subset) => {
        const name = isObject(subset) ? subset["name"] : undefined;
        if (name === rule.canary) return [edited(subset, ["labels", HASH_LABEL], () => hashes.canary)];
        if (name !== rule.stable) return [];
        return hashes.stable === undefined ? [subset] : [labelled(subset, hashes.stable)];
      }),
    ),
  );
}

function labelled(subset: Json, hash: string): JsonObject {
  return edited(subset, ["labels", HASH_LABEL], () => hash);
}

function inRoutes(
  kind: string,
  routes: Json | undefined,
  chosen: readonly number[],
  split: (destinations: readonly Json[]) => readonly Json[],
): JsonObject {
  if (!isList(routes)) return {};
  const next = routes.map((route, index) =>
    chosen.includes(index) ? edited(route, ["route"], (destinations) => split(itemsOf(destinations))) : route,
  );
  return { [kind]: next };
}

// Without names the only route is meant, or else the first that has none.
function chosenOf(routes: Json | undefined, names: readonly string[]): readonly number[] {
  const called = itemsOf(routes).map((route) => (isObject(route) ? route["name"] : undefined));
  if (names.length > 0) return names.map((name) => called.indexOf(name)).filter((index) => index >= 0);
  return called.length === 1 ? [0] : [called.indexOf(undefined)];
}

function weighed(
  entry: Json,
  { services }: Rollout,
  { router, weight }: { readonly router: Istio; readonly weight: number },
): readonly Json[] {
  const destination = isObject(entry) && isObject(entry["destination"]) ? entry["destination"] : {};
  const { host: full, subset } = destination;
  const host = typeof full === "string" ? full.split(".")[0] : undefined;
  const isArm = (service: string | undefined, named: string | undefined) =>
    (service !== undefined && host === service) || (named !== undefined && subset === named);
  const old = (isObject(entry) ? entry["weight"] : undefined) ?? 0;
  if (isArm(services.canary, router.rule?.canary)) return [edited(entry, ["weight"], () => weight)];
  if (isArm(services.stable, router.rule?.stable)) return [edited(entry, ["weight"], () => 100 - weight)];
  return old === 0 ? [entry] : [];
}

function itemsOf(list: Json | undefined): readonly Json[] {
  return isList(list) ? list : [];
}
