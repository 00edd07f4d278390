import { parseArgs } from "node:util";
import { closest } from "../core/closest.ts";
import { err, ok, type Result } from "../core/result.ts";

/** Where a command reads and writes. */
export type Terminal = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Standard output. */
  readonly write: (text: string) => void;
  /** Standard error. */
  readonly tell: (text: string) => void;
  /** Undefined where standard output is no terminal. */
  readonly columns: number | undefined;
};

/** What a command may be given: `options` are switches, `valued` ones take a value. */
export type Grammar = {
  readonly options: readonly string[];
  readonly valued?: readonly string[];
  readonly most: number;
};

export type Given = {
  readonly words: readonly string[];
  readonly switches: ReadonlySet<string>;
  /** Of the options that take a value, the last one given. */
  readonly values: ReadonlyMap<string, string>;
};

/** Words and switches, or in one sentence what is wrong with them. */
export function given(args: readonly string[], { options, valued = [], most }: Grammar): Result<Given, string> {
  const taking = Object.fromEntries(valued.map((name) => [name, { type: "string" as const }]));
  const { tokens } = parseArgs({
    args: [...args],
    options: taking,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const written = tokens.flatMap((token) => (token.kind === "option" ? [token] : []));
  const known = [...options, ...valued];
  const unknown = written.find(({ name }) => !known.includes(name));
  if (unknown !== undefined)
    return err(`There is no option ${unknown.rawName}.${meant(unknown.rawName, known.map(dashed))}`);
  const wrong = written.find(({ name, value }) => valued.includes(name) !== (value !== undefined));
  if (wrong !== undefined) return err(`${wrong.rawName} takes ${valued.includes(wrong.name) ? "a" : "no"} value.`);
  const words = tokens.flatMap((token) => (token.kind === "positional" ? [token.value] : []));
  if (words.length > most) return err(`More was given than is understood: ${words.slice(most).join(" ")}`);
  const values = written.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const]));
  const switches = written.flatMap(({ name, value }) => (value === undefined ? [name] : []));
  return ok({ words, switches: new Set(switches), values: new Map(values) });
}

/** " Did you mean start?", or nothing where no word is near. */
export function meant(word: string, words: readonly string[]): string {
  const near = closest(word, words);
  return near === undefined ? "" : ` Did you mean ${near}?`;
}

function dashed(option: string): string {
  return `--${option}`;
}
