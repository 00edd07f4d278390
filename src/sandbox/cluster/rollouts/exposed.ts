import { unreachable } from "../../../core/unreachable.ts";
import { exposed } from "../expose.ts";
import type { RolloutRouter } from "../kinds/rollout-routing.ts";
import type { Exposed } from "../series-store.ts";
import type { Phase, RunningRollout } from "./status.ts";

const PHASES: readonly (Phase | "Error" | "Abort")[] = [
  "Completed",
  "Progressing",
  "Paused",
  "Timeout",
  "Error",
  "Abort",
];

/** What the Argo Rollouts controller exposes of its Rollouts. */
export function rolloutState(rollouts: readonly RunningRollout[]): readonly Exposed[] {
  return rollouts.flatMap(seriesOf);
}

function seriesOf({ rollout, status }: RunningRollout): readonly Exposed[] {
  const labels = { namespace: rollout.namespace, name: rollout.name };
  const router = rollout.routing?.routers.map(nameOf).findLast((name) => name !== "") ?? "";
  const strategy = rollout.blueGreen === undefined ? "canary" : "blueGreen";
  const { all, available, updated } = status.counts;
  const phases = PHASES.map((phase) =>
    exposed("rollout_phase", { ...labels, strategy, phase }, phase === status.phase ? 1 : 0),
  );
  const about = { ...labels, strategy, phase: status.phase, ...(router === "" ? {} : { traffic_router: router }) };
  return [
    exposed("rollout_info", about, 1),
    exposed("rollout_info_replicas_available", labels, available),
    exposed("rollout_info_replicas_unavailable", labels, all - available),
    exposed("rollout_info_replicas_desired", labels, rollout.replicas),
    exposed("rollout_info_replicas_updated", labels, updated),
    ...phases,
  ];
}

// Plugins have no name there.
function nameOf({ kind }: RolloutRouter): string {
  switch (kind) {
    case "istio":
      return "Istio";
    case "nginx":
      return "Nginx";
    case "alb":
      return "ALB";
    case "gatewayAPI":
      return "";
    default:
      return unreachable(kind);
  }
}
