import type { Ground } from "../opt-in/model.ts";
import type { Sha } from "../core/names.ts";
import { isOwnTemplate, libraryOf, type Library } from "../template/library.ts";
import { inventoryAt } from "./inventories.ts";
import { keepFew } from "./memory.ts";
import { once } from "./once.ts";
import type { Scene } from "./scene.ts";

/** The tracked branch as opting in and out sees it: what it delivers, and the templates that may be used there. */
export type OptGround = {
  readonly inventory: Ground["inventory"];
  readonly links: Ground["links"];
  readonly library: Library;
  /** What work gives that reads files of the tracked branch; it is done again until it has read all that it asks for. */
  readonly settled: <T>(likely: readonly string[], work: (read: Ground["read"]) => T) => Promise<T>;
};

type Looking = Pick<Scene, "head"> & { readonly eyes: Pick<Scene["eyes"], "git" | "memory" | "templates"> };

/** Nothing of it comes from a pull request. Undefined where the repository has too many files. */
export async function optGroundAt(scene: Looking): Promise<OptGround | undefined> {
  const inventory = await inventoryAt(scene.eyes, scene.head);
  if (inventory === undefined) return undefined;
  const texts = new Map<string, string | undefined>();
  return {
    inventory,
    links: await scene.eyes.git.links(scene.head, ""),
    library: await libraryAt(scene, inventory.listing),
    settled: (likely, work) => settle(scene, { inventory, texts, likely }, work),
  };
}

async function libraryAt({ head, eyes }: Looking, listing: Ground["inventory"]["listing"]): Promise<Library> {
  const own = [...listing.keys()].filter(isOwnTemplate).toSorted();
  const blobs = await eyes.git.read(head, own);
  const key = own.map((path) => `${path} ${blobs.get(path)?.id}`).join("\n");
  return once(eyes.memory.opting.libraries, key, () =>
    libraryOf(
      eyes.templates ?? [],
      own.map((path) => ({ path, text: blobs.get(path)?.text ?? "" })),
    ),
  );
}

/** Kustomizations lead to one another: so often more files are asked for. */
const MOST_ROUNDS = 100;

type Reading = {
  readonly inventory: Ground["inventory"];
  /** What has been read, of which nothing changes while the head is the same. */
  readonly texts: Map<string, string | undefined>;
  readonly likely: readonly string[];
};

/** What work gives that reads files of a commit; throws `Unforeseen` where it fails, or leads to ever more of them. */
export async function settle<T>(
  { head, eyes: { git } }: { readonly head: Sha; readonly eyes: Pick<Scene["eyes"], "git"> },
  { inventory: { listing }, texts, likely }: Reading,
  work: (read: Ground["read"]) => T,
): Promise<T> {
  const fetch = async (paths: readonly string[]) => {
    const blobs = await git.read(head, paths);
    for (const path of paths) texts.set(path, blobs.get(path)?.text);
  };
  await fetch(likely.filter((path) => listing.has(path) && !texts.has(path)));
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const missing = new Set<string>();
    const done = tried(() =>
      work((path) => {
        if (listing.has(path) && !texts.has(path)) missing.add(path);
        return texts.get(path);
      }),
    );
    if (missing.size === 0) return done();
    // oxlint-disable-next-line no-await-in-loop -- what is asked for next follows from these
    await fetch([...missing]);
  }
  throw new Unforeseen(`After ${MOST_ROUNDS} rounds there is still more to read.`);
}

/** What is done with some files' texts has failed, which reading them has not. */
export class Unforeseen extends Error {
  override readonly name = "Unforeseen";
}

/** What comes of a half of the files is not believed, its failure neither. */
function tried<T>(work: () => T): () => T {
  try {
    const value = work();
    return () => value;
  } catch (cause) {
    return () => {
      throw new Unforeseen(cause instanceof Error ? cause.message : String(cause), { cause });
    };
  }
}

/** Remembers something large. */
export async function keptOnce<T>(known: Map<string, T>, key: string, make: () => Promise<T>): Promise<T> {
  const before = known.get(key);
  const value = before ?? (await make());
  keepFew(known, key, value);
  return value;
}
