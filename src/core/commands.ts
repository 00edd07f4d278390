/** What a person may ask for in a comment or with a check's button. */
export type Verb = "abort" | "hold" | "resume" | "promote" | "status" | "help";

/** A line that was understood. `reason` is clean (no control or bidirectional characters) and at most 200 characters. */
export type Command =
  | { readonly verb: "abort" | "hold"; readonly reason: string | undefined }
  | { readonly verb: "resume" | "promote" | "status" | "help" };

/** A line that was meant for us and is not understood. Words of others, such as `/lgtm`, are no errors. */
export type CommandError =
  | { readonly kind: "unknownCommand"; readonly word: string; readonly didYouMean: Verb }
  | { readonly kind: "unexpectedArgument"; readonly command: Verb; readonly argument: string }
  | { readonly kind: "tooManyCommands"; readonly limit: number };

/** One row of the grammar: how a verb is written, what it does, and the access to the repository that it needs. */
export type Rule = {
  readonly usage: string;
  readonly help: string;
  readonly needs: "read" | "write";
  readonly parse: (rest: string) => Command | CommandError;
};

/** All there is to say: parser, help and permissions read this table. */
export const GRAMMAR: Readonly<Record<Verb, Rule>> = {
  abort: {
    usage: "/abort [reason]",
    help: "End the release: take the image back and block the version.",
    needs: "write",
    parse: (rest) => ({ verb: "abort", reason: reasonOf(rest) }),
  },
  hold: {
    usage: "/hold [reason]",
    help: "Stay at the present weight until `/resume`.",
    needs: "write",
    parse: (rest) => ({ verb: "hold", reason: reasonOf(rest) }),
  },
  resume: { usage: "/resume", help: "Lift a hold.", needs: "write", parse: (rest) => bare("resume", rest) },
  promote: {
    usage: "/promote",
    help: "Merge the open step without waiting for its gate; recorded as an override.",
    needs: "write",
    parse: (rest) => bare("promote", rest),
  },
  status: {
    usage: "/status",
    help: "Say where the release stands.",
    needs: "read",
    parse: (rest) => bare("status", rest),
  },
  help: { usage: "/help", help: "Show this list.", needs: "read", parse: (rest) => bare("help", rest) },
};

export const VERBS: readonly Verb[] = ["abort", "hold", "resume", "promote", "status", "help"];

const MOST_COMMANDS = 10;
const LONGEST_ARGUMENT = 200;
const LONGEST_WORD = 24;

/** The commands and mistakes in lines of prose, in order, at most ten; never throws. Lines that are not ours yield nothing. */
export function parseCommands(lines: readonly string[]): readonly (Command | CommandError)[] {
  const parsed = lines.map(parseLine).filter((one) => one !== undefined);
  if (parsed.length <= MOST_COMMANDS) return parsed;
  return [...parsed.slice(0, MOST_COMMANDS), { kind: "tooManyCommands", limit: MOST_COMMANDS }];
}

/** Tells the two apart: only a command has a `verb`, only an error a `kind`. */
export function isCommand(parsed: Command | CommandError): parsed is Command {
  return "verb" in parsed;
}

/** The help as Markdown, one list item per verb. */
export function helpText(): string {
  return VERBS.map((verb) => `- \`${GRAMMAR[verb].usage}\`: ${GRAMMAR[verb].help}`).join("\n");
}

function parseLine(line: string): Command | CommandError | undefined {
  const match = /^\/(\S+)(.*)$/s.exec(withoutInvisible(line).trim());
  const word = match?.[1]?.replace(/[.,!;:]+$/, "").toLowerCase() ?? "";
  if (!isWord(word)) return undefined;
  const verb = VERBS.find((candidate) => candidate === word);
  if (verb !== undefined) return GRAMMAR[verb].parse(clean(match?.[2] ?? ""));
  const didYouMean = closest(word);
  return didYouMean === undefined ? undefined : { kind: "unknownCommand", word, didYouMean };
}

// Paths such as /etc/hosts and words in other scripts are never meant for us.
function isWord(word: string): boolean {
  return word.length <= LONGEST_WORD && /^[!-.0-~]+$/.test(word);
}

function bare(verb: "resume" | "promote" | "status" | "help", rest: string): Command | CommandError {
  return rest === "" ? { verb } : { kind: "unexpectedArgument", command: verb, argument: rest };
}

function reasonOf(rest: string): string | undefined {
  return rest === "" ? undefined : rest;
}

function closest(word: string): Verb | undefined {
  const near = VERBS.map((verb) => ({ verb, away: distance(word, verb) })).filter(
    ({ verb, away }) => away <= tolerated(verb),
  );
  return near.toSorted((a, b) => a.away - b.away)[0]?.verb;
}

// Two slips in four letters make another word: `/self` is not `/help`.
function tolerated(verb: Verb): number {
  return verb.length <= 4 ? 1 : 2;
}

/** Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours cost one each. */
function distance(a: string, b: string): number {
  let before: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = nextRow(a, b, i, { before, last });
    before = last;
    last = next;
  }
  return last[b.length] ?? 0;
}

function nextRow(
  a: string,
  b: string,
  i: number,
  rows: { readonly before: readonly number[]; readonly last: readonly number[] },
): number[] {
  const row = [i];
  const cell = (cells: readonly number[], j: number): number => cells[j] ?? Number.POSITIVE_INFINITY;
  for (let j = 1; j <= b.length; j += 1) {
    const substituted = cell(rows.last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
    const swapped =
      i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
        ? cell(rows.before, j - 2) + 1
        : Number.POSITIVE_INFINITY;
    row.push(Math.min(substituted, swapped, cell(rows.last, j) + 1, cell(row, j - 1) + 1));
  }
  return row;
}

// What nobody sees must not decide what is done: zero-width characters go, so that the command is the one on the screen.
function withoutInvisible(line: string): string {
  return line.replace(/[\u00AD\u200B-\u200D\u2060\uFEFF]/g, "");
}

function clean(text: string): string {
  const visible = text
    .toWellFormed()
    .replace(/\p{Cf}/gu, "")
    .replace(/[\p{Cc}\s]+/gu, " ")
    .trim();
  return Array.from(visible).slice(0, LONGEST_ARGUMENT).join("").trimEnd();
}
