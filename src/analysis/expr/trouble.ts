/** Why a condition gives no answer. `at` is the column (from 1, in characters), 0 where a value and not a place is at fault. */
export type Trouble = {
  /** `unsupported`: Argo may well give an answer, we refuse to guess it. The others are errors in Argo as well. */
  readonly kind: "syntax" | "types" | "value" | "unsupported";
  readonly at: number;
  readonly message: string;
};

/** Ends the reading or the evaluation of a condition; caught where the condition is read or evaluated. */
export class Stopped extends Error {
  override readonly name = "Stopped";
  readonly trouble: Trouble;

  constructor(trouble: Trouble) {
    super(trouble.message);
    this.trouble = trouble;
  }
}

/** The text is no expression of the language. */
export function misspelt(at: number, message: string): never {
  throw new Stopped({ kind: "syntax", at, message });
}

/** The types do not fit, whatever the values. */
export function mistyped(at: number, message: string): never {
  throw new Stopped({ kind: "types", at, message });
}

/** The values at hand cannot be computed with. */
export function cannot(message: string): never {
  throw new Stopped({ kind: "value", at: 0, message });
}

/** Argo gives an answer here that cannot be promised to be the same. */
export function unsupported(message: string, at = 0): never {
  throw new Stopped({ kind: "unsupported", at, message });
}
