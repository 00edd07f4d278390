import { AMPERSAND, ASTERISK, codeAt, COLON, type Cursor, isBlank, isBracketOrComma } from "./cursor.ts";
import type { Alias, Tree } from "./tree.ts";

/** The alias at the cursor, after which the cursor stands then. */
export function aliasAt(cursor: Cursor): Alias | undefined {
  const { at: start } = cursor;
  const name = codeAt(cursor, start) === ASTERISK ? nameAfter(cursor) : undefined;
  return name === undefined ? undefined : { kind: "alias", start, end: cursor.at, oddity: undefined, name };
}

/** The name of the anchor at the cursor, after which the cursor stands then. */
export function anchorAt(cursor: Cursor): string | undefined {
  return codeAt(cursor, cursor.at) === AMPERSAND ? nameAfter(cursor) : undefined;
}

/** A value that an anchor stands before; undefined where the parser must say what that means. */
export function anchored(anchor: string, value: Tree | undefined): Tree | undefined {
  const isPlain = value !== undefined && value.kind !== "alias" && value.start < value.end;
  return isPlain ? { ...value, oddity: "an anchor", anchor } : undefined;
}

function nameAfter(cursor: Cursor): string | undefined {
  const start = cursor.at + 1;
  let at = start;
  for (let code = codeAt(cursor, at); !isBlank(code) && !isBracketOrComma(code); code = codeAt(cursor, at)) at += 1;
  if (at === start || codeAt(cursor, at - 1) === COLON) return undefined;
  cursor.at = at;
  return cursor.text.slice(start, at);
}
