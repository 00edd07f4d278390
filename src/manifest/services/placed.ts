import type { Delivery } from "./deliveries.ts";
import type { Inventory } from "./inventory.ts";
import type { Service, ServiceTarget } from "./model.ts";
import type { Root } from "./rendering.ts";

/** Where a service in a target is rendered, and by what that is delivered; nothing in the repository may say so. */
export type Placed = {
  readonly root: Root;
  readonly by: readonly Delivery[];
  /** All that is read to render it. */
  readonly reads: readonly string[];
};

/** The places that bring a service to a target; several where each has a part of it. */
export function placesOfTarget(
  { fleet, state }: Pick<Inventory, "fleet" | "state">,
  service: Service,
  target: ServiceTarget,
): readonly Placed[] {
  const group = state.grouping?.groups[fleet.services.indexOf(service)] ?? [];
  const occurrences = new Set(group.flatMap((one) => (one.target === target.name ? [one.occurrence] : [])));
  return [...state.made.values()].flatMap(({ rendering, by, occurrences: own }) =>
    own.some((one) => occurrences.has(one)) ? [{ root: rendering.root, by, reads: rendering.reads }] : [],
  );
}
