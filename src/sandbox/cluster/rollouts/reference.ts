import { HASH_LABEL } from "./replica-set.ts";
import type { ReplicaSet } from "./replica-set.ts";
import type { Pass } from "./status.ts";

/** Whether something may still send traffic to a ReplicaSet: the weights that were last written, a Service, or a subset. */
export function isReferenced({ status, pointers }: Pass, { hash }: ReplicaSet): boolean {
  const known = [status.stable, status.current, status.weights?.canaryHash, status.weights?.stableHash];
  return known.includes(hash) || pointers.some((labels) => labels[HASH_LABEL] === hash);
}
