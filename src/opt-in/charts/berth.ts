import { canonicalData } from "../../manifest/data.ts";
import { evaluate, kustomizationOf, objectsOf, type Read } from "../../manifest/kustomize/evaluate.ts";
import { kindOf, nameOf, type Built } from "../../manifest/kustomize/object.ts";
import { at, isMapping, withAt } from "../../manifest/kustomize/value.ts";
import { withOwnedEntries } from "../../manifest/layouts/kustomize.ts";
import { folderOf, isUnder, within } from "../../manifest/services/paths.ts";
import type { TextFile } from "../../yaml/refusal.ts";
import { sourcesIn } from "../listed.ts";
import type { Ground } from "../model.ts";
import { refuseAt, refuseFile } from "./release.ts";

/** Where another object goes so that what delivers one delivers it too: beside it in a folder that is applied as it is, or in a list of a kustomization. */
export type Berth = { readonly folder: string; readonly kustomization: string | undefined };

/** Throws Refused where nothing in the repository says what applies the object. */
export function berthOf(ground: Ground, object: Built): Berth {
  const { inventory, read } = ground;
  const made = [...inventory.state.made.values()];
  for (const { rendering, by } of made) {
    const { root } = rendering;
    if (root.kind === "kustomization" && rendering.reads.includes(object.path))
      return inKustomization(listing(ground, root.folder, object));
    const folder = folderOf(object.path);
    const isIn =
      root.kind === "folder" && (root.folder === folder || (root.isRecursive && isUnder(folder, root.folder)));
    if (!isIn || by.length === 0) continue;
    const narrowed = by.find((one) =>
      sourcesIn(read, one.by.path, one.by.name).some((source) => narrows(at(source, "directory"))),
    );
    if (narrowed !== undefined)
      refuseAt(object, `directory of ${narrowed.by.name}`, "whether it takes another file is not known here");
    return { folder, kustomization: undefined };
  }
  return refuseAt(
    object,
    `what applies this ${kindOf(object)}`,
    "nothing in the repository says it, so a second one beside it might never be applied",
  );
}

function narrows(directory: ReturnType<typeof at>): boolean {
  return isMapping(directory) && Object.keys(directory).some((key) => key !== "recurse");
}

function inKustomization(kustomization: string): Berth {
  return { folder: within(folderOf(kustomization), "tidegate"), kustomization };
}

/** The kustomization of the object's own folder, or the one that is delivered. Throws Refused where it does not leave the object as it is written. */
export function listing({ inventory: { state }, read }: Ground, root: string, object: Built): string {
  const path = kustomizationOf(read, folderOf(object.path)) ?? kustomizationOf(read, root);
  const isSame = (one: Built) =>
    one.path === object.path && kindOf(one) === kindOf(object) && nameOf(one) === nameOf(object);
  const rendered = evaluate(read, root).objects.find(isSame);
  const written = objectsOf(read, object.path).objects.find(isSame);
  const bare = ({ value }: Built) => canonicalData(withAt(value, ["metadata", "namespace"], undefined));
  const isLeft = rendered !== undefined && written !== undefined && bare(rendered) === bare(written);
  const readers = [...state.made.values()].filter(
    ({ rendering: { reads } }) => path !== undefined && reads.includes(path),
  );
  if (readers.length > 1)
    refuseAt(
      object,
      `a kustomization that ${readers.length} others read`,
      "what is added to it would be added to each of them",
    );
  if (path !== undefined && isLeft) return path;
  return refuseAt(object, "a kustomization that changes it", "what it would make of a second one is not known here");
}

/** The file of another object there. */
export function pathAt({ folder }: Berth, name: string): string {
  return within(folder, `${name}.yaml`);
}

/** The texts of another object. Throws Refused where the kustomization cannot be edited. */
export function berthed(berth: Berth, read: Read, { path, text }: TextFile): ReadonlyMap<string, string> {
  if (read(path) !== undefined) refuseFile({ path, text: "" }, path, "it is there already");
  const { kustomization } = berth;
  if (kustomization === undefined) return new Map([[path, text]]);
  const file = { path: kustomization, text: read(kustomization) ?? "" };
  return new Map([
    [path, text],
    [kustomization, withOwnedEntries(file, entryOf(kustomization, path), ["resources"])],
  ]);
}

/** What a kustomization calls a file below it. */
export function entryOf(kustomization: string, path: string): string {
  const folder = folderOf(kustomization);
  return folder === "" ? path : path.slice(folder.length + 1);
}
