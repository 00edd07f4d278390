import { kindOf, nameOf, namespaceOf } from "../manifest/kustomize/object.ts";
import { at, textAt } from "../manifest/kustomize/value.ts";
import type { Known } from "./known.ts";
import type { Remark } from "./model.ts";
import { isBeside, scalersOf, servicesOf, titleOf } from "./objects.ts";
import { ofConnection, ofListing, type Say } from "./remarks.ts";
import type { MadeRollout } from "./rollout-texts.ts";

/** What whoever reviews one of the two steps is to know of a target. */
export function remarksOnRollout(known: Known, made: MadeRollout): readonly Remark[] {
  const { scene, which, overlay, service, theirs } = known;
  const { deployment } = scene;
  const say: Say = (says, { path, line } = deployment) => ({ target: which.target.name, path, line, says });
  const isSecond = which.beside !== undefined;
  return [
    ...(overlay.isNew ? ofListing(known, say) : []),
    ...(namespaceOf(deployment) === undefined && which.target.namespace === undefined
      ? [say(`nothing says its namespace, which is taken to be ${known.namespace}: --namespace says another`)]
      : []),
    ...(isSecond ? ofSecond(known, made, say) : ofFirst(known, made, say)),
    ...servicesOf(theirs, deployment)
      .filter((one) => made.hasServices && one !== service)
      .map((one) =>
        say(
          `Service ${nameOf(one)} selects the pods of both arms: what calls it gets the canary by the number of pods, whatever the weight is`,
          one,
        ),
      ),
    ...(made.hasServices ? theirs.filter((object) => isBeside(object, deployment)) : []).flatMap((object) =>
      ofConnection(object, service, say),
    ),
  ];
}

function ofFirst(known: Known, { rollout, scaler }: MadeRollout, say: Say): readonly Remark[] {
  const { deployment } = known.scene;
  const count = scaler?.most ?? at(deployment.value, "spec", "replicas");
  return [
    say(
      `this is the first of two steps: the Rollout ${rollout.name} runs ${typeof count === "number" ? count : 1} pods of the same version beside those of the Deployment, and Service ${nameOf(known.service)} sends to all of them; there must be room for both, and a bump rolls both as it rolls the Deployment now`,
    ),
    ...scalersOf(known.theirs, deployment).map(({ object, most }) =>
      say(
        `${titleOf(object)} gives the Deployment its ${most} pods until the second step, so that either has enough for all requests whenever the other goes`,
        object,
      ),
    ),
    say(
      "when all pods of the Rollout are ready, opt in again: the second step takes those of the Deployment. Have a look that it has no fewer than the Deployment has in the cluster: where something that is not in this repository scales the Deployment, it would not scale the Rollout",
    ),
  ];
}

function ofSecond(known: Known, { rollout, hasReplicas, scaler }: MadeRollout, say: Say): readonly Remark[] {
  const { route, service, scene, theirs } = known;
  const at = { path: rollout.path, line: 1 };
  return [
    say(`merge it when all pods of the Rollout ${rollout.name} are ready: the Deployment has none from then on`, at),
    ...(scaler === undefined
      ? [
          hasReplicas
            ? say("its number of pods goes on being written where it is: it is rendered as the Rollout's")
            : say(`the number of pods is that of ${rollout.path} from then on`, at),
        ]
      : scalersOf(theirs, scene.deployment).map(({ object }) =>
          say(
            `${titleOf(object)} is rendered to scale the Rollout ${rollout.name} from then on; let what syncs take the owned HorizontalPodAutoscaler ${rollout.name}-beside away (prune), or the Rollout keeps all the pods that it may have`,
            object,
          ),
        )),
    ...(route !== undefined && kindOf(route) !== "Ingress"
      ? [
          say(
            `the Rollout's controller writes the weights of ${kindOf(route)} ${nameOf(route)} in the cluster: let what syncs ignore them, and respect that (docs/rollouts.md)`,
            route,
          ),
        ]
      : []),
    ...(textAt(service.value, "spec", "sessionAffinity") === "ClientIP"
      ? [
          say(
            `Service ${nameOf(service)} keeps clients with a pod (sessionAffinity), which the canary's does not`,
            service,
          ),
        ]
      : []),
  ];
}
