import type { Sha } from "../../core/names.ts";
import type { Place } from "./run.ts";
import { textsOf } from "./tree.ts";

/** Of texts that are kept. */
const MOST_LETTERS = 50_000_000;

/** Texts of blobs by their ids, as `textsOf` gives them, each read once: from commit to commit most files stay as they are. */
export function knownTexts(place: Place): (ids: readonly Sha[]) => Promise<ReadonlyMap<Sha, string>> {
  const known = new Map<Sha, string>();
  let held = 0;
  const keep = (id: Sha, text: string) => {
    held += text.length - (known.get(id)?.length ?? 0);
    known.set(id, text);
    for (const [oldest, { length }] of known) {
      if (held <= MOST_LETTERS) return;
      known.delete(oldest);
      held -= length;
    }
  };
  return async (ids) => {
    const sure = new Map(ids.flatMap((id) => entryOf(id, known.get(id))));
    const found = await textsOf(
      place,
      ids.filter((id) => !sure.has(id)),
    );
    for (const [id, text] of found) keep(id, text);
    return new Map([...sure, ...found]);
  };
}

function entryOf(id: Sha, text: string | undefined): readonly (readonly [Sha, string])[] {
  return text === undefined ? [] : [[id, text]];
}
