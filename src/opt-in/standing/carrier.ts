import { kustomizationOf } from "../../manifest/kustomize/evaluate.ts";
import { kindOf, type Built } from "../../manifest/kustomize/object.ts";
import { folderOf, within } from "../../manifest/services/paths.ts";
import { rootKey, type Root } from "../../manifest/services/rendering.ts";
import type { Ground } from "../model.ts";
import { isWorkload } from "../objects.ts";
import type { Carrier, Standing } from "./model.ts";

/** The folder of another target that is rendered from the object's file. */
export function sharedBy(ground: Ground, { object, root }: Pick<Standing, "object" | "root">): string | undefined {
  return otherReader(ground, root, object.path)?.folder;
}

function otherReader({ inventory: { state } }: Ground, root: Root, path: string): Root | undefined {
  const own = rootKey(root);
  const found = [...state.made.values()].find(
    ({ rendering }) => rendering.reads.includes(path) && rootKey(rendering.root) !== own,
  );
  return found?.rendering.root;
}

/** Where an owned patch of an object of several targets is taken in: the kustomization that is delivered, if it is of this target alone. Undefined where the object's file is, and where there is none such. */
export function carrierOf(
  ground: Ground,
  standing: Pick<Standing, "object" | "root" | "made">,
  service: string,
): Carrier | undefined {
  const { root, made } = standing;
  if (root.kind !== "kustomization" || root.components.length > 0 || sharedBy(ground, standing) === undefined)
    return undefined;
  const path = kustomizationOf(ground.read, root.folder);
  const text = path === undefined ? undefined : ground.read(path);
  if (path === undefined || text === undefined || otherReader(ground, root, path) !== undefined) return undefined;
  const folder = folderFor(ground, folderOf(path), made.objects, service);
  const isShared = (file: string) => otherReader(ground, root, file) !== undefined;
  return { kustomization: { path, text }, folder, path: within(folderOf(path), folder), isShared };
}

const FOLDER = "tidegate";

/** As for Deployments that are split: a folder of the service's own where the kustomization has several workloads. */
function folderFor(
  { inventory: { listing } }: Ground,
  above: string,
  objects: readonly Built[],
  service: string,
): string {
  const isTaken = [...listing.keys()].some((path) => path.startsWith(`${within(above, FOLDER)}/`));
  const workloads = objects.filter((object) => isWorkload(object) && kindOf(object) !== "StatefulSet");
  return isTaken || workloads.length > 1 ? `${FOLDER}/${service}` : FOLDER;
}
