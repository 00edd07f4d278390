/** A page of the documentation that follows from the code: where it stands, and its whole text. */
export type Page = { readonly path: string; readonly text: string };

export const GENERATED = "<!-- Written by `npm run docs`; edits are overwritten. -->";

/** A Markdown table; every row has as many cells as there are heads, and bars within cells are escaped. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(heads), `|${"---|".repeat(heads.length)}`, ...rows.map(line)].join("\n");
}
