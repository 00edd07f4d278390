import { placesOf, pathsOf, type FleetService, type FleetTarget } from "./fleet.ts";
import { ROUTES } from "./fleet-routes.ts";
import { routeSite, type LiveSite } from "./live-path.ts";
import { rolloutPathsOf, type RolloutService } from "./rollout-fleet.ts";
import { rolloutSite } from "./rollout-live.ts";
import { ROUTINGS_OF_ROLLOUTS } from "./rollout-routes.ts";

/** A service of the sandbox, whatever runs it. */
export type Subject = {
  readonly name: string;
  /** How people call what moves its traffic. */
  readonly called: string;
  readonly runs: "workloads" | "rollout";
  /** The path of its state file. */
  readonly state: string;
  readonly instances: readonly Instance[];
};

/** A service in one target. */
export type Instance = FleetTarget & {
  /** The file whose image is bumped. */
  readonly workload: string;
  /** The file that pins stable's image; undefined where the state has it on record. */
  readonly pin: string | undefined;
  readonly live: LiveSite;
};

/** All services of a world. */
export function subjectsOf({
  fleet,
  rollouts,
}: {
  readonly fleet: readonly FleetService[];
  readonly rollouts: readonly RolloutService[];
}): readonly Subject[] {
  return [...fleet.map(ofWorkloads), ...rollouts.map(ofRollout)];
}

function ofWorkloads(service: FleetService): Subject {
  const { name, kind, targets } = service;
  const places = placesOf(service);
  const instances = targets.map((target, index): Instance => {
    const place = places[index] ?? name;
    const { canary, stable } = pathsOf(place);
    return { ...target, workload: canary, pin: stable, live: routeSite(place, target.namespace, kind) };
  });
  return { name, called: ROUTES[kind].called, runs: "workloads", state: pathsOf(name).state, instances };
}

function ofRollout(service: RolloutService): Subject {
  const { name, namespace, target, routing } = service;
  const { workload, state } = rolloutPathsOf(service);
  const instance = { name: target, namespace, workload, pin: undefined, live: rolloutSite(service) };
  return { name, called: ROUTINGS_OF_ROLLOUTS[routing].called, runs: "rollout", state, instances: [instance] };
}
