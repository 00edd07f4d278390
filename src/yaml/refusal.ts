import { UserError } from "../core/error.ts";
import { err, ok, type Result } from "../core/result.ts";

/** Why a file is not read or not edited: what was found at a line (from 1), and what is allowed there. */
export type Refusal = {
  readonly path: string;
  readonly line: number;
  readonly found: string;
  readonly why: string;
};

/** A file of the repository. */
export type TextFile = { readonly path: string; readonly text: string };

/** A refusal on its way to the nearest `attempt`; its message is fit for the person who owns the file. */
export class Refused extends UserError {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusalText(refusal));
    this.refusal = refusal;
  }
}

/** One line: where, what was found, what is allowed. */
export function refusalText({ path, line, found, why }: Refusal): string {
  return `${path}:${line}: found ${found}; ${why}.`;
}

/** The value of `work`, or the refusal that it ran into; any other error is a bug of ours and is thrown on. */
export function attempt<T>(work: () => T): Result<T, Refusal> {
  try {
    return ok(work());
  } catch (error) {
    if (error instanceof Refused) return err(error.refusal);
    throw error;
  }
}

/** Throws Refused for what stands at an offset of the text, or at a node of it. */
export function refuse(
  { path, text }: TextFile,
  at: number | { readonly start: number },
  found: string,
  why: string,
): never {
  const offset = typeof at === "number" ? at : at.start;
  throw new Refused({ path, line: lineAt(text, offset), found, why });
}

/** The line, from 1, of an offset. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

const LONGEST_QUOTE = 80;

/** Foreign text in quotes, on one line, at most 80 characters, without control and bidirectional characters. */
export function quote(text: string): string {
  const clean = text.slice(0, 2 * LONGEST_QUOTE).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, " ");
  const short = clean.length > LONGEST_QUOTE ? `${clean.slice(0, LONGEST_QUOTE - 1)}…` : clean;
  return `"${short}"`;
}
