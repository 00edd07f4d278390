import { ok, type Result } from "../src/core/result.ts";
import { optionsOf, wholeNumber } from "../src/sandbox/command-line.ts";

/** A whole number that a benchmark asks for: what it is unless it is said, and from what to what it may be. */
export type AskedNumber = { readonly default: number; readonly range: readonly [least: number, most: number] };

export type Asked<Name extends string, Flag extends string = never> = {
  readonly of: (name: Name) => number;
  readonly has: (flag: Flag) => boolean;
  readonly isJson: boolean;
};

/** The options of a benchmark that takes whole numbers, flags, `--json` and `--help`; or in words what is wrong with them. */
export function numbersAsked<Name extends string, Flag extends string = never>(
  numbers: ReadonlyMap<Name, AskedNumber>,
  flags: readonly Flag[] = [],
): Result<Asked<Name, Flag> | "help", string> {
  const texts = [...numbers].map(([name, one]) => [name, { type: "string", default: String(one.default) }] as const);
  const flag = { type: "boolean", default: false } as const;
  const named = Object.fromEntries(flags.map((name) => [name, flag] as const));
  const parsed = optionsOf({ ...Object.fromEntries(texts), ...named, json: flag, help: flag });
  if (parsed.kind === "err") return parsed;
  const given: Readonly<Record<string, unknown>> = parsed.value;
  if (given["help"] === true) return ok("help");
  const values = new Map<Name, number>();
  for (const [name, { range }] of numbers) {
    const value = wholeNumber(name, String(given[name]), range);
    if (value.kind === "err") return value;
    values.set(name, value.value);
  }
  return ok({
    of: (name) => values.get(name) ?? Number.NaN,
    has: (name) => given[name] === true,
    isJson: given["json"] === true,
  });
}

/** Runs a benchmark by its options and gives its exit status: 2 with the usage for wrong ones, 0 for help. */
export async function ranAs<T extends object>(
  usage: string,
  wanted: Result<T | "help", string>,
  run: (asked: T) => Promise<number>,
): Promise<number> {
  if (wanted.kind === "err") {
    process.stderr.write(`${wanted.error}\n\n${usage}`);
    return 2;
  }
  if (wanted.value === "help") {
    process.stdout.write(usage);
    return 0;
  }
  return run(wanted.value);
}
