import { NO_EVIDENCE } from "../core/gate/evidence.ts";
import type { LatencyMemory } from "../core/latency-memory.ts";
import { isName, isOptName, name, type Name } from "../core/names.ts";
import { err, ok, type Result } from "../core/result.ts";
import type {
  Destinations,
  Manifests,
  Override,
  Places,
  ReleaseState,
  RolloutFiles,
  ServiceState,
  TargetState,
  WorkloadFiles,
} from "../core/state.ts";
import { unreachable } from "../core/unreachable.ts";
import type { TextFile } from "../yaml/refusal.ts";
import { parse, readFile, type Problem } from "./document.ts";
import { StateFile, type Destination, type Release, type Target } from "./state-schema.ts";

const FOLDER = ".tidegate/services";

/** The state in a file whose name is the service's, or every problem of its text. */
export function parseState(file: TextFile): Result<ServiceState, readonly Problem[]> {
  const service = serviceOf(file.path);
  if (service === undefined) {
    return err([{ path: file.path, line: 1, message: `A state file is called ${FOLDER}/<service>.yaml.` }]);
  }
  if (isOptName(service)) {
    const message = `No service is called ${service}: branches of what opts services in and out are. Call its workload otherwise.`;
    return err([{ path: file.path, line: 1, message }]);
  }
  const read = readFile(file);
  if (read.kind === "err") return read;
  const parsed = parse(read.value, StateFile);
  return parsed.kind === "err" ? parsed : ok(stateOf(service, parsed.value));
}

/** Where a service's state is. */
export function statePath(service: Name): string {
  return `${FOLDER}/${service}.yaml`;
}

/** Whether a path is that of a service's state file, by its name alone. */
export function isStatePath(path: string): boolean {
  return serviceOf(path) !== undefined;
}

function serviceOf(path: string): Name | undefined {
  const found = path.startsWith(`${FOLDER}/`) && path.endsWith(".yaml") ? path.slice(FOLDER.length + 1, -5) : "";
  return isName(found) ? found : undefined;
}

function stateOf(service: Name, { template, owned, claims, targets, blocked, holds, heard }: StateFile): ServiceState {
  return {
    service,
    template,
    owned,
    claims,
    targets: new Map(Object.entries(targets).map(([target, at]) => [name(target), targetOf(at)])),
    blocked: blocked.map((block) => ({ ...block, template: block.template, commit: block.commit })),
    holds: holds.map((hold) => ({
      ...hold,
      comment: hold.comment,
      closed: hold.closed,
      at: hold.at,
      reason: hold.reason,
    })),
    heard,
  };
}

function targetOf({ release, manifests, arms, testers, mirror, ...at }: Target): TargetState {
  return {
    ...at,
    ...(testers && { testers }),
    ...(mirror && { mirror }),
    manifests: manifestsOf(manifests),
    arms: { ...arms, by: arms.by ?? "service" },
    release: release === undefined ? undefined : releaseOf(release),
  };
}

function manifestsOf(manifests: Target["manifests"]): Manifests {
  switch (manifests.layout) {
    case "workloads":
      return filesOf(manifests);
    case "places":
      return placesOf(manifests);
    case "rollout":
      return rolloutOf(manifests);
    default:
      return unreachable(manifests);
  }
}

function rolloutOf({ path, of, image, ...files }: Written<"rollout">): RolloutFiles {
  return {
    ...files,
    rollout: path,
    ...(of !== undefined && { of }),
    ...(image && { image: { ...image, image: image.image } }),
  };
}

type Written<Layout> = Extract<Target["manifests"], { readonly layout: Layout }>;

function filesOf({ router, destinations, ...files }: Written<"workloads">): WorkloadFiles {
  return { ...files, router: router ?? "HTTPRoute", destinations: destinations && destinationsOf(destinations) };
}

function placesOf({ canary, stable, weight, replicas, scaled: _, ...places }: Written<"places">): Places {
  return {
    ...places,
    canary: { ...canary, image: canary.image },
    stable: { ...stable, image: stable.image },
    weight:
      weight.kind === "values"
        ? weight
        : { ...weight, destinations: weight.destinations && destinationsOf(weight.destinations) },
    canaryReplicas: replicas?.canary,
    stableReplicas: replicas?.stable ?? 0,
  };
}

function destinationsOf({ canary, stable }: Record<"canary" | "stable", Destination>): Destinations {
  return { canary: { ...canary, subset: canary.subset }, stable: { ...stable, subset: stable.subset } };
}

function releaseOf(release: Release): ReleaseState {
  const { source, evidence, plan, latency, histograms, gauges, override, skip, aborting, ...begun } = release;
  return {
    ...begun,
    source,
    evidence: evidence ?? NO_EVIDENCE,
    ...(latency && { latency: memoryOf(latency, histograms) }),
    ...(gauges && { gauges }),
    plan: plan ?? "usual",
    override: override && overrideOf(override),
    skips: skip ?? [],
    aborting: aborting === undefined ? undefined : { ...aborting, who: aborting.who },
  };
}

function memoryOf(bounds: NonNullable<Release["latency"]>, form: Release["histograms"]): LatencyMemory {
  const sums = bounds.map(({ evidence }) => evidence ?? NO_EVIDENCE);
  return {
    edges: bounds.map(({ quantile, bound, weight, tolerated, regression }) => ({
      quantile,
      bound,
      weight,
      tolerated,
      regression,
    })),
    // Without any, as it is before the first step is over.
    evidence: bounds.some(({ evidence }) => evidence !== undefined) ? sums : [],
    ...(form && { form }),
  };
}

function overrideOf({ by, comment, commit, reach }: NonNullable<Release["override"]>): Override {
  return { by, comment, commit, reach: reach ?? "step" };
}
