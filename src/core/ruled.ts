import type { Manifest } from "./manifest.ts";
import type { Policy } from "./plan.ts";

type Ruled = Pick<Policy, "testers" | "mirror" | "expedite">;

/** What steps need of a route that it lacks, a clause; `route` is what it is called. */
export function unruled(
  policy: Ruled,
  route: string,
  manifest: Pick<Manifest, "testers" | "mirror">,
): string | undefined {
  if (isTested(policy) && manifest.testers === undefined)
    return `steps have testers, and ${route} has no rule for them: write one with both arms, stable at 100 and the canary at 0, that asks for a header, before the rule for everybody, or what a kind of route without such rules has instead (docs/routers.md#testers)`;
  if (isMirrored(policy) && manifest.mirror === undefined)
    return `steps have a mirror, and ${route} has none to the canary: write one of 0% into the rule with both arms, of an HTTPRoute, a GRPCRoute or a VirtualService (docs/routers.md#mirrors)`;
  return undefined;
}

/** Whether some releases send testers to the canary alone. */
export function isTested({ testers, expedite }: Ruled): boolean {
  return testers === true || expedite?.testers === true;
}

/** Whether some releases send copies of requests to the canary. */
export function isMirrored({ mirror, expedite }: Ruled): boolean {
  return (mirror ?? expedite?.mirror) !== undefined;
}
