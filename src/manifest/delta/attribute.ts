import type { ImageBump } from "../images/compare.ts";
import type { ImageSite } from "../images/site.ts";
import type { ImageInUse } from "../services/model.ts";
import { pairUses, type MemberAt } from "./members.ts";
import type { Effect, LooseBump, MemberBump, Move } from "./model.ts";
import type { Paired } from "./paired.ts";

/** Bumps with the members that get them, and those of files that no member reads. */
export type Attributed = { readonly bumps: readonly MemberBump[]; readonly loose: readonly LooseBump[] };

/**
 * Says whom the bumps of some files concern. What a member runs on either side tells first: a version that another file says there is no news for it,
 * and one that moves because another file says it now is. A bump that explains none of that concerns those who read its file.
 */
export function attribute(written: readonly ImageBump[], members: Paired<MemberAt>): Attributed {
  const moves = members.pairs.flatMap(movesOf);
  const rest = written.filter((bump) => !moves.some((move) => explains(move, bump)));
  const told = rest.map((bump) => ({ bump, rows: rowsOf(bump, members) }));
  return {
    bumps: [...moves.map(({ row }) => row), ...told.flatMap(({ rows }) => rows)],
    loose: told.flatMap(({ bump, rows }) => (rows.length === 0 ? [looseOf(bump)] : [])),
  };
}

/** A version that a member ran and the one that it runs now. */
type Moved = { readonly row: MemberBump; readonly before: ImageInUse; readonly after: ImageInUse };

function movesOf({ before, after }: Paired<MemberAt>["pairs"][number]): readonly Moved[] {
  if (before.at.images === after.at.images) return [];
  return pairUses(before.at.images, after.at.images).pairs.flatMap((uses): readonly Moved[] => {
    const move = moveOf(uses);
    return move === undefined
      ? []
      : [{ ...uses, row: { ...after.member, ...move, set: uses.after.set, effect: "runs" } }];
  });
}

function moveOf({ before, after }: { readonly before: ImageInUse; readonly after: ImageInUse }): Move | undefined {
  const [from, to] = [before.version, after.version];
  if (from === undefined || to === undefined) return undefined;
  const isOther = before.image !== after.image && before.image !== undefined && after.image !== undefined;
  return from === to && !isOther ? undefined : { image: after.image, imageFrom: before.image, from, to };
}

function explains({ before, after }: Moved, bump: ImageBump): boolean {
  return sets(bump.before, before) || sets(bump.after, after);
}

/** The members that run, before a bump, what it takes away. */
export function runnersOf({ before }: ImageBump, members: readonly MemberAt[]): readonly MemberAt[] {
  return members.filter(({ at }) => at.images.some((use) => sets(before, use)));
}

/** Whether a place is the one that says the version of an image in use. */
function sets({ path, line, image, version }: ImageSite, { set, image: used, version: runs }: ImageInUse): boolean {
  if (set.path !== path || version !== runs) return false;
  return set.line === line || (image !== undefined && image === used);
}

function rowsOf(bump: ImageBump, { pairs, removed, added }: Paired<MemberAt>): readonly MemberBump[] {
  const readers = pairs.flatMap((pair) => (reads(pair.after, bump) || reads(pair.before, bump) ? [pair.after] : []));
  const users = readers.filter(({ at }) => uses(at.images, bump));
  // A service that was moved is both new and gone: the new one tells.
  const ways: readonly (readonly [readonly MemberAt[], Effect])[] = [
    [added.filter(({ at }) => at.images.some((use) => sets(bump.after, use))), "runs"],
    [removed.filter(({ at }) => at.images.some((use) => sets(bump.before, use))), "runs"],
    [users, "overruled"],
    [readers, "unclear"],
  ];
  const [members, effect] = ways.find(([found]) => found.length > 0) ?? [[], "unclear"];
  return members.map(({ member }) => ({ ...member, ...looseOf(bump), effect }));
}

function reads({ at }: MemberAt, { before, after }: ImageBump): boolean {
  return at.reads.includes(after.path) || at.reads.includes(before.path);
}

function uses(images: readonly ImageInUse[], { image, imageFrom }: ImageBump): boolean {
  return images.some((use) => use.image !== undefined && (use.image === image || use.image === imageFrom));
}

function looseOf({ image, imageFrom, from, to, after: { path, line } }: ImageBump): LooseBump {
  return { image, imageFrom, from, to, set: { path, line } };
}
