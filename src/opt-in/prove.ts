import type { TargetState } from "../core/state.ts";
import { NO_WEIGHT, weight as toWeight } from "../core/weight.ts";
import { canonicalData, type Data } from "../manifest/data.ts";
import { isLocal } from "../manifest/kustomize/generate.ts";
import { kindOf, nameOf, type Built } from "../manifest/kustomize/object.ts";
import { at } from "../manifest/kustomize/value.ts";
import { selects } from "../manifest/layouts/arm-labels.ts";
import { setImageTo } from "../manifest/layouts/place.ts";
import { readMember } from "../manifest/member.ts";
import { ROUTERS } from "../manifest/routers/drive.ts";
import type { Evaluated } from "../manifest/kustomize/evaluate.ts";
import type { Refusal } from "../yaml/refusal.ts";
import { otherVersion, running, sameIn, type Scene } from "./found.ts";
import { placeIn, type Arms, type Known } from "./known.ts";
import { exposed } from "./knative.ts";
import type { Code } from "./model.ts";
import { isKnative, podLabels, selectorOf } from "./objects.ts";
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
  const canary = canaryIn(after, facts, opted);
  if (canary === undefined || isLocal(canary)) return proof("no canary", "opting in makes one");
  const open = exposed(added, scene.deployment);
  if (open !== undefined) return { code: "template", refusal: open };
  const odd = oddIn(canary, scene);
  if (odd !== undefined) return proof(...odd);
  const caught = scene.made.objects.find(
    (object) => kindOf(object) === "Service" && !isKnative(object) && selects(selectorOf(object), podLabels(canary)),
  );
  if (caught !== undefined) return proof(`Service ${nameOf(caught)}`, "it would select the canary's pods");
  const read = readBack(facts, made.texts, state);
  if (read !== undefined) return { code: "proof", refusal: read };
  return bumpDoubt(facts, made, state) ?? weightDoubt(facts, made, { after, state });
}

/** The canary's workload. */
function canaryIn({ objects }: Evaluated, { scene }: Known, { canary }: Made["opted"]): Built | undefined {
  const kind = isKnative(scene.deployment) ? "Configuration" : "Deployment";
  return objects.find((object) => kindOf(object) === kind && nameOf(object) === canary.rendered);
}

function templateOf({ value }: Built): Data {
  return at(value, "spec", "template") ?? {};
}

/** What a canary at rest has otherwise than it should, and why not. */
function oddIn(canary: Built, { deployment, image }: Scene): readonly [found: string, why: string] | undefined {
  const isCopy = canonicalData(templateOf(canary)) === canonicalData(templateOf(deployment));
  if (isKnative(canary)) return isCopy ? undefined : ["another pod template of the canary", "at rest it has stable's"];
  if (at(canary.value, "spec", "replicas") !== 0) return ["a canary with pods", "at rest it has none"];
  return running(canary, image).length === running(deployment, image).length
    ? undefined
    : ["a canary of another version", "at rest it has stable's"];
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

function bumpDoubt(facts: Known, { texts, opted }: Made, { manifests }: TargetState): Wrong | undefined {
  const { scene } = facts;
  const other = otherVersion(scene.image);
  if (manifests.layout !== "places" || other === undefined) return undefined;
  const { path } = manifests.canary;
  const bumped = setImageTo({ path, text: texts.get(path) ?? scene.read(path) ?? "" }, manifests.canary, other);
  const why = "a bump is to reach the canary and not stable";
  if (bumped.kind === "err") return { code: "proof", refusal: bumped.error };
  const after = scene.again(new Map([...texts, [path, bumped.value]]));
  const stable = sameIn(after, scene.deployment);
  const canary = canaryIn(after, facts, opted);
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
