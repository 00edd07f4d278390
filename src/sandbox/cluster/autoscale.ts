import { edited } from "./json.ts";
import type { Autoscaler } from "./kinds/autoscaler.ts";
import { changed, find, keyOf, ofKind } from "./live-objects.ts";
import type { LiveObjects } from "./live-objects.ts";
import type { Pod } from "./pod.ts";

/** Who answers how much: requests per second, by the pod's uid; and how many of them make a pod fully used. */
export type Load = {
  readonly pods: readonly Pod[];
  readonly requests: ReadonlyMap<string, number>;
  readonly capacity: number;
};

// A difference of a tenth is no reason to scale.
const TOLERANCE = 0.1;

/** The replicas of what HorizontalPodAutoscalers govern, by how much its ready pods are used. */
export function autoscaled(objects: LiveObjects, load: Load): LiveObjects {
  return ofKind(objects, "HorizontalPodAutoscaler").reduce(
    (live, autoscaler) => scaledBy(live, autoscaler, load),
    objects,
  );
}

function scaledBy(objects: LiveObjects, autoscaler: Autoscaler, load: Load): LiveObjects {
  const { namespace, target } = autoscaler;
  if (target.kind !== "Deployment" && target.kind !== "Rollout") return objects;
  const found = find(objects, target.kind, { namespace, name: target.name });
  // With 0 replicas it is switched off.
  if (found === undefined || found.replicas === 0) return objects;
  const replicas = replicasFor(autoscaler, found.replicas, load);
  return changed(objects, keyOf(found), (manifest) => edited(manifest, ["spec", "replicas"], () => replicas));
}

/** How many pods an autoscaler wants for a load, where its target has `current`. */
export function replicasFor(
  { namespace, target, min, max, utilisation }: Autoscaler,
  current: number,
  load: Load,
): number {
  const own = load.pods.filter((pod) => pod.namespace === namespace && pod.workload === target.name);
  const asked = own.reduce((sum, { uid }) => sum + (load.requests.get(uid) ?? 0), 0);
  const used = own.length === 0 ? undefined : (100 * asked) / (own.length * load.capacity * utilisation);
  const isSteady = used === undefined || Math.abs(used - 1) <= TOLERANCE;
  const wanted = isSteady ? current : Math.ceil(used * own.length);
  return Math.min(max, Math.max(min, wanted));
}
