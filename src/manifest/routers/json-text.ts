import { innerText, outerOffset } from "../../yaml/inner.ts";
import type { TextFile } from "../../yaml/refusal.ts";
import type { Scalar } from "../../yaml/tree.ts";

/** From an offset in a scalar's value to the offset in the file; undefined where the characters are not the same, one by one. */
export function offsetsIn(file: TextFile, scalar: Scalar): (inner: number) => number | undefined {
  const { style, start, end, value } = scalar;
  if (style === "block") {
    const inner = innerText(file, scalar);
    return (offset) => (inner === undefined ? undefined : outerOffset(inner, offset));
  }
  const quotes = style === "plain" ? 0 : 1;
  const raw = file.text.slice(start + quotes, end - quotes);
  if (raw === value) return (offset) => start + quotes + offset;
  const places = style === "double" ? placesOf(raw) : undefined;
  return (offset) => (places?.[offset] === undefined ? undefined : start + quotes + places[offset]);
}

// Where each character of a text with escaped quotes stands in it; undefined where it has other escapes, or several lines.
function placesOf(raw: string): readonly number[] | undefined {
  if (!/^(?:[^\\\r\n]|\\["\\/])*$/.test(raw)) return undefined;
  const places: number[] = [];
  for (let at = 0; at < raw.length; at += raw[at] === "\\" ? 2 : 1) places.push(at);
  return [...places, raw.length];
}
