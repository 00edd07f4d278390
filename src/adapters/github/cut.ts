const ELLIPSIS = "…";

/**
 * A text of at most `most` bytes of UTF-8, whole characters only, with `closing` as its last line where something was cut.
 * Bytes, because GitHub counts what it stores: fewer than it might allow, never more.
 */
export function cutText(text: string, most: number, closing: string): string {
  if (Buffer.byteLength(text) <= most) return text;
  const end = `\n\n${closing}`;
  return `${head(text, most - Buffer.byteLength(end))}${end}`;
}

/** One line of at most `most` bytes of UTF-8. */
export function cutLine(text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text;
  return `${head(text, most - Buffer.byteLength(ELLIPSIS))}${ELLIPSIS}`;
}

function head(text: string, most: number): string {
  const bytes = Buffer.from(text);
  let end = most;
  // 10xxxxxx continues a character: one must not be left half.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString("utf8", 0, end);
}
