import { parseArgs } from "node:util";
import { closest } from "./core/closest.ts";
import { err, ok, type Result } from "./core/result.ts";

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

/** What a command may be given; every option is a switch. */
export type Grammar = { readonly options: readonly string[]; readonly most: number };

export type Given = { readonly words: readonly string[]; readonly switches: ReadonlySet<string> };

/** Words and switches, or in one sentence what is wrong with them. */
export function given(args: readonly string[], { options, most }: Grammar): Result<Given, string> {
  const { tokens } = parseArgs({ args: [...args], strict: false, allowPositionals: true, tokens: true });
  const switches = tokens.flatMap((token) => (token.kind === "option" ? [token] : []));
  const unknown = switches.find(({ name }) => !options.includes(name));
  if (unknown !== undefined)
    return err(`There is no option ${unknown.rawName}.${meant(unknown.rawName, options.map(dashed))}`);
  const valued = switches.find(({ value }) => value !== undefined);
  if (valued !== undefined) return err(`${valued.rawName} takes no value.`);
  const words = tokens.flatMap((token) => (token.kind === "positional" ? [token.value] : []));
  if (words.length > most) return err(`More was given than is understood: ${words.slice(most).join(" ")}`);
  return ok({ words, switches: new Set(switches.map(({ name }) => name)) });
}

/** " Did you mean start?", or nothing where no word is near. */
export function meant(word: string, words: readonly string[]): string {
  const near = closest(word, words);
  return near === undefined ? "" : ` Did you mean ${near}?`;
}

function dashed(option: string): string {
  return `--${option}`;
}
