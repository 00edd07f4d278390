import { lookList, lookMapping, pathText } from "../yaml/look.ts";
import type { Range } from "../yaml/ranges.ts";
import { refuse } from "../yaml/refusal.ts";
import type { Source } from "../yaml/source.ts";
import type { List, Mapping, Tree } from "../yaml/tree.ts";
import type { Draft } from "./edit.ts";
import { blockOf, columnOf, flowParts, isFirstInLine, itemOf, withCommentsAbove } from "./extent.ts";
import type { At } from "./insert.ts";

/** The draft with a key taken out of a mapping, with its value and the comments that are about it. Refused where it is not there, or the only one of a block. */
export function removeKey(source: Source, draft: Draft, at: At, key: string): Draft {
  const mapping = lookMapping(source, rootOf(source, at), at.path);
  const index = mapping?.entries.findIndex((entry) => entry.key === key) ?? -1;
  if (mapping === undefined || index === -1)
    return refuse(source, mapping ?? 0, "nothing", `${pathText([...at.path, key])} is missing`);
  const blocks = mapping.entries.map((entry) => ({ ...blockOf(source, entry), mark: entry.start }));
  return without(
    draft,
    [at.document, ...at.path, key],
    mapping.isFlow ? outOfFlow(source, mapping, index) : outOfBlock(source, blocks, index),
  );
}

/** The draft with an item taken out of a list, with the comments that are about it. Refused where it is not there, or the only one of a block. */
export function removeItem(source: Source, draft: Draft, at: At, index: number): Draft {
  const list = lookList(source, rootOf(source, at), at.path);
  if (list?.items[index] === undefined)
    return refuse(source, list ?? 0, "nothing", `${pathText([...at.path, index])} is missing`);
  const range = list.isFlow ? outOfFlow(source, list, index) : outOfBlock(source, blocksOf(source, list), index);
  return without(draft, [at.document, ...at.path, index], range);
}

/** The lines of an entry or an item; `mark` is the offset of its key or its dash. */
type Block = Range & { readonly mark: number };

function rootOf({ documents, ...file }: Source, { document }: At): Tree {
  return documents[document] ?? refuse(file, 0, "no such document", "an edit is made in a document of the file");
}

function blocksOf(source: Source, list: List): readonly Block[] {
  return list.items.map((_, index) => {
    const { start, end, dash } = itemOf(source, list, index);
    return { start, end, mark: dash };
  });
}

function without({ splices, intents }: Draft, path: At["path"], { start, end }: Range): Draft {
  return { splices: [...splices, { start, end, text: "" }], intents: [...intents, { kind: "gone", path }] };
}

function outOfFlow(source: Source, node: Mapping | List, index: number): Range {
  const parts = flowParts(node);
  const [before, own, next] = [parts[index - 1], parts[index], parts[index + 1]];
  if (own === undefined) return refuse(source, node, "nothing", "what is taken away is there");
  if (before !== undefined) return { start: noComment(source, before.end, own.start), end: own.end };
  return {
    start: own.start,
    end: next === undefined ? node.end - 1 : noComment(source, own.end, next.start, next.start),
  };
}

function noComment(source: Source, start: number, end: number, wanted = start): number {
  if (source.text.slice(start, end).includes("#"))
    refuse(source, start, "a comment in braces", "what it is about cannot be told");
  return wanted;
}

function outOfBlock(source: Source, blocks: readonly Block[], index: number): Range {
  const [own, next] = [blocks[index], blocks[index + 1]];
  if (own === undefined || blocks.length === 1) {
    return refuse(source, own?.mark ?? 0, "the only one of its kind", "what holds it would be empty without it");
  }
  if (!isFirstInLine(source, own.mark)) return beside(source, own, next);
  const start = withCommentsAbove(source, own.mark - columnOf(source, own.mark), columnOf(source, own.mark));
  const line = source.text.indexOf("\n", own.end);
  const lines = { start, end: line === -1 ? own.end : line + 1 };
  const range = withoutGap(source, lines, { isFirst: index === 0, isLast: next === undefined });
  return line === -1 ? { start: Math.max(0, range.start - breakBefore(source, range.start)), end: range.end } : range;
}

// The first one stands behind the dash of an item: the next one moves up to it.
function beside(source: Source, own: Block, next: Block | undefined): Range {
  if (next === undefined || source.text.slice(own.end, next.mark).trim() !== "") {
    return refuse(source, own.mark, "a comment", "what it is about cannot be told");
  }
  return { start: own.mark, end: next.mark };
}

function breakBefore({ text }: Source, start: number): number {
  return text.slice(0, start).endsWith("\r\n") ? 2 : 1;
}

// Where blank lines stand between neighbours, one of the two gaps goes with what stood between them.
function withoutGap(
  { text }: Source,
  { start, end }: Range,
  place: { readonly isFirst: boolean; readonly isLast: boolean },
): Range {
  const after = /^(?:[ \t]*\r?\n)+/.exec(text.slice(end))?.[0].length ?? 0;
  if (place.isFirst) return { start, end: end + after };
  const before = /\n((?:[ \t]*\r?\n)+)$/.exec(text.slice(0, start))?.[1]?.length ?? 0;
  return place.isLast || after > 0 ? { start: start - before, end } : { start, end };
}
