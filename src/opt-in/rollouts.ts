import { isName, name } from "../core/names.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { ImagePlace, RolloutFiles, TargetState } from "../core/state.ts";
import { NO_WEIGHT } from "../core/weight.ts";
import { nameOf } from "../manifest/kustomize/object.ts";
import { readTemplate, templateOf } from "../manifest/layouts/rollout.ts";
import type { Converted } from "./convert.ts";
import { known, ownedFolder, unbumped } from "./facts.ts";
import { bumpPlace } from "./found.ts";
import { canaryOf, on, type Known, type Which } from "./known.ts";
import type { Ground, Refused, Wish } from "./model.ts";
import type { Overlay } from "./overlay.ts";
import { handoverRefusals } from "./rollout-judge.ts";
import { firstDoubt, secondDoubt } from "./rollout-prove.ts";
import { remarksOnRollout } from "./rollout-remarks.ts";
import { rolloutTexts, type MadeRollout } from "./rollout-texts.ts";

/**
 * Hands the pods of a target's Deployment over to an owned Rollout, in two steps: the first sets the Rollout beside the Deployment, the second lets it steer and takes the
 * Deployment's pods. One of them, whichever is next.
 */
export function handOver(
  ground: Ground,
  { overlay, which }: { readonly overlay: Overlay; readonly which: Which },
  wish: Wish,
): Result<Converted, readonly Refused[]> {
  const found = known(overlay, which, wish);
  if (found.kind === "err") return found;
  const facts = found.value;
  const bumped = bumpPlace(facts.scene);
  if (bumped.kind !== "place") return err([unbumped(facts, bumped)]);
  const against = handoverRefusals(ground, facts, { place: bumped.place, wish });
  if (against.length > 0) return err(against);
  const made = rolloutTexts(facts, wish);
  if (made.kind === "err") return made;
  const state = stateOf(facts, made.value, bumped.place);
  if (state.kind === "err") return err([on(facts, "image", state.error)]);
  const isSecond = which.beside !== undefined;
  const wrong = isSecond ? secondDoubt(facts, made.value, state.value) : firstDoubt(facts, made.value);
  if (wrong !== undefined) return err([on(facts, wrong.code, wrong.refusal)]);
  return ok({
    target: name(which.target.name),
    texts: made.value.texts,
    isChart: false,
    owned: [ownedFolder(overlay, which)],
    claims: [],
    at: isSecond ? state.value : undefined,
    remarks: remarksOnRollout(facts, made.value),
    instance: made.value.instance,
  });
}

/** What the state says of a Rollout that refers to the Deployment; refused where the pod template cannot be read in the Deployment's file. */
function stateOf(
  facts: Known,
  { rollout, hasServices }: MadeRollout,
  place: ImagePlace,
): Result<TargetState, Parameters<typeof on>[2]> {
  const { scene, namespace, which, service, name: own } = facts;
  const workload = scene.deployment.path;
  const files: Omit<RolloutFiles, "stableTemplate"> = {
    layout: "rollout",
    rollout: rollout.path,
    workload,
    ...(place.path === workload ? {} : { image: place }),
  };
  const texts = new Map([workload, place.path].map((path) => [path, scene.read(path) ?? ""]));
  const run = readTemplate(texts, files, templateOf({ deployment: own }, { namespace }, which.service));
  if (run.kind === "err") return run;
  const stable = nameOf(service);
  const canary = name(canaryOf(facts));
  return ok({
    namespace,
    manifests: { ...files, stableTemplate: run.value.template },
    arms: hasServices && isName(stable) ? { canary, stable, by: "service" } : { canary, stable: own, by: "workload" },
    weight: NO_WEIGHT,
    stable: scene.image,
    release: undefined,
  });
}
