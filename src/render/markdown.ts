const WORD_JOINER = "\u2060";
const LONGEST = 300;

/**
 * One line of plain text from anybody's words: no control, invisible or bidirectional characters, no line breaks, at most `most` characters.
 * `@name`, `#12` and `GH-12` are kept from calling people and linking by an invisible joiner, which holds where entities do not.
 */
export function plain(words: string, most = LONGEST): string {
  return clip(visible(words), most)
    .replace(/@(?=[\p{L}\p{N}_-])/gu, `@${WORD_JOINER}`)
    .replace(/#(?=[\p{L}\p{N}])/gu, `#${WORD_JOINER}`)
    .replace(/\b(gh)-(?=\d)/gi, `$1-${WORD_JOINER}`);
}

/** The same as Markdown that shows those characters and does nothing else; fit for a table's cell. An address stays a link where nothing in it needs escaping. */
export function escaped(words: string, most = LONGEST): string {
  return byWord(plain(words, most), marked);
}

/** A sentence of ours with commands in back-ticks, into which others' words may have come: only the commands stay marked. */
export function sentence(words: string, most = 1000): string {
  return plain(words, most)
    .split(COMMAND)
    .map((part, index) => (index % 2 === 1 ? part : byWord(part, marked)))
    .join("");
}

const COMMAND = /(`\/[a-z-]{1,12}`)/;

/** A code span, fit for a table's cell; what holds a pipe cannot be one there and is escaped. */
export function code(words: string): string {
  const body = clip(visible(words), LONGEST);
  if (body === "" || body.includes("|")) return escaped(body);
  const fence = "`".repeat(longestRun(body) + 1);
  const pad = body.startsWith("`") || body.endsWith("`") ? " " : "";
  return `${fence}${pad}${body}${pad}${fence}`;
}

/** A fenced block whose fence no line of the body can close. */
export function fenced(body: string, language: string): string {
  const fence = "`".repeat(Math.max(3, longestRun(body) + 1));
  return `${fence}${language}\n${body}\n${fence}`;
}

/** A table of cells that are Markdown of one line already. Columns are numbers, set to the right, but for those named in `ofText`. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  ofText: readonly number[] = [0],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = header.map((_, column) => (ofText.includes(column) ? ":--" : "--:"));
  return [line(header), line(rule), ...rows.map(line)].join("\n");
}

/** A folded part of a page; `title` is plain words of ours. */
export function details(title: string, body: string): string {
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;
}

/** A sentence as a part of another. */
export function withoutStop(words: string): string {
  return words.replace(/\.$/, "");
}

/** At most `most` items, each a list item, and how many more there are. */
export function list(items: readonly string[], most: number): string {
  const shown = items.slice(0, most).map((item) => `- ${item}`);
  return items.length > most ? [...shown, `- and ${items.length - most} more`].join("\n") : shown.join("\n");
}

/** At most `most` characters, the last of them an ellipsis where something was cut. */
export function clip(words: string, most: number): string {
  const characters = Array.from(words);
  return characters.length <= most
    ? words
    : `${characters
        .slice(0, most - 1)
        .join("")
        .trimEnd()}…`;
}

function visible(words: string): string {
  return words
    .toWellFormed()
    .replace(/[\p{Cf}\p{Co}]/gu, "")
    .replace(/[\p{Cc}\s]+/gu, " ")
    .trim();
}

function marked(word: string): string {
  return entities(word.replace(/[\\`*[\]~$]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\$&"));
}

// Inside an address nothing can be escaped: one that needs it is no link.
function byWord(words: string, escape: (word: string) => string): string {
  return words.replace(/\S+/g, (word) => (escape(word) === word ? word : escape(unlinked(word))));
}

function unlinked(word: string): string {
  return word.replace(/(?=:\/\/)|(?<=www)(?=\.)/gi, WORD_JOINER);
}

function entities(words: string): string {
  return words.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/\|/g, "&#124;");
}

function longestRun(words: string): number {
  return Math.max(0, ...(words.match(/`+/g) ?? []).map((run) => run.length));
}
