import type { Labels } from "../kinds/manifest.ts";
import { unreadyLast } from "../pod.ts";
import type { NewPod, Pod } from "../pod.ts";
import type { ReplicaSet } from "./replica-set.ts";
import type { RunningRollout } from "./status.ts";

/** A Rollout whose ReplicaSets have as many pods as they are to have, labelled for what they are now; pods that are not ready go first, empty old ReplicaSets altogether. */
export function filled(running: RunningRollout, now: number, newPod: NewPod): RunningRollout {
  const { rollout, template, status } = running;
  const isKept = ({ hash, replicas }: ReplicaSet) =>
    replicas > 0 || [template?.hash, status.current, status.stable].includes(hash);
  const sets = running.sets.filter(isKept).map((set) => {
    const missing = Array.from({ length: Math.max(0, set.replicas - set.pods.length) }, () =>
      newPod({ namespace: rollout.namespace, name: rollout.name, template: set.template }),
    );
    const pods = [...unreadyLast(set.pods, now).slice(0, set.replicas), ...missing];
    return { ...set, pods: pods.map((pod) => labelled(pod, set, rolesOf(running, set))) };
  });
  return { ...running, sets };
}

function rolesOf({ rollout, status }: RunningRollout, { hash }: ReplicaSet): Labels {
  if (hash === status.stable) return rollout.labels.stable;
  return hash === status.current ? rollout.labels.canary : {};
}

function labelled(pod: Pod, { template }: ReplicaSet, roles: Labels): Pod {
  const labels = { ...template.labels, ...roles };
  const isSame = JSON.stringify(pod.template.labels) === JSON.stringify(labels);
  return isSame ? pod : { ...pod, template: { ...pod.template, labels } };
}
