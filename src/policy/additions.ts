import { filesOf } from "../core/manifests.ts";
import { owns } from "../core/ownership.ts";
import type { ServiceState } from "../core/state.ts";
import type { Fleet, Service, ServiceTarget } from "../manifest/services/model.ts";

/** A service that is new in a fleet, or new in some targets, and goes by no template there. */
export type Addition = { readonly service: Service; readonly targets: readonly ServiceTarget[] };

/**
 * The services of a fleet that the one before did not have and that no state speaks of. One that was moved, renamed or edited is none; nor is a further target of a
 * service that goes by no template in the others either: it is as it was.
 */
export function additionsIn(before: Fleet, after: Fleet, states: readonly ServiceState[]): readonly Addition[] {
  const kept = keptFrom(before, after);
  return after.services.flatMap((service): readonly Addition[] => {
    const was = kept.get(service);
    const targets = service.targets.filter((target) => runs(target) && !isSteered(service, target, states));
    const isOnTemplate = targets.length < service.targets.length;
    const known = new Set(was?.targets.map(({ name }) => name));
    const added = was === undefined ? targets : isOnTemplate ? targets.filter(({ name }) => !known.has(name)) : [];
    return added.length === 0 ? [] : [{ service, targets: added }];
  });
}

/** A service that was there before, in some targets that go by no template. */
type Untemplated = Addition & { readonly was: Service };

type Sides<T> = { readonly before: T; readonly after: T };

/** The services that were there before, in the targets of which no state spoke then and none does now. */
export function untemplatedIn(fleets: Sides<Fleet>, states: Sides<readonly ServiceState[]>): readonly Untemplated[] {
  return [...keptFrom(fleets.before, fleets.after)].flatMap(([service, was]) => {
    const left = new Set(was.targets.filter((one) => isSteered(was, one, states.before)).map(({ name }) => name));
    const targets = service.targets.filter(
      (target) => runs(target) && !isSteered(service, target, states.after) && !left.has(target.name),
    );
    return targets.length === 0 ? [] : [{ service, targets, was }];
  });
}

/** Only what has a workload is a service to opt in; images alone are set for what lies elsewhere. */
function runs({ workloads }: ServiceTarget): boolean {
  return workloads.length > 0;
}

/** Whether a state says that it goes by a template: by its name and target, or as one of the arms of one, which may have a name of its own. */
function isSteered({ name }: Service, target: ServiceTarget, states: readonly ServiceState[]): boolean {
  return states.some((state) => {
    if (state.service === name) return [...state.targets.keys()].some((one) => one === target.name);
    const files = new Set([...state.targets.values()].flatMap(({ manifests }) => filesOf(manifests)));
    return target.workloads.some(({ path }) => files.has(path) || owns(state, path));
  });
}

/** Which service of the fleet before each service is, where it was there: by its name and place, its name, its workload's file, its image. */
function keptFrom(before: Fleet, after: Fleet): ReadonlyMap<Service, Service> {
  const kept = new Map<Service, Service>();
  const left = new Set(before.services);
  for (const isSame of WAYS) {
    const byKey = Map.groupBy(
      [...left].flatMap((service) => isSame(service).map((key) => ({ key, service }))),
      ({ key }) => key,
    );
    for (const service of after.services) {
      if (kept.has(service)) continue;
      const was = isSame(service)
        .flatMap((key) => byKey.get(key) ?? [])
        .find((one) => left.has(one.service));
      if (was === undefined) continue;
      kept.set(service, was.service);
      left.delete(was.service);
    }
  }
  return kept;
}

/** The surest first. */
const WAYS: readonly ((service: Service) => readonly string[])[] = [
  ({ name, home }) => [`${name} ${home}`],
  ({ name }) => [name],
  ({ targets }) => targets.flatMap(({ workloads }) => workloads.map(({ path }) => path)),
  // The first is its own; others come with many a service.
  ({ targets }) => targets.flatMap(({ images: [first] }) => first?.image ?? []),
];
