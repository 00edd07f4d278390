import { bumpedIn } from "../../core/manifests.ts";
import { err, ok, type Result } from "../../core/result.ts";
import type { RolloutFiles, TargetState } from "../../core/state.ts";
import { nameOf, type Built } from "../../manifest/kustomize/object.ts";
import { textAt, type Values } from "../../manifest/kustomize/value.ts";
import type { Claimed } from "../../manifest/layouts/claim.ts";
import type { Strategy } from "../../manifest/layouts/rollout-spec.ts";
import { withOwnedEntries } from "../../manifest/layouts/kustomize.ts";
import { ownedText } from "../../manifest/layouts/owned-text.ts";
import { REST_LIST } from "../../manifest/routers/rollout-steps.ts";
import { within } from "../../manifest/services/paths.ts";
import { attempt, type Refusal } from "../../yaml/refusal.ts";
import { placeIn } from "../known.ts";
import type { Carrier, Standing, Steered } from "./model.ts";

/** What releases write in a Rollout. */
export const KEYS: { readonly [strategy in Strategy]: string } = {
  canary: "spec.strategy.canary.steps",
  blueGreen: "spec.strategy.blueGreen.autoPromotionEnabled",
};

/** The files of a Rollout that is steered; `weighed` is the one that releases write. */
export type RolloutWritten = Pick<Steered, "texts" | "claims" | "owned" | "at"> & { readonly weighed: string };

/** A target that a Rollout runs. */
export type RolloutState = TargetState & { readonly manifests: RolloutFiles };

export function isRolloutState(at: TargetState | undefined): at is RolloutState {
  return at?.manifests.layout === "rollout";
}

type Wrong = { readonly refusal: Refusal; readonly advice?: string };

/** The Rollout's own file, with what is claimed in it at rest. */
export function inPlace(object: Built, { rollout, state }: Claimed, at: TargetState): RolloutWritten {
  return { texts: new Map([[object.path, rollout]]), claims: state.claims, owned: [], at, weighed: object.path };
}

/** An owned patch over a Rollout that several targets have: what releases write of it in this one. */
export function patched(
  { object, read }: Standing,
  { kustomization, folder, path, isShared }: Carrier,
  { at, strategy }: { readonly at: RolloutState; readonly strategy: Strategy },
): Result<RolloutWritten, Wrong> {
  if (isShared(bumpedIn(at.manifests))) {
    const found = "its version, in a file of several targets";
    return err({
      refusal: placeIn(object, found, "what is taken back in one of them would be in all"),
      advice: BUMPED,
    });
  }
  const entered = attempt(() => withOwnedEntries(kustomization, folder, ["transformers"]));
  if (entered.kind === "err") return err({ refusal: entered.error });
  const [patch, arms] = [within(path, "rollout.yaml"), within(path, "arms.yaml")];
  const name = nameOf(object);
  const transformer = {
    apiVersion: "builtin",
    kind: "PatchTransformer",
    metadata: { name: `${name}-weight` },
    path: `${folder}/rollout.yaml`,
    target: { group: "argoproj.io", kind: "Rollout", name },
  };
  const texts = new Map([
    [kustomization.path, entered.value],
    [patch, ownedText(patchOf(object.value, name, strategy))],
    [arms, ownedText(transformer)],
  ]);
  const manifests = { ...at.manifests, rollout: patch, of: object.path };
  return [patch, arms].some((one) => read(one) !== undefined)
    ? err({ refusal: { path: patch, line: 1, found: "a file that is there", why: "opting in would write it" } })
    : ok({ texts, claims: [], owned: [`${path}/`], at: { ...at, manifests }, weighed: patch });
}

const BUMPED = "put the version into images: of each target's kustomization";

function patchOf(object: Values, name: string, strategy: Strategy): Values {
  const said: Values =
    strategy === "canary" ? { canary: { steps: REST_LIST } } : { blueGreen: { autoPromotionEnabled: false } };
  const apiVersion = textAt(object, "apiVersion") ?? "";
  return { apiVersion, kind: "Rollout", metadata: { name }, spec: { strategy: said } };
}
