import type { Window } from "../../core/window.ts";
import { packed, unpacked, type Packed } from "../packed.ts";

/** Closed windows of one question, by rising start. All but the newest are packed: there are tens of thousands, and a look reads those of one repository. */
export type KeptWindows = { readonly packs: readonly Pack[]; readonly recent: readonly Window[] };

/** `last`: the start of its last window, milliseconds. */
type Pack = { readonly last: number; readonly count: number; readonly windows: Packed<readonly Window[]> };

/** Packed together; as many stay as they are before the next ones are. */
const TOGETHER = 20;

export const NO_WINDOWS: KeptWindows = { packs: [], recent: [] };

/** Those that start then or later; packs that are over before then are not opened. */
export function windowsFrom({ packs, recent }: KeptWindows, start: number): readonly Window[] {
  const opened = packs.filter(({ last }) => last >= start).flatMap(({ windows }) => unpacked(windows));
  return [...opened, ...recent].filter((window) => window.start >= start);
}

/** With further ones, which take the place of those with the same starts; the newest stay, so many at most. */
export function withWindows(kept: KeptWindows, fresh: readonly Window[], most: number): KeptWindows {
  const [first] = fresh;
  if (first === undefined) return kept;
  const newest = kept.recent.at(-1);
  if (newest === undefined || first.start > newest.start)
    return packedUp({ packs: kept.packs, recent: [...kept.recent, ...fresh] }, most);
  const all = new Map([...windowsFrom(kept, -Infinity), ...fresh].map((window) => [window.start, window]));
  const recent = [...all.values()].toSorted((one, two) => one.start - two.start);
  return packedUp({ packs: [], recent }, most);
}

function packedUp({ packs, recent }: KeptWindows, most: number): KeptWindows {
  const whole = Math.max(0, Math.floor(recent.length / TOGETHER) - 1);
  const fresh = Array.from({ length: whole }, (_, index) =>
    packOf(recent.slice(index * TOGETHER, (index + 1) * TOGETHER)),
  );
  return newestOf({ packs: [...packs, ...fresh], recent: recent.slice(whole * TOGETHER) }, most);
}

function packOf(windows: readonly Window[]): Pack {
  return { last: windows.at(-1)?.start ?? -Infinity, count: windows.length, windows: packed(windows) };
}

/** Packs go as a whole. */
function newestOf({ packs, recent }: KeptWindows, most: number): KeptWindows {
  const room = most - recent.length;
  if (room <= 0) return { packs: [], recent: recent.slice(-most) };
  const total = packs.reduce((sum, { count }) => sum + count, 0);
  const [oldest] = packs;
  return total <= room || oldest === undefined ? { packs, recent } : newestOf({ packs: packs.slice(1), recent }, most);
}
