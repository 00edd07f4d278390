import { climbs, type Step } from "./plan.ts";
import type { Member } from "./snapshot.ts";
import { NO_WEIGHT, type Weight } from "./weight.ts";

/** How git contradicts itself. Manifests beat the state: where they differ, somebody has had a hand in it. `what` says it in words. */
export type Divergence = { readonly what: string } & (
  | {
      readonly kind: "lowered";
      readonly from: Weight;
      readonly to: Weight;
      /** The step that the release would go back to; undefined where the plan has none at that weight. */
      readonly step: Step | undefined;
    }
  | { readonly kind: "raised"; readonly from: Weight; readonly to: Weight; readonly step: Step }
  /** A weight that the plan does not have. */
  | { readonly kind: "offPlan"; readonly to: Weight }
  /** A weight without a release. */
  | { readonly kind: "orphan"; readonly weight: Weight }
  /** Testers go to the canary alone in one of the two. */
  | { readonly kind: "testers" }
  | { readonly kind: "stable" }
  /** The configured steps were changed under way. */
  | { readonly kind: "plan" }
  /** The commit that brought the version is not on the tracked branch any more. */
  | { readonly kind: "origin" }
);

type Seen = Pick<Member, "at" | "manifest" | "plan" | "bump">;

/** How git contradicts itself about a member; undefined where it does not. */
export function divergence(member: Seen): Divergence | undefined {
  return (
    weightDivergence(member) ??
    testersDivergence(member) ??
    stableDivergence(member) ??
    planDivergence(member) ??
    originDivergence(member)
  );
}

function weightDivergence({ at, manifest, plan }: Seen): Divergence | undefined {
  const { weight: from, release } = at;
  const to = manifest.weight;
  if (to === from) return undefined;
  const sender = at.manifests.layout === "rollout" ? "Rollout's steps send" : "route sends";
  const what = `the ${sender} ${to}% to the canary, the state says ${from}%`;
  if (release === undefined) return { kind: "orphan", weight: to, what };
  const climbing = plan.steps.filter(climbs);
  const isClimbing = climbing.some(({ index }) => index === release.step);
  const step = isClimbing ? climbing.find(({ weight }) => weight === to) : undefined;
  if (to < from) return { kind: "lowered", from, to, step, what };
  return step === undefined ? { kind: "offPlan", to, what } : { kind: "raised", from, to, step, what };
}

function testersDivergence({ at, manifest }: Seen): Divergence | undefined {
  const [inRoute, inState] = [manifest.testers === true, at.testers === true];
  if (inRoute === inState) return undefined;
  const who = inRoute
    ? "the route sends testers to the canary, the state does not"
    : "the state sends testers to the canary, the route does not";
  return { kind: "testers", what: who };
}

function stableDivergence({ at, manifest }: Seen): Divergence | undefined {
  if (manifest.stable.image === at.stable) return undefined;
  return { kind: "stable", what: `stable runs ${manifest.stable.image}, the state says ${at.stable}` };
}

function planDivergence({ at, plan }: Seen): Divergence | undefined {
  const { weight, release } = at;
  // A way back leaves the plan.
  if (release?.aborting !== undefined) return undefined;
  const step = release && plan.steps[release.step];
  const planned = release === undefined ? NO_WEIGHT : step?.weight;
  const said = planned === undefined ? "no step" : `${planned}%`;
  if (planned !== weight)
    return { kind: "plan", what: `the plan has ${said} where the state has ${weight}%; ${CHANGED}` };
  if ((step?.kind === "testers") !== (at.testers === true))
    return {
      kind: "plan",
      what: `the plan and the state differ on whether testers alone go to the canary; ${CHANGED}`,
    };
  if (step === undefined || isAsFar(step, at)) return undefined;
  return { kind: "plan", what: `the plan and the state differ on whether stable has the new version; ${CHANGED}` };
}

const CHANGED = "the steps were changed under way";

/**
 * A step from promotion on has stable on the release's image, one before it has not; where the image stays the same, neither tells.
 * Of an Argo Rollout it is recorded with the end of the release, and the weight of promotion is no other step's.
 */
function isAsFar({ kind }: Step, { release, stable, manifests }: Seen["at"]): boolean {
  if (manifests.layout === "rollout" || release === undefined || release.image === release.from) return true;
  return (kind === "promote" || kind === "drain") === (stable === release.image);
}

function originDivergence({ at: { release }, bump }: Seen): Divergence | undefined {
  if (release === undefined || bump !== undefined) return undefined;
  const what = `the commit ${release.commit.slice(0, 10)} that brought ${release.image} is not on the tracked branch any more`;
  return { kind: "origin", what };
}
