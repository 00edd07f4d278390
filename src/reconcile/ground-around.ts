import type { Sha } from "../core/names.ts";
import { GITMODULES } from "../manifest/kustomize/absent.ts";
import type { Inventory } from "../manifest/services/inventory.ts";
import { folderOf, isUnder } from "../manifest/services/paths.ts";
import { placesOfTarget } from "../manifest/services/placed.ts";
import type { Ground } from "../opt-in/model.ts";
import type { Addition } from "../policy/additions.ts";
import { settle, Unforeseen } from "./opt-ground.ts";
import type { Eyes } from "./scene.ts";

/** A commit, and what it delivers. */
export type Seen = { readonly commit: Sha; readonly inventory: Inventory };

/** What is told of a service at a commit by all that opting it in asks for; undefined where a file that nobody foresaw is in the way. */
export async function toldOf<T>(
  { git }: Pick<Eyes, "git">,
  { commit, inventory }: Seen,
  addition: Addition,
  tell: (ground: Ground) => T,
): Promise<T | undefined> {
  const links = await git.links(commit, "");
  const reading = { inventory, texts: new Map(), likely: filesAround(inventory, addition) };
  try {
    return await settle({ head: commit, eyes: { git } }, reading, (read) =>
      tell({ inventory, read, links, revision: commit }),
    );
  } catch (failure) {
    if (failure instanceof Unforeseen) return undefined;
    throw failure;
  }
}

/** What opting in nearly always asks for: what is rendered, what delivers it, and what lies beside these. */
function filesAround(inventory: Inventory, { service, targets }: Addition): readonly string[] {
  const places = targets.flatMap((target) => placesOfTarget(inventory, service, target));
  const roots = places.map(({ root }) => root.folder).filter((folder) => folder !== "");
  const reads = targets.flatMap((target) => target.reads);
  const by = places.flatMap((place) => place.by.map((delivery) => delivery.by.path));
  const folders = new Set(reads.map(folderOf));
  const near = [...inventory.listing.keys()].filter(
    (path) => folders.has(folderOf(path)) || roots.some((root) => isUnder(path, root)),
  );
  return [...new Set([...reads, ...by, ...near, GITMODULES])];
}
