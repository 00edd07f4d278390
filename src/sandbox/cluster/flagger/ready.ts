import type { Deployment } from "../kinds/deployment.ts";
import { find } from "../live-objects.ts";
import { isReady } from "../pod.ts";
import { isUpdated, leastOf } from "../workload.ts";
import { primaryOf } from "./made.ts";
import type { Look } from "./status.ts";

// Flagger at 15bd6ad5, pkg/canary/deployment_ready.go isDeploymentReady.

export function isPrimaryReady(look: Look): boolean {
  const { namespace } = look.canary;
  return isWhole(look, find(look.objects, "Deployment", { namespace, name: primaryOf(look.canary) }));
}

export function isCanaryReady(look: Look): boolean {
  const { namespace, target } = look.canary;
  return isWhole(look, find(look.objects, "Deployment", { namespace, name: target }));
}

/**
 * Whether the deadline of the target, or of the Deployment that serves, counts: fewer pods are available than it may lack while it rolls (MinimumReplicasUnavailable), or pods of the version before
 * stay (ProgressDeadlineExceeded). One pod of many that has broken is neither, and is waited for without end.
 */
export function isStuck({ canary, workloads, now }: Look, which: "target" | "primary"): boolean {
  const name = which === "target" ? canary.target : primaryOf(canary);
  const workload = workloads.get(`${canary.namespace}/${name}`);
  if (workload === undefined) return false;
  const { pods, deployment } = workload;
  const available = pods.filter((pod) => isReady(pod, now)).length;
  return available < leastOf(deployment) || pods.some((pod) => !isUpdated(workload, pod));
}

/** Whether all of its pods run what it says now and are ready, as far as the cluster has looked at it since. */
function isWhole({ workloads, now }: Look, deployment: Deployment | undefined): boolean {
  if (deployment === undefined) return false;
  const workload = workloads.get(`${deployment.namespace}/${deployment.name}`);
  if (workload === undefined || JSON.stringify(workload.deployment) !== JSON.stringify(deployment)) return false;
  const updated = workload.pods.filter((pod) => isUpdated(workload, pod));
  const isAllThere = updated.length >= deployment.replicas && workload.pods.length === updated.length;
  return isAllThere && updated.every((pod) => isReady(pod, now));
}
