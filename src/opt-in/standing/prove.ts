import type { Image } from "../../core/image.ts";
import { filesOf } from "../../core/manifests.ts";
import { NO_WEIGHT } from "../../core/weight.ts";
import { canonicalData, type Data } from "../../manifest/data.ts";
import type { Evaluated } from "../../manifest/kustomize/evaluate.ts";
import { kindOf, nameOf, type Built } from "../../manifest/kustomize/object.ts";
import { at, textAt, withAt } from "../../manifest/kustomize/value.ts";
import { readMember } from "../../manifest/member.ts";
import type { Refusal } from "../../yaml/refusal.ts";
import { sameIn } from "../found.ts";
import { placeIn } from "../known.ts";
import { documentsIn } from "../listed.ts";
import type { Code } from "../model.ts";
import { titleOf } from "../objects.ts";
import { difference } from "../proof.ts";
import type { Standing, Steered } from "./model.ts";

type Doubt = { readonly code: Code; readonly refusal: Refusal; readonly advice?: string };

/** What is rendered afterwards is what was rendered before, but for what is claimed; a weight is rendered, and what is written is read as the state says it. Else what is wrong. */
export function standingDoubt(standing: Standing, steered: Steered, image: Image): Doubt | undefined {
  const after = standing.again(steered.texts);
  return (
    unlikeItsFile(standing, steered) ??
    claimedAlone(standing, steered, after) ??
    weightDoubt(standing, steered, after) ??
    readBack(standing, steered, image)
  );
}

const PATCHED = "move what patches say of it into its own file: releases are read there";

/** What the controller goes by must be what the object's file says: nobody else's word is looked at later. */
function unlikeItsFile({ object, made, read }: Standing, { writes }: Steered): Doubt | undefined {
  const written = documentsIn(read, object.path).find(
    (data) => textAt(data, "kind") === kindOf(object) && textAt(data, "metadata", "name") === nameOf(object),
  );
  const is = specOf(sameIn(made, object)?.value, writes);
  if (is !== undefined && is === specOf(written, writes)) return undefined;
  const refusal = placeIn(object, titleOf(object), "what is rendered of it differs from what its file says");
  return { code: "standing", refusal, advice: PATCHED };
}

const OTHERS = [
  ["spec", "template"],
  ["spec", "replicas"],
];

/** The spec without the pod template, the number of pods, and what releases write. */
function specOf(data: Data | undefined, writes: Steered["writes"]): string | undefined {
  if (data === undefined) return undefined;
  const bare = OTHERS.reduce((rest, path) => withAt(rest, path, undefined), besides(data, writes));
  const spec = at(bare, "spec");
  return spec === undefined ? undefined : canonicalData(spec);
}

function besides(data: Data, { keys }: Steered["writes"]): Data {
  return keys.reduce((rest, key) => withAt(rest, key.split("."), undefined), data);
}

function claimedAlone(
  { object, made, read }: Standing,
  { texts, writes }: Steered,
  after: Evaluated,
): Doubt | undefined {
  const { added, gone, changed } = difference(made, after);
  const now = sameIn(after, object);
  const [other] = [...added, ...gone, ...changed.filter((one) => one !== now)];
  const isSame =
    now !== undefined && canonicalData(besides(now.value, writes)) === canonicalData(besides(object.value, writes));
  if (other !== undefined || !isSame) return proof(other ?? object, "opting in would change it");
  const written = documentsIn((path) => texts.get(path) ?? read(path), writes.path).find(
    (data) => textAt(data, "kind") === kindOf(object),
  );
  const unlike = writes.keys.find((key) => said(now.value, key) !== said(written, key));
  if (unlike === undefined) return undefined;
  const refusal = placeIn(object, unlike, "what its file says there is not what is rendered");
  return { code: "standing", refusal, advice: PATCHED };
}

function said(data: Data | undefined, path: string): string | undefined {
  const value = at(data, ...path.split("."));
  return value === undefined ? undefined : canonicalData(value);
}

function weightDoubt({ object, again }: Standing, { moved }: Steered, after: Evaluated): Doubt | undefined {
  const { added, gone, changed } = difference(after, again(moved));
  const isAlone = added.length + gone.length === 0 && changed.length === 1;
  const isIt = changed.every((one) => titleOf(one) === titleOf(object));
  return isAlone && isIt ? undefined : proof(object, "a weight is to change it alone");
}

function readBack({ read, which, object }: Standing, { texts, at: state }: Steered, image: Image): Doubt | undefined {
  const files = new Map(filesOf(state.manifests).map((path) => [path, texts.get(path) ?? read(path) ?? ""]));
  const member = readMember(files, state, which.service);
  if (member.kind === "err") return { code: "standing", refusal: member.error };
  const { canary, stable, weight, ratio } = member.value;
  if (ratio !== undefined && ratio.replicas !== at(object.value, "spec", "replicas")) {
    const refusal = placeIn(object, "another number of pods", "pods make the share, and its file says another number");
    return { code: "standing", refusal, advice: PATCHED };
  }
  const isRight = canary.image === image && stable.template === canary.template && weight === NO_WEIGHT;
  return isRight ? undefined : proof(object, "another version or weight is read than was written");
}

function proof(object: Built, why: string): Doubt {
  return { code: "proof", refusal: placeIn(object, titleOf(object), why) };
}
