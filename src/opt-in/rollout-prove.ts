import type { TargetState } from "../core/state.ts";
import { NO_WEIGHT, weight as toWeight } from "../core/weight.ts";
import { canonicalData } from "../manifest/data.ts";
import type { Evaluated } from "../manifest/kustomize/evaluate.ts";
import { kindOf, nameOf, type Built } from "../manifest/kustomize/object.ts";
import { at, withAt } from "../manifest/kustomize/value.ts";
import { setImageTo } from "../manifest/layouts/place.ts";
import { readMember } from "../manifest/member.ts";
import { isBlueGreen, setPromotion } from "../manifest/routers/rollout-promotion.ts";
import { setSteps } from "../manifest/routers/rollout-steps.ts";
import type { Refusal } from "../yaml/refusal.ts";
import { otherVersion, running, sameIn } from "./found.ts";
import { placeIn, type Known } from "./known.ts";
import type { Code } from "./model.ts";
import { scalersOf, titleOf } from "./objects.ts";
import { difference } from "./proof.ts";
import { isPinned, isSame, unscaled } from "./rollout-scaler.ts";
import type { MadeRollout } from "./rollout-texts.ts";

type Wrong = { readonly code: Code; readonly refusal: Refusal };

function proof({ scene }: Known, found: string, why: string): Wrong {
  return { code: "proof", refusal: placeIn(scene.deployment, found, why) };
}

/** Of the first step: what is rendered afterwards is what was rendered before, and what is new. */
export function firstDoubt(facts: Known, made: MadeRollout): Wrong | undefined {
  const { scene, route } = facts;
  const after = scene.again(made.texts);
  const { added, gone, changed } = difference(scene.made, after);
  const scaler = ownScaler(facts);
  const [other] = [...gone, ...changed.filter((object) => ![route, scaler].some((one) => isSame(object, one)))];
  if (other !== undefined) return proof(facts, titleOf(other), "opting in would change it");
  if (added.length !== made.added) return proof(facts, `${added.length} new objects`, `opting in adds ${made.added}`);
  return scaledDoubt(facts, made, after);
}

/** Of the second: the Deployment has no pods, the Rollout has its number and is read as the state says, a bump and a weight are rendered, and nothing else differs. */
export function secondDoubt(facts: Known, made: MadeRollout, state: TargetState): Wrong | undefined {
  const { scene, route, which } = facts;
  const after = scene.again(made.texts);
  const { added, gone, changed } = difference(scene.made, after);
  const owned = [scene.deployment, which.beside, route, ownScaler(facts)];
  const [other] = [
    ...gone.filter((object) => made.scaler === undefined || object.path !== made.rollout.path),
    ...changed.filter((object) => !owned.some((one) => isSame(object, one))),
  ];
  if (other !== undefined) return proof(facts, titleOf(other), "the second step would change it");
  if (added.length !== made.added) return proof(facts, `${added.length} new objects`, `it adds ${made.added}`);
  return (
    podsDoubt(facts, made, after) ??
    scaledDoubt(facts, made, after) ??
    readDoubt(facts, made, state) ??
    weightDoubt(facts, made, { after, state }) ??
    bumpDoubt(facts, made, state)
  );
}

function rolloutIn({ objects }: Evaluated, { rollout }: MadeRollout): Built | undefined {
  return objects.find((object) => kindOf(object) === "Rollout" && nameOf(object) === rollout.name);
}

const REPLICAS = ["spec", "replicas"];

function podsDoubt(facts: Known, made: MadeRollout, after: Evaluated): Wrong | undefined {
  const { deployment } = facts.scene;
  const emptied = sameIn(after, deployment);
  if (canonicalData(withAt(deployment.value, REPLICAS, 0)) !== canonicalData(emptied?.value ?? null))
    return proof(facts, titleOf(deployment), "it is to have no pods, and to be the same otherwise");
  if (made.scaler !== undefined) return undefined;
  const replicas = at(rolloutIn(after, made)?.value, ...REPLICAS);
  const wanted = at(deployment.value, ...REPLICAS);
  const isRight = typeof replicas === "number" && replicas > 0 && (!made.hasReplicas || replicas === wanted);
  return isRight ? undefined : proof(facts, "the number of the Rollout's pods", "it is to be the Deployment's");
}

/** The autoscaler of a Deployment: beside a Rollout it gives all the pods that it may; then it scales the Rollout, and is otherwise as people have it. */
function scaledDoubt(facts: Known, made: MadeRollout, after: Evaluated): Wrong | undefined {
  const [was, run] = [ownScaler(facts), rolloutIn(after, made)];
  if (made.scaler === undefined || was === undefined) return undefined;
  const no = (why: string): Wrong => ({ code: "autoscaler", refusal: placeIn(was, titleOf(was), why) });
  if (run === undefined || at(run.value, ...REPLICAS) !== undefined)
    return no("the template gives the Rollout a number of pods of its own");
  const isSecond = facts.which.beside !== undefined;
  const by = scalersOf(after.objects, isSecond ? run : facts.scene.deployment).map(({ object }) => titleOf(object));
  const now = sameIn(after, was);
  const isKept = now !== undefined && canonicalData(unscaled(now)) === canonicalData(unscaled(was));
  if (isKept && by.join(" ") === titleOf(was) && (isSecond || isPinned(now, made.scaler))) return undefined;
  return no("another kustomization than the one that opting in changes has a say in it");
}

function ownScaler({ theirs, scene }: Known): Built | undefined {
  return scalersOf(theirs, scene.deployment)[0]?.object;
}

function readDoubt({ scene, which }: Known, { texts, rollout }: MadeRollout, state: TargetState): Wrong | undefined {
  const { manifests } = state;
  if (manifests.layout !== "rollout") return undefined;
  const paths = [manifests.workload, rollout.path, manifests.image?.path ?? manifests.workload];
  const files = new Map(paths.map((path) => [path, texts.get(path) ?? scene.read(path) ?? ""]));
  const member = readMember(files, state, which.service);
  if (member.kind === "err") return { code: "template", refusal: member.error };
  const { canary, stable, weight } = member.value;
  const isRight = canary.image === scene.image && stable.template === canary.template && weight === NO_WEIGHT;
  return isRight
    ? undefined
    : {
        code: "proof",
        refusal: placeIn(scene.deployment, "another version or weight", "it is read as it was written"),
      };
}

const HALF = toWeight(50);

type After = { readonly after: Evaluated; readonly state: TargetState };

/** A weight changes the Rollout alone. */
function weightDoubt(facts: Known, { rollout, texts }: MadeRollout, { after, state }: After): Wrong | undefined {
  const { scene } = facts;
  const { path } = rollout;
  const file = { path, text: texts.get(path) ?? "" };
  const moved = isBlueGreen(file, state)
    ? setPromotion(file, state, true)
    : setSteps(file, state, { from: NO_WEIGHT, to: HALF, runsOut: false });
  if (moved.kind === "err") return { code: "template", refusal: moved.error };
  const { added, gone, changed } = difference(after, scene.again(new Map([...texts, [path, moved.value]])));
  const isAlone = added.length + gone.length === 0 && changed.every((object) => object.path === path);
  return isAlone ? undefined : proof(facts, "a weight", "it is to change the Rollout alone");
}

/** A bump in an overlay changes what the Deployment says that pods run. */
function bumpDoubt(facts: Known, { texts }: MadeRollout, { manifests }: TargetState): Wrong | undefined {
  const { scene } = facts;
  const other = otherVersion(scene.image);
  const image = manifests.layout === "rollout" ? manifests.image : undefined;
  if (image === undefined || other === undefined) return undefined;
  const { path } = image;
  const bumped = setImageTo({ path, text: texts.get(path) ?? scene.read(path) ?? "" }, image, other);
  if (bumped.kind === "err") return { code: "proof", refusal: bumped.error };
  const now = sameIn(scene.again(new Map([...texts, [path, bumped.value]])), scene.deployment);
  const isReached = now !== undefined && running(now, other).length === running(scene.deployment, scene.image).length;
  return isReached ? undefined : proof(facts, "a bump", "it is to reach what the Rollout refers to");
}
