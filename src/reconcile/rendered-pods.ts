import type { Sha } from "../core/names.ts";
import type { Places } from "../core/state.ts";
import { isOverlay, overlayLabels } from "../manifest/layouts/overlay-labels.ts";
import type { SubsetsOf } from "../manifest/routers/destination-rule.ts";
import { inventoryAt } from "./inventories.ts";
import { textsOver, type Over } from "./over.ts";
import type { Eyes } from "./scene.ts";

type Looking = { readonly head: Sha; readonly eyes: Pick<Eyes, "git" | "memory"> };

const UNKNOWN: SubsetsOf["pods"] = { canary: undefined, stable: undefined };

// Of an overlay that reads more, too much may change what pods are called by.
const MOST_READ = 100;

/**
 * The labels of the pods that places are rendered to, where files show them. What delivers the overlay may add some all the same, so that they are open.
 * Not known of charts.
 */
export async function renderedPods(looking: Looking, places: Places, over?: Over): Promise<SubsetsOf["pods"]> {
  const inventory = isOverlay(places) ? await inventoryAt(looking.eyes, over?.head ?? looking.head) : undefined;
  const targets = inventory?.fleet.services.flatMap((service) => service.targets) ?? [];
  const own = targets.filter(
    ({ reads }) => places.canaryReplicas !== undefined && reads.includes(places.canaryReplicas.path),
  );
  const paths = [...new Set(own.flatMap(({ reads }) => reads))];
  if (paths.length > MOST_READ) return UNKNOWN;
  const labels = overlayLabels(await textsOver(looking, paths, over), places);
  if (labels === undefined) return UNKNOWN;
  return { canary: { labels: labels.canary, extent: "open" }, stable: { labels: labels.stable, extent: "open" } };
}
