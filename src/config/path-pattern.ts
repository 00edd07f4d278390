/** A pattern over paths of the repository, parsed. */
export type PathPattern = readonly Segment[];

type Segment = "folders" | readonly Letter[];
type Letter = "many" | "one" | { readonly letter: string };

const FOLDERS: Segment = "folders";
const ANY: Segment = ["many"];

/**
 * The pattern of a text by the documented rules of CODEOWNERS files: those of gitignore without `!`, `[ ]` and `\#`, and a last `*` does not reach into folders.
 * `*` stands for any letters of one name, `?` for one, `**` for any folders; a text without a slash before its end matches at any depth, others from the root; what names
 * a folder covers all that is in it. Undefined where the text is no pattern.
 */
export function pathPattern(text: string): PathPattern | undefined {
  if (!/^[^\p{Cc}[\]]+$/u.test(text) || /^(?:!|\\?#|\/*$)|\*{3}|\/\/|\\$/.test(text)) return undefined;
  const names = text.replace(/^\/|\/$/g, "").split("/");
  const segments = names.map((name) => (name === "**" ? FOLDERS : lettersOf(name)));
  const isFloating = names.length === 1 && !text.startsWith("/");
  return [...(isFloating ? [FOLDERS] : []), ...segments.slice(0, -1), ...endOf(text, segments.at(-1) ?? ANY)];
}

/** Whether a pattern covers the path of a file; linear in each of the two. */
export function coversPath(pattern: PathPattern, path: string): boolean {
  return matches(pattern, path.split("/"), {
    isMany: (segment) => segment === FOLDERS,
    fits: (segment, name) => segment !== "folders" && coversName(segment, name),
  });
}

function endOf(text: string, last: Segment): readonly Segment[] {
  if (last === FOLDERS) return [ANY, FOLDERS];
  if (text.endsWith("/")) return [last, ANY, FOLDERS];
  return text.endsWith("/*") ? [last] : [last, FOLDERS];
}

function lettersOf(name: string): readonly Letter[] {
  return [...name.matchAll(/\\?(.)/gsu)].map(([typed, letter = ""]): Letter => {
    if (typed === "*") return "many";
    return typed === "?" ? "one" : { letter };
  });
}

function coversName(letters: readonly Letter[], name: string): boolean {
  return matches(letters, Array.from(name), {
    isMany: (letter) => letter === "many",
    fits: (letter, one) => letter === "one" || (letter !== "many" && letter.letter === one),
  });
}

/** What a piece of a pattern stands for: any number of items, or one that fits. */
type Pieces<Piece, Item> = {
  readonly isMany: (piece: Piece) => boolean;
  readonly fits: (piece: Piece, item: Item) => boolean;
};

// Going back only to the last `many` is enough, as whatever follows an earlier one was found as early as it can be; patterns are other people's, so that time must be bounded.
function matches<Piece, Item>(
  pieces: readonly Piece[],
  items: readonly Item[],
  { isMany, fits }: Pieces<Piece, Item>,
): boolean {
  let at = 0;
  let many: { readonly after: number; readonly item: number } | undefined;
  for (let item = 0; item < items.length;) {
    const piece = pieces[at];
    const next = items[item];
    if (piece !== undefined && isMany(piece)) {
      at += 1;
      many = { after: at, item };
    } else if (piece !== undefined && next !== undefined && fits(piece, next)) {
      at += 1;
      item += 1;
    } else {
      if (many === undefined) return false;
      many = { after: many.after, item: many.item + 1 };
      at = many.after;
      item = many.item;
    }
  }
  return pieces.slice(at).every(isMany);
}
