import { err, ok, type Result } from "../../core/result.ts";
import type { Claim, ImagePlace, Place, WeightPlace } from "../../core/state.ts";
import { readImages } from "../../manifest/images/read.ts";
import { isMapping, withAt, type Values } from "../../manifest/kustomize/value.ts";
import { ownedText } from "../../manifest/layouts/owned-text.ts";
import { CANARY_VALUES, ownedValues, STABLE_VALUES } from "../../manifest/layouts/values.ts";
import { folderOf, within } from "../../manifest/services/paths.ts";
import type { Instance } from "../../template/model.ts";
import { attempt, type Refusal } from "../../yaml/refusal.ts";
import { on, placeIn, type Arms } from "../known.ts";
import type { Refused, Wish } from "../model.ts";
import { entryOf, filesOf, instanceOf, claimOf, weightIn, type CanaryArm } from "../texts.ts";
import type { Pods } from "./pods.ts";
import type { Bringer, Owned } from "./release.ts";

/** What the two releases are made of. */
export type Split = Arms & {
  readonly bringer: Bringer;
  /** With a slash. */
  readonly folder: string;
  readonly bump: ImagePlace;
  readonly pods: Pods;
  readonly canary: CanaryArm;
};

/** What a target gets. */
export type MadeChart = {
  readonly texts: ReadonlyMap<string, string>;
  readonly owned: readonly string[];
  readonly stable: ImagePlace;
  readonly canaryReplicas: Place;
  readonly instance: Instance;
  readonly weight: WeightPlace;
  readonly claim: Claim | undefined;
};

/** The texts of both releases, and of the template's objects. */
export function chartTexts(split: Split, wish: Wish): Result<MadeChart, readonly Refused[]> {
  const { bringer, canary, folder, pods } = split;
  const pin = pinOf(split);
  if (pin.kind === "err") return err([on(split, "image-places", pin.error)]);
  const instance = instanceOf(split, canary, wish);
  if (instance.kind === "err") return instance;
  const entered = entryOf(split, canary.service, wish);
  if (entered.kind === "err") return err([on(split, "route", entered.error)]);
  const named = (object: Values): Values => {
    const next = bringer.namesNamespace ? withAt(object, ["metadata", "namespace"], split.namespace) : object;
    return isMapping(next) ? next : object;
  };
  const objects = filesOf(split, instance.value, { entered: entered.value, named }).map(({ path, text }) => ({
    path: `${folder}${path}`,
    text,
  }));
  const joined = entered.value?.joined === undefined ? [] : [entered.value.joined];
  const weight = weightIn(split, [...joined, ...objects], canary.service, wish);
  if (weight === undefined)
    return err([
      on(
        split,
        "template",
        placeIn(split.scene.deployment, wish.template.name, "it makes no route whose weight could be moved"),
      ),
    ]);
  const owned: Owned = {
    folder,
    stable: { path: `${folder}${STABLE_VALUES}`, text: pin.value.text },
    canary: { path: `${folder}${CANARY_VALUES}`, text: ownedText(pods.values) },
    objects,
  };
  const written = attempt(() => bringer.write(owned));
  if (written.kind === "err") return err([on(split, "overlay", written.error)]);
  const all = [...joined, owned.stable, owned.canary, ...objects].map(({ path, text }) => [path, text] as const);
  return ok({
    texts: new Map([...all, ...written.value.texts]),
    owned: [folder, ...written.value.besides],
    stable: pin.value.at,
    canaryReplicas: { path: owned.canary.path, at: pods.at },
    instance: instance.value,
    weight,
    claim: joined[0] && claimOf(split, joined[0]),
  });
}

type Pinned = { readonly text: string; readonly at: ImagePlace };

function pinOf({ bump, scene, folder }: Split): Result<Pinned, Refusal> {
  const file = { path: bump.path, text: scene.read(bump.path) ?? "" };
  const site = readImages(file, { read: () => undefined, list: () => [] }).sites.find(({ where }) => where === bump.at);
  if (site === undefined) throw new RangeError("What people bump is there.");
  const values = ownedValues(file, site, {
    stable: `${folder}${STABLE_VALUES}`,
    canary: `${folder}${CANARY_VALUES}`,
    replicas: undefined,
  });
  if (values.kind === "err") return values;
  const { text, at } = values.value.stable;
  return ok({ text, at: { ...at, image: bump.image } });
}

/** The folder of the owned files, with a slash: where no other release has one there, else one of the service and target. */
export function ownedFolderOf({ beside }: Bringer, others: readonly string[], called: string): string {
  const isShared = others.some(
    (path) => folderOf(path) === beside || path.startsWith(`${within(beside, "tidegate")}/`),
  );
  return `${within(beside, isShared ? `tidegate/${called}` : "tidegate")}/`;
}
