import { coversPath, pathPattern } from "./path-pattern.ts";

/** Where GitHub looks for the file; the first that is there counts, even if it is empty. */
export const CODE_OWNERS_PLACES: readonly string[] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

const MOST_BYTES = 3 * 1024 * 1024;
const MENTION = /^@[A-Za-z0-9](?:[A-Za-z0-9_-]*)(?:\/[A-Za-z0-9._-]+)?$/;
const EMAIL = /^[^@\s]+@[^@\s]+$/;

/**
 * The owners of a path, `@user` or `@org/team`, by the text of a CODEOWNERS file as GitHub documents it: the last line that matches counts, one without owners
 * un-owns, invalid lines and files of 3 MB or more are passed over. Owners named by e-mail are left out: whose it is cannot be known.
 */
export function ownersOf(text: string | undefined, path: string): readonly string[] {
  if (text === undefined || Buffer.byteLength(text) >= MOST_BYTES) return [];
  for (const line of text.split("\n").toReversed()) {
    const owners = ownersIn(line, path);
    if (owners !== undefined) return owners.filter((owner) => owner.startsWith("@"));
  }
  return [];
}

/** The owners that a line gives to a path; undefined where it says nothing of it. */
function ownersIn(line: string, path: string): readonly string[] | undefined {
  const [first, ...words] = line.match(/(?:\\.|[^\s\\])+|\\$/g) ?? [];
  if (first === undefined || first.startsWith("#")) return undefined;
  const comment = words.findIndex((word) => word.startsWith("#"));
  const owners = comment === -1 ? words : words.slice(0, comment);
  if (!owners.every((owner) => MENTION.test(owner) || EMAIL.test(owner))) return undefined;
  const pattern = pathPattern(first);
  return pattern !== undefined && coversPath(pattern, path) ? owners : undefined;
}
