import type { Data } from "../manifest/data.ts";
import { nameOf, type Built } from "../manifest/kustomize/object.ts";
import { at, isMapping, textAt, withAt } from "../manifest/kustomize/value.ts";
import { isOfScaler, scalerOf, type Scaler } from "../manifest/layouts/handover-scaler.ts";
import type { OwnedKey } from "../manifest/layouts/kustomize.ts";
import { on, placeIn, type Known } from "./known.ts";
import { documentsIn } from "./listed.ts";
import type { Ground, Refused, Wish } from "./model.ts";
import { scalersOf, titleOf } from "./objects.ts";

/** The autoscaler that is to scale the Rollout instead of the Deployment; undefined where there is none. */
export function scalerFor({ theirs, scene }: Known): Scaler | undefined {
  const [first] = scalersOf(theirs, scene.deployment);
  return first && scalerOf(first.object);
}

/** Autoscalers of the Deployment that cannot be handed over with its pods. */
export function scalerRefusals(facts: Known, { template: { drive } }: Wish): readonly Refused[] {
  const all = scalersOf(facts.theirs, facts.scene.deployment);
  const no = (object: Built, why: string) => on(facts, "autoscaler", placeIn(object, titleOf(object), why));
  const isByPods = drive.kind === "rollout" && drive.strategy === "canary" && drive.router === undefined;
  return all.flatMap(({ object }, index) => {
    if (index > 0) return [no(object, "another one scales the Deployment too")];
    if (scalerOf(object) === undefined)
      return [no(object, "only a HorizontalPodAutoscaler with a number of maxReplicas can be handed over")];
    return isByPods ? [no(object, "pods alone would make the share, and it would change their number")] : [];
  });
}

/** An autoscaler but for what the two steps change of it. */
export function unscaled({ value }: Built): Data {
  return withAt(withAt(value, ["spec", "minReplicas"], undefined), ["spec", "scaleTargetRef"], undefined);
}

/** Whether an autoscaler gives what it scales one number of pods. */
export function isPinned({ value }: Built, { most }: Scaler): boolean {
  return at(value, "spec", "minReplicas") === most;
}

/** The lists of a kustomization that a step enters something in: what is done last comes with the first one where an autoscaler is held still meanwhile. */
export function entered(step: "first" | "second", scaler: Scaler | undefined): readonly OwnedKey[] {
  if (scaler !== undefined) return step === "first" ? ["resources", "transformers"] : [];
  return step === "first" ? ["resources"] : ["transformers"];
}

type Done = { readonly object: Built | undefined; readonly scaler: Scaler | undefined };

/** The autoscaler to which something is done last, by what opting in has written. */
export function scalerDone({ read }: Pick<Ground, "read">, owned: string, objects: readonly Built[]): Done {
  const done = documentsIn(read, `${owned}arms.yaml`).filter((data) => isMapping(data) && isOfScaler(data));
  const names = new Set(done.map((data) => textAt(data, "target", "name")));
  const object = objects.find((one) => scalerOf(one) !== undefined && names.has(nameOf(one)));
  return { object, scaler: object && scalerOf(object) };
}

/** Whether two objects are one of two renderings. */
export function isSame(object: Built, other: Built | undefined): boolean {
  return other !== undefined && titleOf(object) === titleOf(other);
}
