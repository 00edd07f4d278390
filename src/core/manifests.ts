import type { Version } from "./manifest.ts";
import type { Manifests, Place, RolloutFiles, TargetState } from "./state.ts";
import { unreachable } from "./unreachable.ts";

/** Every file that a member is written in, each once. */
export function filesOf(manifests: Manifests): readonly string[] {
  switch (manifests.layout) {
    case "workloads":
      return [manifests.canary, manifests.stable, manifests.route];
    case "places": {
      const { canary, stable, weight, canaryReplicas, stableReplicas } = manifests;
      const fixed: readonly Place[] = typeof stableReplicas === "number" ? [] : [stableReplicas];
      const scaled: readonly Place[] = canaryReplicas === undefined ? [] : [canaryReplicas];
      return [...new Set([canary, stable, weight, ...scaled, ...fixed].map(({ path }) => path))];
    }
    case "rollout":
      return [...new Set([...templatedIn(manifests), manifests.rollout, toldIn(manifests)])];
    default:
      return unreachable(manifests);
  }
}

/** Every file whose changes may bring another version: of an Argo Rollout all that says its pod template. */
export function bumpedInAny(manifests: Manifests): readonly string[] {
  return manifests.layout === "rollout" ? templatedIn(manifests) : [bumpedIn(manifests)];
}

/** The file that says what a Rollout is, besides its weight. */
export function toldIn({ rollout, of }: Pick<RolloutFiles, "rollout" | "of">): string {
  return of ?? rollout;
}

function templatedIn({ workload, image }: RolloutFiles): readonly string[] {
  return image === undefined ? [workload] : [...new Set([image.path, workload])];
}

/** The file whose version people and bots change. */
export function bumpedIn(manifests: Manifests): string {
  switch (manifests.layout) {
    case "workloads":
      return manifests.canary;
    case "places":
      return manifests.canary.path;
    case "rollout":
      return manifests.image?.path ?? manifests.workload;
    default:
      return unreachable(manifests);
  }
}

/** The file that says, now or (of an Argo Rollout) at an earlier commit, what stable runs. */
export function pinnedIn(manifests: Manifests): string {
  switch (manifests.layout) {
    case "workloads":
      return manifests.stable;
    case "places":
      return manifests.stable.path;
    case "rollout":
      return manifests.image?.path ?? manifests.workload;
    default:
      return unreachable(manifests);
  }
}

/** The file that says the canary's weight. */
export function weighedIn(manifests: Manifests): string {
  switch (manifests.layout) {
    case "workloads":
      return manifests.route;
    case "places":
      return manifests.weight.path;
    case "rollout":
      return manifests.rollout;
    default:
      return unreachable(manifests);
  }
}

/** Whether the pods of both arms come and go with requests, as Knative's do: nobody commits how many there are, and a manifest's `replicas` are the least that an arm keeps. */
export function scaleThemselves(manifests: Manifests): boolean {
  if (manifests.layout === "places") return manifests.canaryReplicas === undefined;
  return manifests.layout === "workloads" && manifests.router === "KnativeRoute";
}

/** Where the number of the canary's pods is written; undefined where that is the cluster's to choose. */
export function scaledAt(manifests: Manifests): Place | undefined {
  if (scaleThemselves(manifests)) return undefined;
  switch (manifests.layout) {
    case "workloads":
      return { path: manifests.canary, at: "spec.replicas" };
    case "places":
      return manifests.canaryReplicas;
    case "rollout":
      return undefined;
    default:
      return unreachable(manifests);
  }
}

/** The target once stable runs a version: what no manifest says is on record. */
export function withStable(at: TargetState, { image, template }: Version): TargetState {
  const { manifests } = at;
  if (manifests.layout !== "rollout") return { ...at, stable: image };
  return { ...at, stable: image, manifests: { ...manifests, stableTemplate: template } };
}
