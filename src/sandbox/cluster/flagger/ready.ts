import type { Deployment } from "../kinds/deployment.ts";
import { find } from "../live-objects.ts";
import { isReady } from "../pod.ts";
import { isUpdated } from "../workload.ts";
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

/** Whether all of its pods run what it says now and are ready, as far as the cluster has looked at it since. */
function isWhole({ workloads, now }: Look, deployment: Deployment | undefined): boolean {
  if (deployment === undefined) return false;
  const workload = workloads.get(`${deployment.namespace}/${deployment.name}`);
  if (workload === undefined || JSON.stringify(workload.deployment) !== JSON.stringify(deployment)) return false;
  const updated = workload.pods.filter((pod) => isUpdated(workload, pod));
  const isAllThere = updated.length >= deployment.replicas && workload.pods.length === updated.length;
  return isAllThere && updated.every((pod) => isReady(pod, now));
}
