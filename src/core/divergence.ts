import { gatesOf, leapOf } from "./flagger.ts";
import type { CanaryGates } from "./manifest.ts";
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
  /** Copies of requests go to the canary, of another part of them in each of the two. */
  | { readonly kind: "mirror" }
  /** The gates of a Canary of Flagger's stand otherwise, and the weight is as it should be; or its list lacks the weight that there is. */
  | { readonly kind: "gates" }
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
    mirrorDivergence(member) ??
    stableDivergence(member) ??
    planDivergence(member) ??
    originDivergence(member)
  );
}

function weightDivergence({ at, manifest, plan }: Seen): Divergence | undefined {
  const { weight: from, release } = at;
  const to = manifest.weight;
  const leap = release && leapOf({ at, manifest });
  if (leap !== undefined) return { kind: "gates", what: leap };
  if (to === from) return gatesDivergence({ at, manifest });
  const sender = at.manifests.layout === "rollout" ? steering(manifest) : "route sends";
  const what = `the ${sender} ${to}% to the canary, the state says ${from}%`;
  if (release === undefined) return { kind: "orphan", weight: to, what };
  const climbing = plan.steps.filter(climbs);
  const isClimbing = climbing.some(({ index }) => index === release.step);
  const step = isClimbing ? climbing.find(({ weight }) => weight === to) : undefined;
  // What a switch has moved is not moved back by closing it again.
  if (to < from) return { kind: "lowered", from, to, step: movesDown(manifest) ? step : undefined, what };
  return step === undefined ? { kind: "offPlan", to, what } : { kind: "raised", from, to, step, what };
}

/** A switch that is closed, and a list of Flagger's that gets shorter, leave the weight where it is. */
function movesDown({ blueGreen, flagger }: Seen["manifest"]): boolean {
  return blueGreen !== true && flagger === undefined;
}

/** Where the weight is as it should be and a Canary's gates are not. */
function gatesDivergence({ at, manifest }: Pick<Seen, "at" | "manifest">): Divergence | undefined {
  const isFalling = at.release?.aborting !== undefined;
  const wanted = isFalling ? "back" : gatesOf(at);
  if (manifest.flagger === undefined || manifest.flagger === wanted) return undefined;
  // So a way back leaves them that has nothing of Flagger's to take back.
  if (isFalling && manifest.flagger === "rest") return undefined;
  const what = `the Canary's hooks are those of ${GATES[manifest.flagger]}, and the state has it at ${GATES[wanted]}`;
  return { kind: "gates", what };
}

const GATES: Readonly<Record<CanaryGates, string>> = {
  rest: "rest",
  back: "a way back",
  begin: "a beginning",
  weight: "a weight",
  promotion: "a promotion",
};

function steering({ blueGreen, flagger }: Seen["manifest"]): string {
  if (flagger !== undefined) return "Canary's gates send";
  return blueGreen === true ? "Rollout's switch sends" : "Rollout's steps send";
}

function testersDivergence({ at, manifest }: Seen): Divergence | undefined {
  const [inRoute, inState] = [manifest.testers === true, at.testers === true];
  if (inRoute === inState) return undefined;
  const who = inRoute
    ? "the route sends testers to the canary, the state does not"
    : "the state sends testers to the canary, the route does not";
  return { kind: "testers", what: who };
}

function mirrorDivergence({ at, manifest }: Seen): Divergence | undefined {
  const [inRoute, inState] = [manifest.mirror ?? 0, at.mirror ?? 0];
  if (inRoute === inState) return undefined;
  return {
    kind: "mirror",
    what: `the route mirrors ${inRoute}% of the requests to the canary, the state says ${inState}%`,
  };
}

function stableDivergence({ at, manifest }: Seen): Divergence | undefined {
  if (manifest.stable.image === at.stable) return undefined;
  return { kind: "stable", what: `stable runs ${manifest.stable.image}, the state says ${at.stable}` };
}

function planDivergence(seen: Seen): Divergence | undefined {
  // A way back leaves the plan.
  if (seen.at.release?.aborting !== undefined) return undefined;
  const what = apartFromPlan(seen);
  return what === undefined ? undefined : { kind: "plan", what: `${what}; ${CHANGED}` };
}

function apartFromPlan({ at, plan }: Seen): string | undefined {
  const { weight, release } = at;
  const step = release && plan.steps[release.step];
  const planned = release === undefined ? NO_WEIGHT : step?.weight;
  if (planned !== weight)
    return `the plan has ${planned === undefined ? "no step" : `${planned}%`} where the state has ${weight}%`;
  return (
    besidesApart(step, at) ??
    (step === undefined || isAsFar(step, at)
      ? undefined
      : "the plan and the state differ on whether stable has the new version")
  );
}

/** By what no weight says. */
function besidesApart(
  { kind, mirror = 0 }: Partial<Pick<Step, "kind" | "mirror">> = {},
  at: Seen["at"],
): string | undefined {
  if ((kind === "testers") !== (at.testers === true))
    return "the plan and the state differ on whether testers alone go to the canary";
  const { mirror: stated = 0 } = at;
  return mirror === stated ? undefined : `the plan mirrors ${mirror}% of the requests where the state has ${stated}%`;
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
