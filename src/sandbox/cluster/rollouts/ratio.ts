import type { Service } from "../kinds/service.ts";
import type { Arm } from "../route.ts";
import { HASH_LABEL, availableIn } from "./replica-set.ts";
import type { RunningRollout } from "./status.ts";

/** The arms of a Service that all pods of a Rollout stand behind: one for each ReplicaSet, as heavy as it has ready pods. */
export function armsByRatio({ sets, status }: RunningRollout, service: Service, now: number): readonly Arm[] {
  const names = new Map([
    [status.current, "canary"],
    [status.stable, "stable"],
  ]);
  const { namespace, name } = service;
  return sets.map((set) => ({
    name: names.get(set.hash) ?? set.hash,
    namespace,
    service: name,
    selector: { ...service.selector, [HASH_LABEL]: set.hash },
    weight: availableIn(set, now),
    empty: "unanswered",
  }));
}
