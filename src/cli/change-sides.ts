import type { Clone, Files } from "../adapters/git/clone.ts";
import type { Difference, EntryAt } from "../adapters/git/difference.ts";
import { placedTargets } from "../config/target-patterns.ts";
import type { Sha } from "../core/names.ts";
import type { Side, Sides } from "../manifest/delta/delta.ts";
import type { Besides } from "../manifest/delta/model.ts";
import { isWanted, takeInventory, updateInventory } from "../manifest/services/inventory.ts";
import type { Fleet } from "../manifest/services/model.ts";
import { CONFIG_PATH } from "../reconcile/readings.ts";

/** Both sides of a change in a clone, and why the configuration does not count, where it does not. */
export type SidesRead = { readonly sides: Sides; readonly problems: readonly string[] };

/** Reads all that two commits tell about what lies between them, from git's objects. */
export async function sidesOf(clone: Clone, from: Sha, to: Sha): Promise<SidesRead> {
  const [before, after, differences] = await Promise.all([
    clone.files(from),
    clone.files(to),
    clone.differences(from, to),
  ]);
  const { patterns, problems } = await placedIn(clone, after);
  const changed = differences.map(({ path }) => path);
  const wanted = [...before.ids.keys()].filter((path) => isWanted(path, patterns));
  const texts = await clone.texts([...idsOf(before, [...wanted, ...changed]), ...idsOf(after, changed)]);
  const skipped = { before: reasonsOf(before), after: reasonsOf(after) };
  const [was, is] = [readerOf(before, texts), readerOf(after, texts)];
  const inventory = takeInventory(before.ids, was, patterns);
  const next = updateInventory(inventory, new Map(changed.map((path) => [path, after.ids.get(path)])), is);
  return {
    sides: {
      before: sideOf(before, { read: was, changed, fleet: inventory.fleet }),
      after: sideOf(after, { read: is, changed, fleet: next.fleet }),
      unseen: differences.flatMap((one) => unseenOf(one, skipped, texts)),
    },
    problems,
  };
}

async function placedIn(clone: Clone, { ids }: Files): Promise<ReturnType<typeof placedTargets>> {
  const id = ids.get(CONFIG_PATH);
  const text = id === undefined ? undefined : (await clone.texts([id])).get(id);
  return placedTargets(text === undefined ? undefined : { path: CONFIG_PATH, text });
}

function idsOf({ ids }: Files, paths: readonly string[]): readonly Sha[] {
  return paths.flatMap((path) => ids.get(path) ?? []);
}

type Reader = (path: string) => string | undefined;

function readerOf({ ids }: Files, texts: ReadonlyMap<Sha, string>): Reader {
  return (path) => {
    const id = ids.get(path);
    return id === undefined ? undefined : texts.get(id);
  };
}

type Seen = { readonly read: Reader; readonly changed: readonly string[]; readonly fleet: Fleet };

function sideOf({ ids }: Files, { read, changed, fleet }: Seen): Side {
  const texts = new Map(
    changed.flatMap((path) => {
      const text = read(path);
      return text === undefined ? [] : [[path, text] as const];
    }),
  );
  const list = (folder: string) => [...ids.keys()].filter((path) => folder === "" || path.startsWith(`${folder}/`));
  return { fleet, texts, around: { read, list } };
}

type Reasons = ReadonlyMap<string, string>;

function reasonsOf({ skipped }: Files): Reasons {
  return new Map(skipped.map(({ path, why }) => [path, why]));
}

/** What changed at a path and no text shows: a mode, a link, what cannot be read. */
function unseenOf(
  { path, before, after }: Difference,
  skipped: { readonly before: Reasons; readonly after: Reasons },
  texts: ReadonlyMap<Sha, string>,
): readonly Besides[] {
  const whyNot = (entry: EntryAt | undefined, reasons: Reasons) =>
    entry === undefined ? undefined : (reasons.get(path) ?? (texts.has(entry.id) ? undefined : "it is not UTF-8"));
  const why = whyNot(before, skipped.before) ?? whyNot(after, skipped.after);
  if (why !== undefined) return [{ kind: "unread", path, line: 1, what: why }];
  if (before === undefined || after === undefined || before.mode === after.mode) return [];
  return [{ kind: "mode", path, line: 1, what: `${before.mode} → ${after.mode}` }];
}
