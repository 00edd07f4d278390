import { edited, isList, isObject } from "../../json.ts";
import type { Json } from "../../json.ts";
import type { Rollout } from "../../kinds/rollout.ts";
import type { RolloutRouter } from "../../kinds/rollout-routing.ts";
import { changed, keyOf } from "../../live-objects.ts";
import type { LiveObjects } from "../../live-objects.ts";

type Gateway = Extract<RolloutRouter, { kind: "gatewayAPI" }>;

/** Writes the weights of canary and stable into every rule of the HTTPRoutes; other backends keep theirs. */
export function gatewayWritten(
  objects: LiveObjects,
  { namespace, services }: Rollout,
  { router, weight }: { readonly router: Gateway; readonly weight: number },
): LiveObjects {
  const weights = new Map([
    [services.canary, weight],
    [services.stable, 100 - weight],
  ]);
  const weighed = (backend: Json): Json => {
    const name = isObject(backend) ? backend["name"] : undefined;
    const own = typeof name === "string" ? weights.get(name) : undefined;
    return own === undefined ? backend : edited(backend, ["weight"], () => own);
  };
  const inRule = (rule: Json): Json => {
    const refs = isObject(rule) ? rule["backendRefs"] : undefined;
    return isList(refs) ? edited(rule, ["backendRefs"], () => refs.map(weighed)) : rule;
  };
  return router.routes.reduce(
    (live, name) =>
      changed(live, keyOf({ kind: "HTTPRoute", namespace, name }), (manifest) =>
        edited(manifest, ["spec", "rules"], (rules) => (isList(rules) ? rules.map(inRule) : [])),
      ),
    objects,
  );
}
