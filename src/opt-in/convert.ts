import { name, type Name } from "../core/names.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { Claim, Places, TargetState, WeightPlace } from "../core/state.ts";
import { NO_WEIGHT } from "../core/weight.ts";
import { kindOf, nameOf, type Built } from "../manifest/kustomize/object.ts";
import { canaryLabels, type Labels } from "../manifest/layouts/arm-labels.ts";
import type { OptedIn } from "../manifest/layouts/kustomize.ts";
import type { Instance } from "../template/model.ts";
import { known, ownedFolder, unbumped } from "./facts.ts";
import { bumpPlace, replicasPlace } from "./found.ts";
import { on, type Known, type Which } from "./known.ts";
import type { Refused, Remark, Wish } from "./model.ts";
import { isKnative, isWorkload, podLabels, scalersOf, selectorOf } from "./objects.ts";
import type { Overlay } from "./overlay.ts";
import { doubts } from "./prove.ts";
import { remarksOn } from "./remarks.ts";
import { mostReplicas, ownedTexts } from "./texts.ts";

/** One target of a service, converted. */
export type Converted = {
  readonly target: Name;
  readonly texts: ReadonlyMap<string, string>;
  /** It runs by two releases of a chart. */
  readonly isChart: boolean;
  /** What a controller follows already is claimed as it stands. */
  readonly isStanding?: true;
  /** Folders, with a slash, and files. */
  readonly owned: readonly string[];
  /** What releases write in a route of people's. */
  readonly claims: readonly Claim[];
  /** Undefined where a second step is to come. */
  readonly at: TargetState | undefined;
  readonly remarks: readonly Remark[];
  readonly instance: Instance;
};

/** Splits the workload of a target, and proves by rendering that nothing else differs. */
export function convert(overlay: Overlay, which: Which, wish: Wish): Result<Converted, readonly Refused[]> {
  const found = known(overlay, which, wish);
  if (found.kind === "err") return found;
  const canary = bumpPlace(found.value.scene);
  if (canary.kind !== "place") return err([unbumped(found.value, canary)]);
  const labels = labelsFor(found.value, wish);
  const made = ownedTexts(found.value, labels, wish);
  if (made.kind === "err") return made;
  const { texts, opted, instance, weight, claim } = made.value;
  const state = stateOf(found.value, { opted, canary: canary.place, weight });
  const wrong = doubts(found.value, made.value, state);
  if (wrong !== undefined) return err([on(found.value, wrong.code, wrong.refusal)]);
  return ok({
    target: name(which.target.name),
    texts,
    isChart: false,
    owned: [ownedFolder(overlay, which)],
    claims: claim === undefined ? [] : [claim],
    at: state,
    remarks: remarksOn(found.value, labels),
    instance,
  });
}

/** What the canary's pods are selected by: all that stable's are, since others may share a part of that (`app: shop`), and another value of what tells them from stable's. Knative's pods have labels of its own. */
function labelsFor({ scene }: Known, { template }: Wish): Labels {
  const { deployment, made } = scene;
  if (isKnative(deployment)) return {};
  // App Mesh starts no pod that two of its nodes select.
  const byNodes = template.drive.router === "VirtualRouter";
  const isTold = (object: Built) =>
    kindOf(object) === "Service" || isWorkload(object) || (byNodes && kindOf(object) === "VirtualNode");
  const selectors = made.objects.filter(isTold).map(selectorOf);
  return { ...selectorOf(deployment), ...canaryLabels(podLabels(deployment), selectors) };
}

type Placing = { readonly opted: OptedIn; readonly canary: Places["canary"]; readonly weight: WeightPlace };

function stateOf({ scene, service, container, ...facts }: Known, { opted, canary, weight }: Placing): TargetState {
  const isScaled = scalersOf(scene.made.objects, scene.deployment).length > 0;
  const manifests: Places = {
    layout: "places",
    canary,
    stable: opted.stable,
    weight,
    canaryReplicas: opted.canaryReplicas,
    stableReplicas: isKnative(scene.deployment)
      ? 0
      : ((isScaled ? undefined : replicasPlace(scene)) ?? mostReplicas(scene)),
    workloads: { canary: opted.canary.rendered, stable: facts.name },
    container,
  };
  return {
    namespace: facts.namespace,
    manifests,
    arms: { canary: opted.canary.rendered, stable: name(nameOf(service)), by: "service" },
    weight: NO_WEIGHT,
    stable: scene.image,
    release: undefined,
  };
}
