import type { Place } from "../kinds/manifest.ts";
import type { Service } from "../kinds/service.ts";
import { edited, isObject } from "../json.ts";
import type { Json, JsonObject } from "../json.ts";
import { changed, find, keyOf, ofKind } from "../live-objects.ts";
import type { LiveObjects } from "../live-objects.ts";
import { HASH_LABEL, availableIn } from "./replica-set.ts";
import type { ReplicaSet } from "./replica-set.ts";
import type { Pass } from "./status.ts";

const MANAGED_BY = "argo-rollouts.argoproj.io/managed-by-rollouts";

/** The Services pointed at their ReplicaSets: stable's at the stable one, canary's at the new one, each only when pods are there to answer. */
export function switched(objects: LiveObjects, { rollout, newSet, stableSet, now }: Pass): LiveObjects {
  const { canary, stable } = rollout.services;
  const { namespace } = rollout;
  const first = pointed(objects, stable && { namespace, name: stable }, { set: stableSet, by: rollout.name, now });
  return pointed(first, canary && { namespace, name: canary }, { set: newSet, by: rollout.name, now });
}

/** A Service pointed at the new ReplicaSet, whatever of it is ready: rollout/service.go switchServiceSelector. */
export function repointed(objects: LiveObjects, { rollout, newSet }: Pass, name: string | undefined): LiveObjects {
  if (name === undefined) return objects;
  const service = find(objects, "Service", { namespace: rollout.namespace, name });
  return service === undefined ? objects : aimed(objects, service, newSet.hash, rollout.name);
}

/** Services that no Rollout names any more, without what the controller had added to them: service/service.go syncService, generateRemovePatch. */
export function freed(objects: LiveObjects): LiveObjects {
  const named = new Set(
    ofKind(objects, "Rollout").flatMap(({ namespace, services }) =>
      Object.values(services).map((name) => `${namespace}/${name}`),
    ),
  );
  const left = ofKind(objects, "Service").filter(
    ({ namespace, name, selector }) => HASH_LABEL in selector && !named.has(`${namespace}/${name}`),
  );
  return left.reduce((live, service) => changed(live, keyOf(service), bared), objects);
}

function bared(service: JsonObject): JsonObject {
  return edited(
    edited(service, ["spec", "selector"], (all) => without(all, HASH_LABEL)),
    ["metadata", "annotations"],
    (all) => without(all, MANAGED_BY),
  );
}

function without(value: Json | undefined, key: string): Json {
  return isObject(value) ? Object.fromEntries(Object.entries(value).filter(([one]) => one !== key)) : {};
}

/** The ReplicaSet that a Service selects; undefined where it selects by no hash. */
export function selectedBy(objects: LiveObjects, place: Place): string | undefined {
  return find(objects, "Service", place)?.selector[HASH_LABEL];
}

type Aim = { readonly set: ReplicaSet | undefined; readonly by: string; readonly now: number };

function pointed(objects: LiveObjects, place: Place | "" | undefined, { set, by, now }: Aim): LiveObjects {
  if (set === undefined || place === undefined || place === "") return objects;
  const service = find(objects, "Service", place);
  if (service === undefined || service.selector[HASH_LABEL] === set.hash) return objects;
  // A Service that is taken over carries traffic already: for it all pods must be ready.
  const needed = MANAGED_BY in service.annotations ? 1 : Math.max(1, set.replicas);
  return availableIn(set, now) < needed ? objects : aimed(objects, service, set.hash, by);
}

function aimed(objects: LiveObjects, service: Service, hash: string, by: string): LiveObjects {
  if (service.selector[HASH_LABEL] === hash && MANAGED_BY in service.annotations) return objects;
  return changed(objects, keyOf(service), (manifest) =>
    edited(
      edited(manifest, ["spec", "selector", HASH_LABEL], () => hash),
      ["metadata", "annotations", MANAGED_BY],
      () => by,
    ),
  );
}
