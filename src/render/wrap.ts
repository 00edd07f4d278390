/** Lines of at most `columns` characters, each indented; a word that is longer stays whole. */
export function wrapped(words: string, indent: string, columns: number): string {
  const lines: string[] = [];
  let line = "";
  for (const word of words.split(/\s+/).filter((part) => part !== "")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && indent.length + longer.length > columns) {
      lines.push(indent + line);
      line = word;
    } else line = longer;
  }
  return [...lines, indent + line].join("\n");
}
