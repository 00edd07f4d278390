import { isWanted, takeInventory, updateInventory, type Inventory } from "../manifest/services/inventory.ts";
import { placedTargets } from "../config/target-patterns.ts";
import type { Sha } from "../core/names.ts";
import type { GitReader } from "../ports/git.ts";
import type { Memory } from "./memory.ts";
import { CONFIG_PATH } from "./readings.ts";

/** So many are kept: they share what they have in common. */
const KEPT = 4;
/** A repository of more files than these is not read as a whole while releases wait. */
const MOST_FILES = 20_000;

type Looking = {
  readonly git: Pick<GitReader, "read" | "list" | "changed">;
  readonly memory: Pick<Memory, "inventories" | "making">;
};

/** What the repository delivers at a commit, made once from what is known of another where there is one; undefined where it has too many files. */
export async function inventoryAt(looking: Looking, commit: Sha): Promise<Inventory | undefined> {
  const { inventories, making } = looking.memory;
  const known = inventories.get(commit);
  if (known !== undefined) return known;
  const made = making.get(commit) ?? inventoryFrom(looking, commit);
  making.set(commit, made);
  try {
    const found = await made;
    if (found !== undefined) remember(inventories, commit, found);
    return found;
  } finally {
    making.delete(commit);
  }
}

function remember(inventories: Memory["inventories"], commit: Sha, made: Inventory): void {
  inventories.set(commit, made);
  const [oldest] = inventories.keys();
  if (inventories.size > KEPT && oldest !== undefined) inventories.delete(oldest);
}

async function inventoryFrom({ git, memory }: Looking, commit: Sha): Promise<Inventory | undefined> {
  const paths = await git.list(commit, "");
  if (paths.length > MOST_FILES) return undefined;
  const config = (await git.read(commit, [CONFIG_PATH])).get(CONFIG_PATH);
  const { patterns } = placedTargets(config && { path: CONFIG_PATH, text: config.text });
  const isRead = (path: string) => isWanted(path, patterns);
  const [near, before] = [...memory.inventories].at(-1) ?? [];
  if (near === undefined || before === undefined || config?.id !== before.listing.get(CONFIG_PATH)) {
    const blobs = await git.read(commit, [...paths.filter(isRead), CONFIG_PATH]);
    const listing = new Map(paths.map((path) => [path, blobs.get(path)?.id ?? UNREAD]));
    return takeInventory(listing, (path) => blobs.get(path)?.text, patterns);
  }
  return advanced({ git }, { at: near, inventory: before }, commit);
}

type Known = { readonly at: Sha; readonly inventory: Inventory };

/** What a repository delivers at another commit, by the targets that were known at the first one; nothing of it is remembered. */
export async function advanced(
  { git }: Pick<Looking, "git">,
  { at, inventory }: Known,
  commit: Sha,
): Promise<Inventory> {
  // Whichever of the two is the older one, or neither: what differs is among these.
  const changed = [...(await git.changed(at, commit)), ...(await git.changed(commit, at))];
  const there = new Set(await git.list(commit, ""));
  const isRead = (path: string) => isWanted(path, inventory.patterns) || path === CONFIG_PATH;
  const blobs = await git.read(
    commit,
    changed.filter((path) => there.has(path) && isRead(path)),
  );
  const idAt = (path: string) => (there.has(path) ? (blobs.get(path)?.id ?? UNREAD) : undefined);
  return updateInventory(
    inventory,
    new Map(changed.map((path) => [path, idAt(path)])),
    (path) => blobs.get(path)?.text,
  );
}

const UNREAD = "";
