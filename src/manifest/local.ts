import { attempt, type TextFile } from "../yaml/refusal.ts";
import { readSource, type Source } from "../yaml/source.ts";
import { lineEnd, lineStart, splice, type Splice } from "./edit.ts";
import { stray } from "./intent.ts";
import { leafAt, type Leaf } from "./leaf.ts";

/** One scalar of a file, what is put in its place, and what it says then, in canonical form. */
export type Replacement = { readonly leaf: Leaf; readonly splice: Splice; readonly says: string };

/**
 * Whether reading the one line again tells all that reading the file again would. It does where the scalar, and every collection in braces
 * around it, begins and ends on that line: then the line begins in no quotes and no braces, and where it is whole by itself before and
 * after, and differs in that scalar alone, nothing of it reaches into another line.
 */
export function isWithinLine(source: Source, { leaf, splice: put, says }: Replacement): boolean {
  const [start, end] = [lineStart(source, leaf.scalar.start), lineEnd(source, leaf.scalar.start)];
  if (leaf.scalar.style === "block" || leaf.scalar.end > end || leaf.scalar.anchor !== undefined) return false;
  if (leaf.around.some((node) => node.kind !== "alias" && node.kind !== "scalar" && node.isFlow && node.start < start))
    return false;
  const line = { path: source.path, text: source.text.slice(start, end) };
  const before = documentsOf(line);
  const own = leafAt(before, leaf.scalar.start - start, leaf.scalar.end - start);
  if (own === undefined || !isSame(own, leaf, start)) return false;
  const text = splice(line.text, [{ start: put.start - start, end: put.end - start, text: put.text }]);
  const after = documentsOf({ path: source.path, text });
  return stray(before, after, [{ kind: "value", path: own.path, says }]) === undefined;
}

function documentsOf(line: TextFile): Source["documents"] {
  const read = attempt(() => readSource(line));
  return read.kind === "ok" ? read.value.documents : [];
}

function isSame({ scalar: own }: Leaf, { scalar }: Leaf, start: number): boolean {
  return (
    own.start + start === scalar.start &&
    own.end + start === scalar.end &&
    own.style === scalar.style &&
    own.value === scalar.value
  );
}
