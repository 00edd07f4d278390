import type { Ratio } from "./manifest.ts";
import { NO_WEIGHT, WHOLE, type Weight } from "./weight.ts";

/**
 * The canary's share in per cent that so many replicas come nearest to, as the Argo Rollouts controller rounds it: at least one pod of each between 0 and 100,
 * one pod more than the replicas where a surge is allowed and that is nearer, the larger canary of two that are equally near
 * (argo-rollouts 9f8d111d, utils/replicaset/canary.go, approximateWeightedCanaryStableReplicaCounts).
 */
export function nearestShare(weight: Weight, { replicas, surge }: Ratio): number {
  if (replicas === 0 || weight === NO_WEIGHT || weight === WHOLE) return weight;
  const totals = surge > 0 ? [replicas, replicas + 1] : [replicas];
  const [ceil, floor] = [Math.ceil((replicas * weight) / WHOLE), Math.floor((replicas * weight) / WHOLE)];
  const mayBeNone = replicas === 1 && surge === 0;
  const options = totals.flatMap((total) => {
    const up = ceil < total || mayBeNone ? [ceil / total] : [];
    const isTied = (total * weight) % WHOLE === WHOLE / 2;
    return !isTied && (floor > 0 || mayBeNone) ? [...up, floor / total] : up;
  });
  const [first = 0, ...others] = options.map((share) => share * WHOLE);
  return others.reduce((best, share) => (Math.abs(share - weight) < Math.abs(best - weight) ? share : best), first);
}
