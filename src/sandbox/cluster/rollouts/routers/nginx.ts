import { isList, isObject } from "../../json.ts";
import type { Json, JsonObject } from "../../json.ts";
import type { Rollout } from "../../kinds/rollout.ts";
import type { RolloutRouter } from "../../kinds/rollout-routing.ts";
import { changed, keyOf, put } from "../../live-objects.ts";
import type { LiveObjects } from "../../live-objects.ts";
import { writtenOf } from "../../objects.ts";

type Nginx = Extract<RolloutRouter, { kind: "nginx" }>;

/** Writes the weight into the canary Ingress beside each stable one; the controller makes it, from the stable one's rules, and it goes with the Rollout. */
export function nginxWritten(
  objects: LiveObjects,
  rollout: Rollout,
  { router, weight }: { readonly router: Nginx; readonly weight: number },
): LiveObjects {
  return router.ingresses.reduce((live, stable) => {
    const { namespace } = rollout;
    const from = live.get(keyOf({ kind: "Ingress", namespace, name: stable }))?.manifest;
    const name = `${rollout.name}-${stable}-canary`;
    const made =
      from === undefined ? undefined : canaryOf(from, rollout, { name, annotations: notesOf(rollout, router, weight) });
    if (made === undefined) return live;
    const key = keyOf({ kind: "Ingress", namespace, name });
    if (live.has(key)) return changed(live, key, () => made);
    const [written] = writtenOf(made);
    const owner = keyOf(rollout);
    return written === undefined ? live : put(live, { ...written, applied: undefined, owner });
  }, objects);
}

function notesOf({ routing }: Rollout, { prefix, annotations }: Nginx, weight: number): JsonObject {
  const own = Object.entries(annotations).map(
    ([key, value]) => [key.startsWith(prefix) ? key : `${prefix}/${key}`, value] as const,
  );
  const total = routing?.total ?? 100;
  return {
    ...Object.fromEntries(own),
    [`${prefix}/canary`]: "true",
    [`${prefix}/canary-weight`]: String(weight),
    ...(total === 100 ? {} : { [`${prefix}/canary-weight-total`]: String(total) }),
  };
}

// Only rules that lead to the stable Service are taken over, with the canary's in its place.
function canaryOf(
  stable: JsonObject,
  { namespace, services }: Rollout,
  { name, annotations }: { readonly name: string; readonly annotations: JsonObject },
): JsonObject | undefined {
  const spec = isObject(stable["spec"]) ? stable["spec"] : {};
  const rules = isList(spec["rules"]) ? spec["rules"].filter((rule) => leadsTo(rule, services.stable)) : [];
  if (rules.length === 0) return undefined;
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name, namespace, annotations },
    spec: {
      ...(spec["ingressClassName"] === undefined ? {} : { ingressClassName: spec["ingressClassName"] }),
      ...(spec["tls"] === undefined ? {} : { tls: spec["tls"] }),
      rules: rules.map((rule) => renamed(rule, services.stable, services.canary)),
    },
  };
}

function leadsTo(rule: Json, service: string | undefined): boolean {
  return service !== undefined && JSON.stringify(rule) !== JSON.stringify(renamed(rule, service, undefined));
}

/** A rule with one Service in the place of another, wherever it names it as a backend. */
function renamed(value: Json, from: string | undefined, to: string | undefined): Json {
  if (isList(value)) return value.map((item) => renamed(item, from, to));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => {
    const isBackend = key === "service" && isObject(item) && item["name"] === from;
    return [key, isBackend ? { ...item, name: to ?? "" } : renamed(item, from, to)] as const;
  });
  return Object.fromEntries(entries);
}
