/** Code points from low to high, both included. */
export type Range = readonly [low: number, high: number];

/** Ranges, or everything else. */
export type Group = { readonly ranges: readonly Range[]; readonly isNegated: boolean };

/** One code point out of any of the groups, or out of none of them. */
export type Chars = {
  readonly kind: "chars";
  readonly groups: readonly Group[];
  readonly isNegated: boolean;
  /** Whether upper and lower case count as the same. */
  readonly folds: boolean;
};

/** A place between two code points. */
export type Place = "textStart" | "textEnd" | "lineStart" | "lineEnd" | "wordEdge" | "noWordEdge";

export type Tree =
  | { readonly kind: "empty" }
  | Chars
  | { readonly kind: "place"; readonly place: Place }
  | { readonly kind: "sequence"; readonly parts: readonly Tree[] }
  | { readonly kind: "choice"; readonly parts: readonly Tree[] }
  | { readonly kind: "repeat"; readonly part: Tree; readonly least: number; readonly most: number };

/** What is wrong with a pattern: no regular expression at all, or one that is not supported here. */
export type PatternFault = { readonly kind: "invalid" | "unsupported"; readonly message: string };

/** Ends the reading of a pattern; caught in pattern.ts. */
export class Unreadable extends Error {
  override readonly name = "Unreadable";
  readonly fault: PatternFault;

  constructor(fault: PatternFault) {
    super(fault.message);
    this.fault = fault;
  }
}

export function invalid(what: string): never {
  throw new Unreadable({ kind: "invalid", message: `the pattern is invalid: ${what}` });
}

export function unsupportedPattern(what: string): never {
  throw new Unreadable({ kind: "unsupported", message: `${what} in a pattern is not supported` });
}
