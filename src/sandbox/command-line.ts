import { parseArgs } from "node:util";
import { err, ok, type Result } from "../core/result.ts";

type Options = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>["options"]>;
type Parsed<O extends Options> = ReturnType<typeof parseArgs<{ options: O; allowPositionals: false }>>["values"];

/** The options that this process was started with, or in words what is wrong with them. */
export function optionsOf<O extends Options>(options: O): Result<Parsed<O>, string> {
  try {
    return ok(parseArgs({ options, allowPositionals: false }).values);
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}

/** An option's whole number from `least` to `most`, or in words what it must be. */
export function wholeNumber(
  name: string,
  text: string,
  [least, most]: readonly [number, number],
): Result<number, string> {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most
    ? ok(value)
    : err(`--${name} must be a whole number from ${least} to ${most}, not ${JSON.stringify(text)}.`);
}

/** A signal that Ctrl-C and SIGTERM abort. */
export function interruption(): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopping.abort());
  return stopping.signal;
}
