import { name } from "../../src/core/names.ts";
import { rolloutPlanOf } from "../../src/core/plan.ts";
import { proposalOf } from "../../src/core/proposal.ts";
import type { Member } from "../../src/core/snapshot.ts";
import type { RolloutFiles, TargetState } from "../../src/core/state.ts";
import type { Image } from "../../src/core/image.ts";
import type { Workload } from "../../src/core/manifest.ts";
import { NO_WEIGHT } from "../../src/core/weight.ts";
import { BUMP, HEAD, inFlight, landingOf, member, NEW, OLD, POLICY, stepPull, templateOf, workload } from "./member.ts";
import type { MemberChanges } from "./member.ts";

/** Begin, 5, 25, 50, run-out, rest. */
export const STEPS = rolloutPlanOf(POLICY).steps;

export const ROLLOUT: RolloutFiles = {
  layout: "rollout",
  rollout: "apps/checkout/prod/tidegate/rollout.yaml",
  workload: "apps/checkout/prod/deployment.yaml",
  stableTemplate: templateOf(OLD),
};

/** Both arms are pods of the one Rollout. */
export function pod(of: Image): Workload {
  return { ...workload("stable", of), deployment: name("checkout") };
}

/** `checkout` in `prod` as an Argo Rollout of ten pods, at rest on the old version. */
export function rollout(changes: MemberChanges = {}): Member {
  const { at, manifest, ...rest } = changes;
  return member({
    plan: rolloutPlanOf({ ...POLICY, ...changes.policy }),
    ...rest,
    at: { manifests: ROLLOUT, ...at },
    manifest: { canary: pod(OLD), stable: pod(OLD), ...manifest },
  });
}

/** The bump has landed and nothing else. */
export function rolloutWaiting(changes: MemberChanges = {}): Member {
  return withPull(rollout({ bump: BUMP, ...changes, manifest: { canary: pod(NEW), ...changes.manifest } }));
}

/** The release of 1.42.0 whose step `index` has landed, one step every 20 minutes since noon. */
export function rolloutInFlight(index: number, changes: Parameters<typeof inFlight>[1] = {}): Member {
  const { release: changed, at, manifest, ...rest } = changes;
  const step = STEPS[index];
  const begun = inFlight(0).at.release;
  if (step === undefined || begun === undefined) throw new RangeError(`The plan has no step ${index}.`);
  const target: Partial<TargetState> = {
    weight: step.weight,
    release: { ...begun, step: index, ...changed },
    ...at,
  };
  const landings = new Map(STEPS.slice(0, index + 1).map((landed) => [landed.index, landingOf(landed.index)]));
  return withPull(
    rollout({
      bump: BUMP,
      landings,
      changedAt: landingOf(index),
      beforePromotion: BUMP.before,
      ...rest,
      at: target,
      manifest: { weight: target.weight ?? NO_WEIGHT, canary: pod(NEW), ...manifest },
    }),
  );
}

function withPull(bare: Member): Member {
  const proposed = proposalOf(bare, HEAD)?.state;
  return proposed === undefined ? bare : { ...bare, pull: stepPull({ proposed }) };
}
