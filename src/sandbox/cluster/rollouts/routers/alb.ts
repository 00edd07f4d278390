import { edited } from "../../json.ts";
import type { Rollout } from "../../kinds/rollout.ts";
import type { RolloutRouter } from "../../kinds/rollout-routing.ts";
import { changed, keyOf } from "../../live-objects.ts";
import type { LiveObjects } from "../../live-objects.ts";

type Alb = Extract<RolloutRouter, { kind: "alb" }>;

/** Writes the weights into the forward action of the Ingresses: JSON in the annotation that is named by the root Service, or by stable's. */
export function albWritten(
  objects: LiveObjects,
  { namespace, services }: Rollout,
  { router, weight }: { readonly router: Alb; readonly weight: number },
): LiveObjects {
  const annotation = `alb.ingress.kubernetes.io/actions.${router.action ?? services.stable ?? ""}`;
  const group = (name: string | undefined, share: number) => ({
    ServiceName: name,
    ServicePort: String(router.port),
    Weight: share,
  });
  const groups = [group(services.canary, weight), group(services.stable, 100 - weight)];
  const action = JSON.stringify({ Type: "forward", ForwardConfig: { TargetGroups: groups } });
  return router.ingresses.reduce(
    (live, name) =>
      changed(live, keyOf({ kind: "Ingress", namespace, name }), (manifest) =>
        edited(manifest, ["metadata", "annotations", annotation], () => action),
      ),
    objects,
  );
}
