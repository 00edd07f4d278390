import type { TargetState } from "../core/state.ts";
import { NO_WEIGHT, weight as toWeight } from "../core/weight.ts";
import { isLocal } from "../manifest/kustomize/generate.ts";
import { kindOf, nameOf } from "../manifest/kustomize/object.ts";
import { at } from "../manifest/kustomize/value.ts";
import { selects } from "../manifest/layouts/arm-labels.ts";
import { setImageTo } from "../manifest/layouts/place.ts";
import { readMember } from "../manifest/member.ts";
import { ROUTERS } from "../manifest/routers/drive.ts";
import type { Evaluated } from "../manifest/kustomize/evaluate.ts";
import type { Refusal } from "../yaml/refusal.ts";
import { otherVersion, running, sameIn } from "./found.ts";
import { placeIn, type Arms, type Known } from "./known.ts";
import type { Code } from "./model.ts";
import { podLabels, selectorOf } from "./objects.ts";
import { difference } from "./proof.ts";
import type { Made } from "./texts.ts";

type Wrong = { readonly code: Code; readonly refusal: Refusal };

/** What is rendered afterwards is what was rendered before and the canary's objects, and a bump reaches the canary alone; else what is wrong. */
export function doubts(facts: Known, made: Made, state: TargetState): Wrong | undefined {
  const { scene } = facts;
  const { texts, opted } = made;
  const proof = (found: string, why: string): Wrong => ({
    code: "proof",
    refusal: placeIn(scene.deployment, found, why),
  });
  const after = scene.again(texts);
  const { added, gone, changed } = difference(scene.made, after);
  const joined = facts.route !== undefined && made.claim !== undefined ? sameIn(after, facts.route) : undefined;
  const [other] = [...gone, ...changed.filter((object) => object !== joined)];
  if (other !== undefined) return proof(`${kindOf(other)} ${nameOf(other)}`, "opting in would change it");
  if (added.length !== made.added) return proof(`${added.length} new objects`, `opting in adds ${made.added}`);
  const canary = after.objects.find(
    (object) => kindOf(object) === "Deployment" && nameOf(object) === opted.canary.rendered,
  );
  if (canary === undefined || isLocal(canary)) return proof("no canary", "opting in makes one");
  if (at(canary.value, "spec", "replicas") !== 0) return proof("a canary with pods", "at rest it has none");
  if (running(canary, scene.image).length !== running(scene.deployment, scene.image).length)
    return proof("a canary of another version", "at rest it has stable's");
  const caught = scene.made.objects.find(
    (object) => kindOf(object) === "Service" && selects(selectorOf(object), podLabels(canary)),
  );
  if (caught !== undefined) return proof(`Service ${nameOf(caught)}`, "it would select the canary's pods");
  const read = readBack(facts, made.texts, state);
  if (read !== undefined) return { code: "proof", refusal: read };
  return bumpDoubt(facts, made, state) ?? weightDoubt(facts, made, { after, state });
}

/** What is written is read as the state says it; else what is not. */
export function readBack(
  { scene, which }: Arms,
  texts: ReadonlyMap<string, string>,
  state: TargetState,
): Refusal | undefined {
  const { manifests } = state;
  if (manifests.layout !== "places") return undefined;
  const { canary, stable, weight, canaryReplicas, stableReplicas } = manifests;
  const paths = [
    canary,
    stable,
    weight,
    ...(canaryReplicas === undefined ? [] : [canaryReplicas]),
    ...(typeof stableReplicas === "number" ? [] : [stableReplicas]),
  ];
  const files = new Map(
    paths.flatMap(({ path }) => {
      const text = texts.get(path) ?? scene.read(path);
      return text === undefined ? [] : [[path, text] as const];
    }),
  );
  const member = readMember(files, state, which.service);
  if (member.kind === "err") return member.error;
  const { canary: one, stable: other, weight: share } = member.value;
  if (one.image === scene.image && other.image === scene.image && share === NO_WEIGHT && one.replicas === 0)
    return undefined;
  return placeIn(scene.deployment, "another version, weight or number of pods", "it is read as it was written");
}

function bumpDoubt({ scene }: Known, { texts, opted }: Made, { manifests }: TargetState): Wrong | undefined {
  const other = otherVersion(scene.image);
  if (manifests.layout !== "places" || other === undefined) return undefined;
  const { path } = manifests.canary;
  const bumped = setImageTo({ path, text: texts.get(path) ?? scene.read(path) ?? "" }, manifests.canary, other);
  const why = "a bump is to reach the canary and not stable";
  if (bumped.kind === "err") return { code: "proof", refusal: bumped.error };
  const after = scene.again(new Map([...texts, [path, bumped.value]]));
  const stable = sameIn(after, scene.deployment);
  const canary = after.objects.find(
    (object) => kindOf(object) === "Deployment" && nameOf(object) === opted.canary.rendered,
  );
  const isRight =
    stable !== undefined &&
    canary !== undefined &&
    running(stable, other).length === 0 &&
    running(stable, scene.image).length === running(scene.deployment, scene.image).length &&
    running(canary, other).length === running(scene.deployment, scene.image).length;
  return isRight ? undefined : { code: "proof", refusal: placeIn(scene.deployment, "a bump", why) };
}

const HALF = toWeight(50);

/** A weight that is written is rendered, and nothing else differs by it. */
function weightDoubt(
  { scene }: Known,
  { texts, weight }: Made,
  { after, state }: { readonly after: Evaluated; readonly state: TargetState },
): Wrong | undefined {
  const file = { path: weight.path, text: texts.get(weight.path) ?? "" };
  const { namespace, arms } = state;
  const moved = ROUTERS[weight.router].set(file, { namespace, arms, destinations: undefined }, HALF);
  if (moved.kind === "err") return { code: "route", refusal: moved.error };
  const { added, gone, changed } = difference(after, scene.again(new Map([...texts, [file.path, moved.value]])));
  if (added.length + gone.length === 0 && changed.length > 0 && changed.every(({ path }) => path === file.path))
    return undefined;
  return {
    code: "route",
    refusal: { path: file.path, line: 1, found: "its weight", why: "what is written there is not what is rendered" },
  };
}
