import type { Data } from "../manifest/data.ts";
import { nameOf, type Built } from "../manifest/kustomize/object.ts";
import { at, isMapping, textAt, withAt } from "../manifest/kustomize/value.ts";
import { isOfScaler, scalerOf, type Scaler } from "../manifest/layouts/handover-scaler.ts";
import type { OwnedKey } from "../manifest/layouts/kustomize.ts";
import type { Fleet } from "../manifest/services/model.ts";
import type { ObjectFact } from "../manifest/services/object-facts.ts";
import { on, placeIn, type Known } from "./known.ts";
import { documentsIn } from "./listed.ts";
import type { Ground, Refused, Wish } from "./model.ts";
import { scalersOf, titleOf } from "./objects.ts";
import { refused } from "./refused.ts";

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

/**
 * What gives the Deployment its number of pods from outside its own rendering. It would be left behind with a Deployment of no pods (at 0 an autoscaler is disabled),
 * and the Rollout with what git says, however many there are now.
 */
export function numberRefusals({ inventory }: Pick<Ground, "inventory">, facts: Known): readonly Refused[] {
  const { scene, theirs, which } = facts;
  const { deployment } = scene;
  const no = (place: Pick<Built, "path" | "line">, found: string, why: string) =>
    refused("autoscaler", which.target.name, { path: place.path, line: place.line, found, why }, TOGETHER);
  const elsewhere = scalersElsewhere(inventory, facts);
  if (elsewhere.length > 0)
    return elsewhere.map((one) =>
      no(
        one,
        `${one.kind} ${one.name}`,
        "it scales the Deployment and is not rendered with it, so it would stay behind",
      ),
    );
  const wanted = at(deployment.value, "spec", "replicas");
  if (scalersOf(theirs, deployment).length > 0) return [];
  if (typeof wanted !== "number")
    return [no(deployment, "no replicas", "something else says how many pods it has, and the Rollout would have 1")];
  const { beside } = which;
  const count = beside && at(beside.value, "spec", "replicas");
  if (beside === undefined || (typeof count === "number" && count >= wanted)) return [];
  const why = `the Deployment has ${wanted} by now, and the Rollout would take their requests before it has as many`;
  const found = placeIn(beside, `${titleOf(beside)} with ${typeof count === "number" ? count : "no"} replicas`, why);
  return [
    refused("no-pods", which.target.name, found, `write replicas: ${wanted} there, and go on once they are ready`),
  ];
}

const TOGETHER =
  "let one kustomization render the Deployment with its replicas or with its HorizontalPodAutoscaler, which is then handed over; or choose a template whose weight Tidegate writes into the route: stable keeps its autoscaler there";

/** Autoscalers in files that are not read for the rendering; those of another target's Deployment of the same name are its own. */
function scalersElsewhere(
  { fleet, state }: Ground["inventory"],
  { overlay, which, name, namespace }: Known,
): readonly ObjectFact[] {
  const rendered = new Set(overlay.placed.reads);
  const found = [...state.facts.values()]
    .flatMap(({ objects }) => objects)
    .filter(
      ({ path, holds, ...object }) =>
        holds.kind === "autoscaler" &&
        holds.scales.kind === "Deployment" &&
        holds.scales.name === name &&
        (object.namespace ?? namespace) === namespace &&
        !rendered.has(path),
    );
  return found.filter(({ path }) => !isOfAnother(fleet, which, { path, name }));
}

type Scaling = Pick<ObjectFact, "path" | "name">;

function isOfAnother({ services }: Fleet, { target }: Known["which"], { path, name }: Scaling): boolean {
  return services.some(({ targets }) =>
    targets.some(
      (other) =>
        other !== target &&
        other.reads.includes(path) &&
        other.workloads.some((one) => one.kind === "Deployment" && one.name === name),
    ),
  );
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
