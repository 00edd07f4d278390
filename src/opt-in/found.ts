import { isImage, partsOf, type Image } from "../core/image.ts";
import type { ImagePlace, Place } from "../core/state.ts";
import { evaluate, type Evaluated, type Read } from "../manifest/kustomize/evaluate.ts";
import { groupOf, kindOf, nameOf, namespaceOf, type Built } from "../manifest/kustomize/object.ts";
import { at, itemsOf, textAt } from "../manifest/kustomize/value.ts";
import { readImages } from "../manifest/images/read.ts";
import { readCountAt, setCountTo, setImageTo } from "../manifest/layouts/place.ts";
import { isTemplate } from "../manifest/services/facts.ts";
import { documentsIn } from "./listed.ts";
import { containersOf } from "./objects.ts";

/** What is rendered of a workload, and how it is rendered again with other texts. */
export type Scene = {
  /** A Deployment, or a Knative Service. */
  readonly deployment: Built;
  readonly container: string;
  readonly image: Image;
  readonly made: Evaluated;
  readonly read: Read;
  readonly again: (texts: ReadonlyMap<string, string>) => Evaluated;
};

/** How a root is rendered with some texts in place of what is there. */
export function renderer(
  read: Read,
  { folder, components }: { readonly folder: string; readonly components: readonly string[] },
): Scene["again"] {
  return (texts) => evaluate((path) => texts.get(path) ?? read(path), folder, components);
}

/** The same object in another rendering. */
export function sameIn({ objects }: Evaluated, one: Built): Built | undefined {
  return objects.find(
    (object) =>
      kindOf(object) === kindOf(one) &&
      groupOf(object) === groupOf(one) &&
      nameOf(object) === nameOf(one) &&
      namespaceOf(object) === namespaceOf(one),
  );
}

/** The containers that run an image. */
export function running(
  deployment: Built,
  image: string,
): readonly { readonly list: "containers" | "initContainers"; readonly name: string }[] {
  return containersOf(deployment).flatMap(({ list, name, data }) =>
    textAt(data, "image") === image ? [{ list, name }] : [],
  );
}

/** Where people bump: the place by which all containers that run the image get another version at once; `some` where a bump there is one of a part of them, `none` where no file says it. */
export type BumpPlace =
  | { readonly kind: "place"; readonly place: ImagePlace }
  | { readonly kind: "some"; readonly place: Place }
  | { readonly kind: "none" };

/** Found by trying: each place of that version is given another one, and what is rendered is looked at. */
export function bumpPlace(scene: Scene): BumpPlace {
  const other = otherVersion(scene.image);
  const places = other === undefined ? [] : versionPlaces(scene).map((place) => ({ place, other }));
  let partly: Place | undefined;
  for (const { place, other: version } of places) {
    const reach = reachOf(scene, place, version);
    if (reach === "all") return { kind: "place", place };
    if (reach === "some") partly ??= place;
  }
  return partly === undefined ? { kind: "none" } : { kind: "some", place: partly };
}

/** Every place in the files that are read where the image's version is written. */
function versionPlaces({ image, made, read }: Scene): readonly ImagePlace[] {
  const name = partsOf(image)?.name ?? image;
  const version = image.slice(name.length + 1);
  const files = made.reads.flatMap((path) => {
    const text = read(path);
    // Any folder may be called as that of a chart's templates; what Helm writes anew has its marks.
    const isWritten = text?.includes(version.split("@").at(-1) ?? version) === true;
    return text === undefined || !isWritten || (isTemplate(path) && text.includes("{{")) ? [] : [{ path, text }];
  });
  return files.flatMap((file) =>
    readImages(file, { read: () => undefined, list: () => [] }).sites.flatMap((site) =>
      site.version === version
        ? [{ path: file.path, at: site.where, image: site.image === name ? undefined : name }]
        : [],
    ),
  );
}

/** Which of the containers that run the image a bump at a place reaches. */
function reachOf({ image, deployment, again, read }: Scene, place: ImagePlace, other: Image): "all" | "some" | "none" {
  const text = setImageTo({ path: place.path, text: read(place.path) ?? "" }, place, other);
  if (text.kind === "err") return "none";
  const bumped = sameIn(again(new Map([[place.path, text.value]])), deployment);
  const count = bumped === undefined ? 0 : running(bumped, other).length;
  if (count === 0) return "none";
  return count === running(deployment, image).length ? "all" : "some";
}

/** The same image in a version that nobody has. */
export function otherVersion(image: Image): Image | undefined {
  const parts = partsOf(image);
  if (parts === undefined) return undefined;
  const { name, tag, digest } = parts;
  const next = [
    tag === undefined ? "" : `:${tag.slice(0, LONGEST_TAG)}-x`,
    digest === undefined ? "" : `@${digest.slice(0, -1)}${digest.endsWith("0") ? "1" : "0"}`,
  ].join("");
  const other = `${name}${next}`;
  return isImage(other) ? other : undefined;
}

const LONGEST_TAG = 120;
const MOST_REPLICAS = 100_000;

/** Where stable's replicas are written, if one number anywhere says them: the last word first. */
export function replicasPlace({ deployment, made, read, again }: Scene): Place | undefined {
  const count = at(deployment.value, "spec", "replicas");
  if (typeof count !== "number") return undefined;
  return candidates(deployment, made, read).find((place) => {
    const file = { path: place.path, text: read(place.path) ?? "" };
    const now = readCountAt(file, place, MOST_REPLICAS);
    if (now.kind === "err" || now.value !== count) return false;
    const text = setCountTo(file, place, count + 1, MOST_REPLICAS);
    if (text.kind === "err") return false;
    const next = sameIn(again(new Map([[file.path, text.value]])), deployment);
    return at(next?.value, "spec", "replicas") === count + 1;
  });
}

function candidates(deployment: Built, { reads }: Evaluated, read: Read): readonly Place[] {
  const names = new Set([nameOf(deployment), ...deployment.before.map(({ name }) => name)]);
  return reads.flatMap((path) =>
    documentsIn(read, path).flatMap((data): readonly Place[] => {
      const kind = textAt(data, "kind");
      const listed = itemsOf(at(data, "replicas")).flatMap((entry) => textAt(entry, "name") ?? []);
      const counts = listed.filter((name) => names.has(name)).map((name) => ({ path, at: `replicas[${name}].count` }));
      if (kind !== "Deployment" || at(data, "spec", "replicas") === undefined) return counts;
      const [name, namespace] = [textAt(data, "metadata", "name") ?? "", textAt(data, "metadata", "namespace")];
      return names.has(name)
        ? [{ path, at: `Deployment ${namespace === undefined ? name : `${namespace}/${name}`} spec.replicas` }]
        : counts;
    }),
  );
}
