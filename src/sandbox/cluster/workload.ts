import type { Deployment } from "./kinds/deployment.ts";
import { isReady, unreadyLast } from "./pod.ts";
import type { NewPod, Pod } from "./pod.ts";

/** A Deployment as the cluster runs it. */
export type Workload = { readonly deployment: Deployment; readonly generation: number; readonly pods: readonly Pod[] };

// Kubernetes' defaults: a quarter more, a quarter less.
const SURGE = 0.25;

/** The workload with what its manifest says now; a change of the manifest is a new generation. */
export function adopt(before: Workload | undefined, deployment: Deployment): Workload {
  if (before === undefined) return { deployment, generation: 1, pods: [] };
  const isSame = JSON.stringify(before.deployment) === JSON.stringify(deployment);
  return isSame ? before : { ...before, deployment, generation: before.generation + 1 };
}

/**
 * One move of the Deployment controller: at most `replicas` + 25 % (rounded up) pods, at least `replicas` - 25 % (rounded down) ready ones.
 * New pods come first; old ones go as new ones are ready, those that are not ready before the others. With 0 replicas all go at once.
 */
export function roll({ deployment, generation, pods }: Workload, now: number, newPod: NewPod): Workload {
  const grown = [...pods, ...Array.from({ length: missing(deployment, pods) }, () => newPod(deployment))];
  const { current, old } = byTemplate(deployment, grown);
  const kept = unreadyLast(current, now).slice(0, deployment.replicas);
  const keptOld = unreadyLast(old, now).slice(0, Math.max(0, old.length - spare(deployment, [...kept, ...old], now)));
  return { deployment, generation, pods: [...keptOld, ...kept] };
}

/** Whether a pod runs what its Deployment says now. */
export function isUpdated({ deployment }: Workload, { template }: Pod): boolean {
  return template.hash === deployment.template.hash;
}

/** How many ready pods it has to have to be available. */
export function leastOf({ replicas }: Deployment): number {
  return replicas - Math.floor(replicas * SURGE);
}

function missing(deployment: Deployment, pods: readonly Pod[]): number {
  const room = deployment.replicas + Math.ceil(deployment.replicas * SURGE) - pods.length;
  return Math.max(0, Math.min(room, deployment.replicas - byTemplate(deployment, pods).current.length));
}

/** How many old pods may go: all that availability does not need; a new pod that is not ready replaces none. */
function spare(deployment: Deployment, pods: readonly Pod[], now: number): number {
  const unreadyNew = byTemplate(deployment, pods).current.filter((pod) => !isReady(pod, now)).length;
  return Math.max(0, pods.length - leastOf(deployment) - unreadyNew);
}

function byTemplate({ template }: Deployment, pods: readonly Pod[]) {
  const isCurrent = (pod: Pod) => pod.template.hash === template.hash;
  return { current: pods.filter(isCurrent), old: pods.filter((pod) => !isCurrent(pod)) };
}
