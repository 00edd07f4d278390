/** Rows in columns two spaces apart, below a heading; the columns named in `ofText` are set to the left, the others, numbers, to the right. */
export function columns(rows: readonly (readonly string[])[], ofText: readonly number[] = [0]): string {
  const width = rows.reduce<readonly number[]>(
    (widths, row) => row.map((cell, column) => Math.max(widths[column] ?? 0, cell.length)),
    [],
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const wide = width[column] ?? 0;
          return ofText.includes(column) ? cell.padEnd(wide) : cell.padStart(wide);
        })
        .join("  ")
        .trimEnd(),
    )
    .map((line) => (line === "" ? line : `  ${line}`))
    .join("\n");
}
