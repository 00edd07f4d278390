import type { Expected } from "./live.ts";
import type { Manifest } from "./manifest.ts";
import { scaleThemselves } from "./manifests.ts";
import type { Step } from "./plan.ts";
import type { Member } from "./snapshot.ts";
import { NO_WEIGHT } from "./weight.ts";

type WantedPods = Pick<Expected, "canaryReplicas" | "mayBeIdle" | "stable">;

/** What must be seen of two workloads' pods once a step has landed; `step` is undefined at rest. */
export function wantedPods({ at, manifest }: Pick<Member, "at" | "manifest">, step: Step | undefined): WantedPods {
  return scaleThemselves(at.manifests) ? asAsked(manifest, step) : asCommitted(manifest, step);
}

/** At rest the canary has none. */
function asCommitted({ stable: { image, replicas } }: Manifest, step: Step | undefined): WantedPods {
  return {
    canaryReplicas: step?.kind === "drain" ? undefined : (step?.replicas ?? 0),
    stable: step?.kind === "promote" ? { image, replicas } : undefined,
  };
}

/** Pods that come and go with requests: the least that git asks for, and one while there are requests to answer. How many the canary keeps at rest is nobody's concern. */
function asAsked({ canary, stable }: Manifest, step: Step | undefined): WantedPods {
  if (step === undefined || step.kind === "drain") return { canaryReplicas: undefined, stable: undefined };
  const isAsked = step.weight > NO_WEIGHT;
  return {
    canaryReplicas: Math.max(canary.replicas, isAsked ? 1 : 0),
    mayBeIdle: true,
    stable: step.kind === "promote" ? { image: stable.image, replicas: Math.max(stable.replicas, 1) } : undefined,
  };
}
