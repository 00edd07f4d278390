import type { Climb, Plan, Policy, Step } from "./plan.ts";
import { isMirrored, isTested } from "./ruled.ts";
import { NO_WEIGHT, WHOLE } from "./weight.ts";

/**
 * The ordered steps of a release of a blue/green Rollout: its beginning, with all of the new version's pods at weight 0, the switch, which is its promotion too,
 * and rest when the new version is proven by itself under all of the traffic and the old pods have gone.
 */
export function blueGreenPlanOf({ bakeMs }: Pick<Climb, "bakeMs">): Plan {
  const steps: readonly Omit<Step, "index" | "replicas">[] = [
    { kind: "begin", weight: NO_WEIGHT, judge: "seen", bakeMs: 0 },
    { kind: "promote", weight: WHOLE, judge: "ready", bakeMs },
    { kind: "rest", weight: NO_WEIGHT, judge: "alone", bakeMs },
  ];
  return { steps: steps.map((step, index) => ({ index, replicas: undefined, ...step })) };
}

/** Why a blue/green Rollout in a file cannot go by steps, a clause; undefined where it can. */
export function unswitchable(
  policy: Pick<Policy, "weights" | "testers" | "mirror" | "expedite">,
  path: string,
): string | undefined {
  const climbs = [policy.weights, ...(policy.expedite === undefined ? [] : [policy.expedite.weights])];
  const shared = climbs.flatMap((some) => (some.at(-1) === WHOLE ? [] : some.filter((share) => share > NO_WEIGHT)));
  const found = isMirrored(policy) ? "a mirror" : isTested(policy) ? "testers" : shared[0];
  if (found === undefined) return undefined;
  return `steps have ${found}, and the Rollout in ${path} switches all of its traffic at once: let its steps be [0, 100] (in services or waves of the configuration)`;
}
