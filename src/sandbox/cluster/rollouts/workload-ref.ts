import { edited } from "../json.ts";
import type { Template } from "../kinds/manifest.ts";
import type { Rollout } from "../kinds/rollout.ts";
import { changed, find, keyOf } from "../live-objects.ts";
import type { LiveObjects } from "../live-objects.ts";
import { isHealthy } from "./phase.ts";
import { availableIn } from "./replica-set.ts";
import type { Pass, RolloutStatus } from "./status.ts";

/** What a Rollout's new pods are made from: its own template, or that of the Deployment it names; undefined while that is not there. */
export function templateFor({ source, namespace }: Rollout, objects: LiveObjects): Template | undefined {
  if (source.kind === "own") return source.template;
  return find(objects, "Deployment", { namespace, name: source.name })?.template;
}

/** The Deployment that a Rollout has its template from, scaled down as the Rollout's first version takes over, where it is told to. */
export function scaledWorkload(objects: LiveObjects, pass: Pass, status: RolloutStatus): LiveObjects {
  const { rollout, newSet, now } = pass;
  const { source, namespace } = rollout;
  if (source.kind === "own" || newSet.revision !== 1 || source.scaleDown === "never") return objects;
  const ready = availableIn(newSet, now);
  const isOver = isHealthy(rollout, status);
  if (!isOver && (source.scaleDown === "onsuccess" || ready === 0)) return objects;
  const replicas = isOver ? 0 : Math.max(0, rollout.replicas - ready);
  const key = keyOf({ kind: "Deployment", namespace, name: source.name });
  return changed(objects, key, (manifest) => edited(manifest, ["spec", "replicas"], () => replicas));
}
