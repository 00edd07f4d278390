/** A command as a page shows it: the words that a shell would make of it, without a prompt before and a comment behind. Quotes hold as in a shell; nothing else of a shell's is known. */
export function shellWords(line: string): readonly string[] {
  const words = line.replace(/^\$ /, "").matchAll(/\s*(?:(#.*)|((?:'[^']*'|"[^"]*"|[^\s'"])+))/g);
  const found: string[] = [];
  for (const [, comment, word] of words) {
    if (comment !== undefined) break;
    found.push(
      (word ?? "").replaceAll(/'([^']*)'|"([^"]*)"/g, (_, single?: string, double?: string) => single ?? double ?? ""),
    );
  }
  return found;
}

/** The commands of a page: the lines of its blocks that are shell, or are not said to be anything, and begin with one of these programs. */
export function commandsIn(text: string, programs: readonly string[]): readonly string[] {
  const blocks = [...text.matchAll(/^```(?<of>\w*)\n(?<block>[^]*?)^```$/gm)];
  return blocks
    .filter(({ groups }) => ["", "sh", "bash"].includes(groups?.["of"] ?? ""))
    .flatMap(({ groups }) => (groups?.["block"] ?? "").split("\n"))
    .filter((line) => programs.includes(shellWords(line)[0] ?? ""));
}
