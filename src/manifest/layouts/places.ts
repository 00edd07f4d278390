import { createHash } from "node:crypto";
import type { Change } from "../../core/change.ts";
import type { Image } from "../../core/image.ts";
import type { Manifest, Workload } from "../../core/manifest.ts";
import { ok, type Result } from "../../core/result.ts";
import type { ImagePlace, Place, Places, TargetState } from "../../core/state.ts";
import { unreachable } from "../../core/unreachable.ts";
import type { Weight } from "../../core/weight.ts";
import type { Refusal, TextFile } from "../../yaml/refusal.ts";
import { ROUTERS } from "../routers/drive.ts";
import type { RouteOf, Router } from "../routers/router.ts";
import { readMirror } from "../routers/mirrors.ts";
import { readTesters, setShare, type Wanted } from "../routers/testers.ts";
import { VALUES } from "../routers/values.ts";
import { withFile } from "../with-file.ts";
import type { Edit, Material } from "./edit.ts";
import { readCountAt, readImageAt, setCountTo, setImageTo } from "./place.ts";

/** A member whose arms are rendered by Kustomize or Helm, and whose facts are single scalars. */
export type PlacesAt = Pick<TargetState, "arms" | "namespace"> & { readonly manifests: Places };

type Texts = ReadonlyMap<string, string>;

const MOST_REPLICAS = 100_000;
const DIGITS = 16;

/**
 * What the places of a member say; `texts` by path, where a file that is missing is a refusal.
 * The templates' digests are of the images alone: whatever else the pods have is rendered for both arms from the same files.
 */
export function readPlaces(texts: Texts, at: PlacesAt): Result<Manifest, Refusal> {
  const { manifests } = at;
  const weight = readWeight(texts, at);
  if (weight.kind === "err") return weight;
  const canary = readArm(texts, manifests, "canary");
  if (canary.kind === "err") return canary;
  const stable = readArm(texts, manifests, "stable");
  if (stable.kind === "err") return stable;
  const { router, of } = routeOf(at);
  const testers = withFile(texts, manifests.weight.path, (file) => readTesters(router, file, of));
  if (testers.kind === "err") return testers;
  const mirror = withFile(texts, manifests.weight.path, (file) => readMirror(router, file, of));
  if (mirror.kind === "err") return mirror;
  const sent = { weight: weight.value, ...testers.value, ...mirror.value };
  return ok({ ...sent, canary: canary.value, stable: stable.value });
}

/** What a change is in the places of a member: each edit sets one scalar, or the scalars of one image. */
export function placeEdits(material: Material, change: Change, at: PlacesAt): readonly Edit[] {
  const { weight, testers, mirror, canaryReplicas: replicas } = change;
  const { canaryReplicas } = at.manifests;
  const edits: readonly (Edit | undefined)[] = [
    weight === undefined ? undefined : weightEdit(at, { weight, testers, mirror }),
    stableEdit(material, change, at.manifests),
    canaryEdit(material, change, at.manifests),
    replicas === undefined || canaryReplicas === undefined
      ? undefined
      : { path: canaryReplicas.path, work: (file) => setCountTo(file, canaryReplicas, replicas, MOST_REPLICAS) },
  ];
  return edits.filter((edit) => edit !== undefined);
}

function readWeight(texts: Texts, at: PlacesAt): Result<Weight, Refusal> {
  const { router, of } = routeOf(at);
  return withFile(texts, at.manifests.weight.path, (file) => router.read(file, of));
}

function weightEdit(at: PlacesAt, wanted: Wanted): Edit {
  const { router, of } = routeOf(at);
  return { path: at.manifests.weight.path, work: (file) => setShare(router, file, of, wanted) };
}

function routeOf({ manifests: { weight }, ...of }: PlacesAt): { readonly router: Router; readonly of: RouteOf } {
  if (weight.kind === "values") return { router: VALUES, of: { ...of, destinations: undefined, at: weight.at } };
  return { router: ROUTERS[weight.router], of: { ...of, destinations: weight.destinations } };
}

function readArm(texts: Texts, places: Places, arm: "canary" | "stable"): Result<Workload, Refusal> {
  const image = imageAt(texts, places[arm]);
  if (image.kind === "err") return image;
  const replicas = readReplicas(texts, arm === "canary" ? (places.canaryReplicas ?? 0) : places.stableReplicas);
  if (replicas.kind === "err") return replicas;
  return ok({
    deployment: places.workloads[arm],
    container: places.container,
    replicas: replicas.value,
    image: image.value,
    template: digestOf(image.value),
    besides: digestOf(""),
  });
}

function readReplicas(texts: Texts, place: Place | number): Result<number, Refusal> {
  if (typeof place === "number") return ok(place);
  return withFile(texts, place.path, (file) => readCountAt(file, place, MOST_REPLICAS));
}

function imageAt(texts: Texts, place: ImagePlace): Result<Image, Refusal> {
  return withFile(texts, place.path, (file) => readImageAt(file, place));
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, DIGITS);
}

function stableEdit({ files, older }: Material, { stableTemplate }: Change, places: Places): Edit | undefined {
  const { canary, stable } = places;
  switch (stableTemplate?.kind) {
    case undefined:
      return undefined;
    case "fromCanary":
      return { path: stable.path, work: (file) => setFrom(file, stable, imageAt(files, canary)) };
    case "asAt":
      return { path: stable.path, work: (file) => setFrom(file, stable, imageAt(given(stable, older.stable), stable)) };
    default:
      return unreachable(stableTemplate);
  }
}

// What stands there now is taken back only where it is what was aborted; else it is somebody's newer word, and stays.
function canaryEdit(material: Material, { canaryTemplate }: Change, places: Places): Edit | undefined {
  if (canaryTemplate === undefined) return undefined;
  const { canary } = places;
  const work = (file: TextFile): Result<string, Refusal> => {
    const now = readImageAt(file, canary);
    if (now.kind === "err") return now;
    if (now.value !== canaryTemplate.aborted.image) return ok(file.text);
    return setFrom(file, canary, givenBack(material, canaryTemplate.kind, places));
  };
  return { path: canary.path, work };
}

/** The image that the canary is given. */
function givenBack(
  { files, older }: Material,
  kind: NonNullable<Change["canaryTemplate"]>["kind"],
  { canary, stable }: Places,
): Result<Image, Refusal> {
  switch (kind) {
    case "asAt":
      return imageAt(given(canary, older.canary), canary);
    case "asStable":
      return imageAt(files, stable);
    case "asStableAt":
      return imageAt(given(stable, older.stable), stable);
    default:
      return unreachable(kind);
  }
}

function setFrom(file: TextFile, place: ImagePlace, image: Result<Image, Refusal>): Result<string, Refusal> {
  return image.kind === "err" ? image : setImageTo(file, place, image.value);
}

function given({ path }: Place, text: string | undefined): Texts {
  return new Map(text === undefined ? [] : [[path, text]]);
}
